//! `wiredesk run` as separate processes, each with a configuration on disk, watched from outside only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::LazyLock;
use std::time::Duration;

use super::process::Guarded;
use super::{free_port, scratch_dir, wait_for};

/// One desk: the configuration that its instances share, and the names of its topics.
pub struct Desk {
    dir: PathBuf,
    bootstrap_servers: String,
    /// Before the names of all topics that the service writes; also the consumer group's name.
    pub prefix: String,
    /// Added to each instance's environment.
    pub environment: Vec<(String, String)>,
}

/// `[kafka]`, `[desk]`, `[limits]` and so on in `wiredesk.toml`: lines that differ from the tests' defaults, by section.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// One feed of text items.
#[derive(Clone, Debug)]
pub struct FeedSpec {
    pub id: &'static str,
    pub topics: Vec<String>,
    /// Further lines of the feed's file, top-level keys first.
    pub extra: &'static str,
}

impl Desk {
    /// Writes the configuration of a desk of that name; the name must be the test's own.
    pub fn new(bootstrap_servers: &str, name: &str, settings: Settings<'_>, feeds: &[FeedSpec], routes: &str) -> Desk {
        let dir = scratch_dir(&format!("desk-{name}"));
        let prefix = format!("{name}.");
        std::fs::write(dir.join("wiredesk.toml"), service_file(bootstrap_servers, name, &prefix, settings))
            .expect("scratch is writable");
        std::fs::write(dir.join("routes.toml"), routes).expect("scratch is writable");
        std::fs::create_dir(dir.join("feeds")).expect("scratch is writable");
        let desk = Desk { dir, bootstrap_servers: bootstrap_servers.to_owned(), prefix, environment: Vec::new() };
        feeds.iter().for_each(|feed| desk.write_feed(feed));
        desk
    }

    /// Writes or replaces a feed's file.
    pub fn write_feed(&self, feed: &FeedSpec) {
        let topics = feed.topics.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(", ");
        let text = format!("id = \"{}\"\nformat = \"text\"\ntopics = [{topics}]\n{}\n", feed.id, feed.extra);
        std::fs::write(self.dir.join("feeds").join(format!("{}.toml", feed.id)), text).expect("scratch is writable");
    }

    pub fn config_dir(&self) -> &Path {
        &self.dir
    }

    pub fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub fn group(&self) -> &str {
        self.prefix.trim_end_matches('.')
    }

    /// Starts an instance; returns at once.
    pub fn start(&self, id: &str) -> Instance {
        let log = self.dir.join(format!("{id}.log"));
        let admin = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(env!("CARGO_BIN_EXE_wiredesk"));
        command
            .args(["run", "--config"])
            .arg(&self.dir)
            .env("WIREDESK_BOOTSTRAP_SERVERS", &self.bootstrap_servers)
            .env("WIREDESK_INSTANCE_ID", id)
            .env("WIREDESK_ADMIN_LISTEN", &admin)
            .env("RUST_BACKTRACE", "1")
            .envs(self.environment.iter().map(|(k, v)| (k, v)));
        let process = Guarded::spawn(&mut command, &log).expect("wiredesk starts");
        Instance { id: id.to_owned(), process, admin, log }
    }

    /// Starts an instance and waits until it is ready.
    pub fn start_ready(&self, id: &str) -> Instance {
        let mut instance = self.start(id);
        instance.wait_ready(Duration::from_secs(60));
        instance
    }
}

fn service_file(bootstrap_servers: &str, group: &str, prefix: &str, settings: Settings<'_>) -> String {
    let mut sections: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    let kafka = sections.entry("kafka").or_default();
    kafka.insert("bootstrap_servers", format!("{bootstrap_servers:?}"));
    kafka.insert("group_id", format!("{group:?}"));
    kafka.insert("topic_prefix", format!("{prefix:?}"));
    kafka.insert("session_timeout_ms", "6000".to_owned());
    for (key, value) in settings {
        let (section, name) = key.split_once('.').expect("settings are named section.key");
        sections.entry(section).or_default().insert(name, (*value).to_owned());
    }
    let mut text = String::new();
    for (section, lines) in sections {
        let _ = writeln!(text, "[{section}]");
        for (name, value) in lines {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    text
}

/// A running `wiredesk run`, killed when dropped.
pub struct Instance {
    pub id: String,
    pub process: Guarded,
    /// Address of its admin port.
    pub admin: String,
    /// Both its outputs, over all its starts.
    pub log: PathBuf,
}

impl Instance {
    /// Status and text of an admin page; `None` when nothing answers.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        static CLIENT: LazyLock<reqwest::blocking::Client> = LazyLock::new(|| {
            let client = reqwest::blocking::Client::builder().timeout(Duration::from_secs(2));
            client.build().expect("the client's settings are right")
        });
        let response = CLIENT.get(format!("http://{}{path}", self.admin)).send().ok()?;
        Some((response.status().as_u16(), response.text().ok()?))
    }

    pub fn is_ready(&self) -> bool {
        self.get("/readyz").is_some_and(|(status, _)| status == 200)
    }

    /// Waits until `/readyz` says yes.
    ///
    /// # Panics
    /// When it ends instead, or does not in time; with the end of its log.
    pub fn wait_ready(&mut self, within: Duration) {
        let what = format!("{} to be ready, see {}", self.id, self.log.display());
        wait_for(&what, within, || {
            let exit = self.process.exit_status();
            assert!(exit.is_none(), "{} ended with {exit:?}:\n{}", self.id, self.log_tail());
            self.is_ready().then_some(())
        });
    }

    /// The sum of a metric's samples over the series whose labels hold all of `labels`, each written `name="value"`.
    pub fn metric(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let (_, text) = self.get("/metrics")?;
        let samples = text.lines().filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (found, found_labels) = series.split_once('{').unwrap_or((series, ""));
            (found == name && labels.iter().all(|l| found_labels.contains(l))).then(|| value.parse::<f64>().ok())?
        });
        let values: Vec<f64> = samples.collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// Waits until it owns so many raw partitions: the group hands them over in rounds, the last of which may come after
    /// everybody is ready.
    pub fn wait_owns(&self, partitions: usize, within: Duration) {
        wait_for(&format!("{} to own {partitions} raw partitions", self.id), within, || {
            let owned = self.metric("wiredesk_assigned_partitions", &[])?;
            (owned == partitions as f64).then_some(())
        });
    }

    /// What `/desk` says of its index.
    pub fn desk(&self) -> Option<serde_json::Value> {
        let (status, text) = self.get("/desk")?;
        (status == 200).then(|| serde_json::from_str(&text).ok())?
    }

    /// SIGTERM, and its exit status.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn terminate(&mut self, within: Duration) -> ExitStatus {
        self.process.signal("TERM");
        let exit = self.process.wait(within);
        exit.unwrap_or_else(|| panic!("{} does not end within {within:?}:\n{}", self.id, self.log_tail()))
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        let text = self.log_text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}
