//! A real Apache Kafka broker, one node, on ports and a folder of its own.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::process::Guarded;
use super::{free_port, scratch_dir, wait_for};

/// Any 16 bytes in base64url: Kafka wants each cluster to have a name.
const CLUSTER_ID: &str = "d2lyZWRlc2stdGVzdC1icg";

/// What a new machine needs for the tests; said when something is missing.
const REQUIRED: &str = "The delivery tests run on a real Kafka broker and need a JDK (17 or later) and Maven: run \
                        scripts/setup.sh, or on Debian and Ubuntu: apt-get install default-jdk-headless maven";

/// A broker that can be stopped, killed and started again on the same ports and data.
pub struct Broker {
    dir: PathBuf,
    port: u16,
    process: Option<Guarded>,
}

impl Broker {
    /// Starts a broker with nothing in it and waits until it answers.
    pub fn start(name: &str) -> Broker {
        let mut broker = Broker::down(name);
        broker.up();
        broker
    }

    /// A broker that has its address but does not run yet.
    pub fn down(name: &str) -> Broker {
        let dir = scratch_dir(&format!("broker-{name}"));
        let (port, controller) = (free_port(), free_port());
        std::fs::write(dir.join("server.properties"), properties(&dir, port, controller)).expect("scratch is writable");
        let broker = Broker { dir, port, process: None };
        let formatted = broker
            .java()
            .args(["kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID, "-c"])
            .arg(broker.dir.join("server.properties"))
            .output()
            .unwrap_or_else(|error| panic!("java does not start: {error}. {REQUIRED}"));
        assert!(
            formatted.status.success(),
            "the broker's folder cannot be formatted: {}{}",
            String::from_utf8_lossy(&formatted.stdout),
            String::from_utf8_lossy(&formatted.stderr)
        );
        broker
    }

    pub fn bootstrap_servers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it and waits until it answers.
    pub fn up(&mut self) {
        assert!(self.process.is_none(), "the broker runs already");
        let log = self.dir.join("broker.log");
        let mut java = self.java();
        java.arg("kafka.Kafka").arg(self.dir.join("server.properties"));
        let mut process =
            Guarded::spawn(&mut java, &log).unwrap_or_else(|error| panic!("java does not start: {error}. {REQUIRED}"));
        wait_for(&format!("the broker to answer, see {}", log.display()), Duration::from_secs(120), || {
            let exit = process.exit_status();
            assert!(exit.is_none(), "the broker ended with {exit:?}, see {}", log.display());
            self.answers().then_some(())
        });
        self.process = Some(process);
    }

    /// SIGTERM: it moves its work off, writes everything and ends.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal("TERM");
            assert!(process.wait(Duration::from_secs(60)).is_some(), "the broker does not end");
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process = None;
    }

    fn answers(&self) -> bool {
        let address = ([127, 0, 0, 1], self.port).into();
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            return false;
        }
        let client: Result<BaseConsumer, _> =
            ClientConfig::new().set("bootstrap.servers", self.bootstrap_servers()).create();
        client.is_ok_and(|c| c.fetch_metadata(None, Duration::from_secs(2)).is_ok_and(|m| !m.brokers().is_empty()))
    }

    fn java(&self) -> Command {
        let mut command = Command::new("java");
        command
            .args(["-Xms256m", "-Xmx768m"])
            .args(["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"])
            .arg("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS")
            .arg("-cp")
            .arg(format!("{}/*", jars().display()));
        command
    }
}

fn properties(dir: &Path, port: u16, controller: u16) -> String {
    let data = dir.join("data");
    let data = data.display();
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
         log.dirs={data}\n\
         auto.create.topics.enable=false\n\
         default.replication.factor=1\n\
         min.insync.replicas=1\n\
         offsets.topic.replication.factor=1\n\
         offsets.topic.num.partitions=4\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         transaction.state.log.num.partitions=4\n\
         # Instances are killed on purpose: let the group, and readers of what they left open, get over it quickly.\n\
         group.initial.rebalance.delay.ms=0\n\
         group.min.session.timeout.ms=1000\n\
         transaction.abort.timed.out.transaction.cleanup.interval.ms=1000\n"
    )
}

/// The folder with the broker's jars; the first call of a fresh checkout lets Maven fetch them.
fn jars() -> &'static Path {
    static JARS: OnceLock<PathBuf> = OnceLock::new();
    JARS.get_or_init(|| {
        // Beside target/tmp, so that all profiles and checkouts with one target folder share it.
        let kafka = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../kafka");
        let libs = kafka.join("libs-4.1.0");
        if !libs.is_dir() {
            fetch_jars(&kafka, &libs);
        }
        libs
    })
}

fn fetch_jars(kafka: &Path, libs: &Path) {
    // Into a folder of this process first: another test binary may be doing the same, and half a set is never taken for whole.
    let partial = kafka.join(format!("partial-{}", std::process::id()));
    let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/kafka/pom.xml");
    let run = Command::new("mvn")
        .args(["-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", "-f"])
        .arg(&pom)
        .arg(format!("-DoutputDirectory={}", partial.display()))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("mvn does not start: {error}. {REQUIRED}"));
    assert!(
        run.status.success(),
        "Maven could not fetch the broker named in {}:\n{}{}",
        pom.display(),
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    if std::fs::rename(&partial, libs).is_err() && !libs.is_dir() {
        panic!("cannot move {} to {}", partial.display(), libs.display());
    }
    let _ = std::fs::remove_dir_all(&partial);
}
