//! `wiredesk run`: the service.

use std::sync::Arc;
use std::time::Duration;

use super::Cli;
use super::desk::load;
use super::error::{CliError, Exit};
use crate::config::Configuration;
use crate::service::{self, Broker, Plan, Shutdown};

const EXAMPLES: &str = "\
Examples:
  wiredesk run                                          the service that config/ describes
  WIREDESK_BOOTSTRAP_SERVERS=kafka:9092 wiredesk run    the same on another cluster
  WIREDESK_INSTANCE_ID=desk-1 wiredesk run              one of several instances: each needs a name of its own

Ends at SIGTERM or Ctrl-C once the work in hand is published, with exit code 0. Exit code 1: something that a restart or a
person must mend; the last line of the log says what. An unreachable broker is waited for.";

/// Run the service: consume raw topics, publish to the output streams, exactly once
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How the log on standard error is written.
    #[arg(long, value_enum, default_value = "human", env = "WIREDESK_LOG_FORMAT", hide_env_values = true)]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or directives such as `wiredesk=debug,librdkafka=warn`.
    #[arg(long, default_value = "info", env = "WIREDESK_LOG", hide_env_values = true, value_name = "LEVEL")]
    log: String,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LogFormat {
    Human,
    /// One JSON object a line.
    Json,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let filter = tracing_subscriber::EnvFilter::try_new(&self.log)
            .map_err(|error| CliError::Usage(format!("--log \"{}\": {error}", self.log)))?;
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match self.log_format {
            LogFormat::Human => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
            LogFormat::Json => log.json().init(),
        }
        let config = load(&cli.config)?;
        let shutdown = Shutdown::default();
        watch(&shutdown, Duration::from_secs(config.service.shutdown.timeout_secs) + GRACE);
        match service::run(plan(&config, Broker::Kafka), &shutdown) {
            Ok(()) => Ok(Exit::Fine),
            Err(error) => {
                tracing::error!(%error, "wiredesk ends");
                Ok(Exit::Rejects)
            }
        }
    }
}

/// What closing the clients may take after the work in hand is done or left.
const GRACE: Duration = Duration::from_secs(10);

/// Ends the process when closing hangs: librdkafka has reports of that when topics are deleted meanwhile. What was not
/// committed is read again by the next owner.
fn watch(shutdown: &Shutdown, patience: Duration) {
    let shutdown = shutdown.clone();
    std::thread::spawn(move || {
        while !shutdown.requested() {
            std::thread::sleep(Duration::from_millis(100));
        }
        std::thread::sleep(patience);
        tracing::error!("closing takes too long: exit");
        std::process::exit(1);
    });
}

/// What the service runs, for a configuration.
pub fn plan(config: &Configuration, broker: Broker) -> Plan {
    Plan {
        config: config.service.clone(),
        kafka_properties: config.kafka_properties.clone(),
        feeds: config.feeds.clone(),
        pipeline: Arc::clone(&config.pipeline),
        streams: config.pipeline.routes.streams().map(ToString::to_string).collect(),
        broker,
    }
}
