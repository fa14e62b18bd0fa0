//! `wiredesk health`: is the instance on this machine alive? For supervisors and images without a shell.

use std::net::SocketAddr;
use std::time::Duration;

use super::error::{CliError, Exit};
use super::{Cli, admin};
use crate::config;

const EXAMPLES: &str = "\
Examples:
  wiredesk health               alive? what a container's health check asks; exit code 1 if not, with the reason
  wiredesk health --ready       and does it take part: broker reached, desk restored, group joined?
  wiredesk health --address 127.0.0.1:9464";

/// Ask the instance on this machine whether it is alive, or ready; exit code 1 if not
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Ask whether it is ready, not only alive. A supervisor restarts what is not alive; what is not ready is waiting for something.
    #[arg(long)]
    ready: bool,
    /// Its admin address; default: `admin.listen` of the configuration.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<SocketAddr>,
    /// How long to wait for each step of the answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout_secs: u64,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let address = match self.address {
            Some(address) => address,
            None => config::load_service(&cli.config).map_err(CliError::Configuration)?.0.admin.listen,
        };
        let address = admin::reachable(address);
        let path = if self.ready { "/readyz" } else { "/livez" };
        match admin::get(address, path, Duration::from_secs(self.timeout_secs)) {
            Ok(answer) if answer.status == 200 => Ok(Exit::Fine),
            Ok(answer) => {
                eprint!("{}", answer.body);
                Ok(Exit::Rejects)
            }
            Err(error) => {
                eprintln!("no answer from {address}: {error}");
                Ok(Exit::Rejects)
            }
        }
    }
}
