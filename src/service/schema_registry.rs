//! The schema of published items in a Schema Registry, for readers that ask one: an option (`[schema_registry]`).
//!
//! Before anything is read, the schema is registered as `<topic>-value` for each stream of ninjs objects, over the REST interface
//! that Confluent's registry, Karapace and Apicurio share. Registering what is there already changes nothing and gives the same
//! id, so that every instance does it at every start. With `framing`, the id stands before each value of these streams.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::health::Health;
use super::shutdown::{Backoff, Shutdown};
use crate::config::service::SchemaRegistryConfig;
use crate::item::output::SchemaId;
use crate::schema::item;

const TIMEOUT: Duration = Duration::from_secs(10);
const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Ids to put before the values of topics, by the topics' full names. Empty without `framing`.
pub type Framing = BTreeMap<String, SchemaId>;

/// What an operator must mend before the service can start.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("schema registry: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the schema registry at {url} refuses the schema of {subject}: {status}: {message}; {advice}")]
    Refused { url: String, subject: String, status: StatusCode, message: String, advice: &'static str },
    #[error("what answers at {url} is no schema registry: no id in {answer}")]
    NoId { url: String, answer: String },
}

/// What to try again, and what not.
enum Step {
    Wait(String),
    Fail(RegistryError),
}

/// Registers the schema for some topics; waits for the registry as long as it takes, or until shutdown is requested.
///
/// # Errors
/// What the registry has against the schema.
pub fn register(
    config: &SchemaRegistryConfig,
    topics: &[String],
    health: &Health,
    shutdown: &Shutdown,
) -> Result<Framing, RegistryError> {
    let registry = Registry {
        client: Client::builder().timeout(TIMEOUT).build()?,
        url: config.url.trim_end_matches('/'),
        body: json!({ "schemaType": "JSON", "schema": item::bundled().to_string() }).to_string(),
    };
    let mut ids = Framing::new();
    let mut backoff = Backoff::default();
    let mut left = topics.iter();
    let mut topic = left.next();
    while let (Some(name), false) = (topic, shutdown.requested()) {
        match registry.register(&format!("{name}-value")) {
            Ok(id) => {
                tracing::info!(topic = name, id, "schema registered");
                ids.insert(name.clone(), id);
                topic = left.next();
                backoff.reset();
            }
            Err(Step::Fail(error)) => return Err(error),
            Err(Step::Wait(reason)) => {
                health.not_ready("start", format!("waiting for the schema registry at {}: {reason}", registry.url));
                shutdown.sleep(backoff.step());
            }
        }
    }
    if topic.is_none() {
        health.ready("start");
    }
    Ok(if config.framing { ids } else { Framing::new() })
}

struct Registry<'a> {
    client: Client,
    url: &'a str,
    /// What is posted, for every subject the same.
    body: String,
}

impl Registry<'_> {
    fn register(&self, subject: &str) -> Result<SchemaId, Step> {
        let url = format!("{}/subjects/{subject}/versions", self.url);
        let request = self.client.post(url).header("content-type", MEDIA_TYPE).body(self.body.clone());
        let response = request.send().map_err(|error| Step::Wait(error.to_string()))?;
        let status = response.status();
        let text = response.text().map_err(|error| Step::Wait(error.to_string()))?;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Step::Wait(format!("{status}: {text}")));
        }
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if !status.is_success() {
            let message = answer["message"].as_str().unwrap_or(&text).to_owned();
            let (url, subject) = (self.url.to_owned(), subject.to_owned());
            return Err(Step::Fail(RegistryError::Refused { url, subject, status, message, advice: advice(status) }));
        }
        let id = answer["id"].as_u64().and_then(|id| SchemaId::try_from(id).ok());
        id.ok_or_else(|| Step::Fail(RegistryError::NoId { url: self.url.to_owned(), answer: text }))
    }
}

/// What an operator can do.
fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::CONFLICT => {
            "the subject holds another schema that this one is not compatible with: set the subject's compatibility to NONE, or \
             delete the subject"
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "reach it through a proxy that logs in",
        StatusCode::NOT_FOUND => "look whether schema_registry.url is right",
        _ => "take [schema_registry] out of wiredesk.toml to go on without it",
    }
}

#[cfg(test)]
mod tests;
