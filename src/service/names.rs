//! Names of the topics that wiredesk writes.

use crate::config::service::KafkaConfig;

/// Internal topics by their full names, and how stream names become topic names.
#[derive(Clone, Debug)]
pub struct Names {
    prefix: String,
    pub sightings: String,
    pub audit: String,
    pub dlq: String,
}

impl Names {
    pub fn new(config: &KafkaConfig) -> Self {
        let prefix = config.topic_prefix.clone();
        let name = |rest: &str| format!("{prefix}{rest}");
        Self { sightings: name("wiredesk.sightings"), audit: name("wiredesk.audit"), dlq: name("wiredesk.dlq"), prefix }
    }

    /// Topic of an output stream.
    pub fn stream(&self, stream: &str) -> String {
        format!("{}{stream}", self.prefix)
    }
}
