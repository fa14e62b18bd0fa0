//! What no schema can say about `wiredesk.toml`.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::ClientConfig;

use super::document::{Document, join};
use super::service::{Secret, ServiceConfig};
use super::{Diagnostic, Environment};

/// Properties of librdkafka for every client, secrets among them: its `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KafkaProperties(BTreeMap<String, String>);

impl KafkaProperties {
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for KafkaProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Properties that the service sets itself, because delivery, exactly once and in time, hangs on them.
const DELIVERY: &[&str] = &[
    "acks",
    "auto.commit.interval.ms",
    "auto.offset.reset",
    "client.id",
    "compression.codec",
    "compression.type",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "fetch.queue.backoff.ms",
    "group.instance.id",
    "group.protocol",
    "heartbeat.interval.ms",
    "isolation.level",
    "linger.ms",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "max.poll.interval.ms",
    "message.send.max.retries",
    "message.timeout.ms",
    "partition.assignment.strategy",
    "partitioner",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.ms",
    "queued.max.messages.kbytes",
    "request.required.acks",
    "retries",
    "statistics.interval.ms",
    "topic.metadata.refresh.interval.ms",
    "transaction.timeout.ms",
    "transactional.id",
];

/// Properties that have a key of their own.
const OWN_KEY: &[(&str, &str)] = &[
    ("bootstrap.servers", "kafka.bootstrap_servers"),
    ("metadata.broker.list", "kafka.bootstrap_servers"),
    ("group.id", "kafka.group_id"),
    ("message.max.bytes", "kafka.max_message_bytes"),
    ("session.timeout.ms", "kafka.session_timeout_ms"),
];

/// Checks the service's file, and resolves its secrets. Mistakes are added to `found`.
pub fn check(
    document: &Document,
    service: &ServiceConfig,
    environment: Environment<'_>,
    found: &mut Vec<Diagnostic>,
) -> KafkaProperties {
    servers(document, service, found);
    limits(document, service, found);
    if let Some(path) = service.knowledge.path.as_ref().filter(|path| !path.is_file()) {
        found.push(document.error("/knowledge/path", format!("no file stands at {}", path.display())));
    }
    for (at, table) in service.knowledge.tables.iter().enumerate().filter(|(_, table)| !table.is_file()) {
        found
            .push(document.error(&format!("/knowledge/tables/{at}"), format!("no file stands at {}", table.display())));
    }
    let mut resolved = BTreeMap::new();
    for (name, value) in &service.kafka.properties {
        let pointer = join("/kafka/properties", name);
        if let Some(message) = refused(name) {
            found.push(document.error_at_key(&pointer, message));
        } else if is_secret(name) {
            let message = format!(
                "a secret in clear text; give it as kafka.secrets: \"{name}\" = {{ env = \"NAME\" }} or {{ file = \"PATH\" }}"
            );
            found.push(document.error_at_key(&pointer, message));
        } else if let Err(error) = ClientConfig::new().set(name, value).create_native_config() {
            found.push(document.error_at_key(&pointer, format!("librdkafka refuses it: {error}")));
        }
        resolved.insert(name.clone(), value.clone());
    }
    for (name, secret) in &service.kafka.secrets {
        let pointer = join("/kafka/secrets", name);
        if let Some(message) = refused(name) {
            found.push(document.error_at_key(&pointer, message));
        }
        if service.kafka.properties.contains_key(name) {
            found.push(document.error_at_key(&pointer, "given in kafka.properties as well; keep one"));
        }
        match resolve(secret, environment) {
            Ok(value) => drop(resolved.insert(name.clone(), value)),
            Err(message) => found.push(document.error(&pointer, message)),
        }
    }
    KafkaProperties(resolved)
}

/// Why a property may not be set, if it may not.
fn refused(name: &str) -> Option<String> {
    if DELIVERY.contains(&name) {
        return Some("wiredesk sets it itself, because delivery depends on it; take it out".to_owned());
    }
    let own = OWN_KEY.iter().find(|(property, _)| *property == name);
    own.map(|(_, key)| format!("has a key of its own: set {key} instead"))
}

fn is_secret(name: &str) -> bool {
    name.contains("password")
        || name.contains("secret")
        || name.ends_with("key.pem")
        || name == "sasl.oauthbearer.config"
}

fn resolve(secret: &Secret, environment: Environment<'_>) -> Result<String, String> {
    let value = match secret {
        Secret::Env(name) => environment(name).ok_or_else(|| format!("the environment variable {name} is not set"))?,
        Secret::File(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    if value.is_empty() { Err("the secret is empty".to_owned()) } else { Ok(value) }
}

fn servers(document: &Document, service: &ServiceConfig, found: &mut Vec<Diagnostic>) {
    for server in service.kafka.bootstrap_servers.split(',').map(str::trim) {
        let address = server.rsplit_once("://").map_or(server, |(_, address)| address);
        let valid = address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0));
        if !valid {
            let message = format!("found \"{server}\", expected host:port such as \"localhost:9092\"");
            found.push(document.error("/kafka/bootstrap_servers", message));
        }
    }
}

fn limits(document: &Document, service: &ServiceConfig, found: &mut Vec<Diagnostic>) {
    let limits = &service.limits;
    if limits.transaction_records > limits.in_flight_records {
        let message = format!(
            "found {}, expected at most limits.in_flight_records ({})",
            limits.transaction_records, limits.in_flight_records
        );
        found.push(document.error("/limits/transaction_records", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_secrets_by_name() {
        for name in ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["sasl.username", "sasl.mechanism", "ssl.ca.pem", "ssl.key.location"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn every_property_that_it_refuses_exists() {
        for name in DELIVERY.iter().copied().chain(OWN_KEY.iter().map(|(name, _)| *name)) {
            let error = ClientConfig::new().set(name, "\u{1}").create_native_config().err().map(|e| e.to_string());
            assert!(!error.is_some_and(|e| e.contains("No such")), "{name}");
        }
    }

    #[test]
    fn debug_output_has_no_secret() {
        let properties = KafkaProperties([("sasl.password".to_owned(), "hunter2".to_owned())].into());
        assert_eq!(format!("{properties:?}"), "{\"sasl.password\"}");
    }
}
