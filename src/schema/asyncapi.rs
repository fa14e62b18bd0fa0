//! An AsyncAPI 3.0 description of the topics that a configuration reads and writes.
//!
//! For those who read the output streams: which topics there are, what a record's value, key and headers are. Payloads refer to the
//! schemas beside it (`item.schema.json`, `audit.schema.json`), because these are of another draft than AsyncAPI's own and have ids.

use serde_json::{Map, Value, json};

use crate::config::Configuration;
use crate::config::routes::{Content, HeaderSet, OutputConfig, OutputFormat, RecordKey};
use crate::item::output::content_type;
use crate::prepare::route::{NOTICES, UNROUTED};
use crate::service::Names;

const SCHEMA_FORMAT: &str = "application/schema+json;version=draft-2020-12";
const BINDING_VERSION: &str = "0.5.0";

/// The description.
pub fn document(config: &Configuration) -> Value {
    let names = Names::new(&config.service.kafka);
    let mut parts = Parts::default();
    for feed in &config.feeds {
        for topic in &feed.config.topics {
            let about = format!("Raw items of the feed {}, as the wire sends them.", feed.id);
            parts.channel(topic, &feed.id, &about, None, "raw");
            parts.operation("receive", topic, &config.service.kafka.group_id);
        }
    }
    let routes = &config.pipeline.routes;
    for stream in routes.streams() {
        let output = routes.output(stream);
        let message = parts.item_message(output);
        let topic = names.stream(stream);
        let (title, about) = match routes.described(stream) {
            Some((name, description)) => (name.unwrap_or(stream), description.unwrap_or_default()),
            None if **stream == *NOTICES => {
                ("Notices", "Kills of items that the desk does not know, or knows a newer version of.")
            }
            None if **stream == *UNROUTED => ("Unrouted", "Items that no route takes."),
            None => (&**stream, ""),
        };
        parts.channel(&topic, title, about, output.partitions, &message);
        parts.operation("send", &topic, "");
    }
    parts.channel(&names.audit, "Audit", "How every item of every raw record ended.", None, "audit");
    parts.operation("send", &names.audit, "");
    let dead = "Raw records that hold what could not be read, with their own headers and the cause.";
    parts.channel(&names.dlq, "Dead letters", dead, None, "dead-letter");
    parts.operation("send", &names.dlq, "");
    parts.into_document(config)
}

#[derive(Default)]
struct Parts {
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
}

impl Parts {
    fn channel(&mut self, topic: &str, title: &str, about: &str, partitions: Option<i32>, message: &str) {
        let mut binding = json!({ "topic": topic, "bindingVersion": BINDING_VERSION });
        if let (Some(partitions), Some(binding)) = (partitions, binding.as_object_mut()) {
            binding.insert("partitions".to_owned(), partitions.into());
        }
        let mut channel = json!({
            "address": topic,
            "title": title,
            "messages": { message: { "$ref": format!("#/components/messages/{message}") } },
            "bindings": { "kafka": binding },
        });
        if let (false, Some(channel)) = (about.is_empty(), channel.as_object_mut()) {
            channel.insert("description".to_owned(), about.into());
        }
        self.channels.insert(topic.to_owned(), channel);
    }

    fn operation(&mut self, action: &str, topic: &str, group_id: &str) {
        let mut operation = json!({ "action": action, "channel": { "$ref": format!("#/channels/{topic}") } });
        if let (false, Some(operation)) = (group_id.is_empty(), operation.as_object_mut()) {
            let group = json!({ "type": "string", "const": group_id });
            operation.insert(
                "bindings".to_owned(),
                json!({ "kafka": { "groupId": group, "bindingVersion": BINDING_VERSION } }),
            );
        }
        self.operations.insert(format!("{action}-{topic}"), operation);
    }

    /// The message of a stream's records; streams that say the same share it. Its name tells what is not the default.
    fn item_message(&mut self, output: OutputConfig) -> String {
        let mut name = "item".to_owned();
        let mut note = |is_other: bool, what: &str| {
            if is_other {
                name.push('-');
                name.push_str(what);
            }
        };
        note(output.format == OutputFormat::NewsmlG2, "newsml-g2");
        note(output.content == Content::Headline, "headline");
        note(output.key == RecordKey::Uri, "by-uri");
        note(output.key == RecordKey::Story, "by-story");
        note(output.headers == HeaderSet::Plain, "plain-headers");
        note(output.headers == HeaderSet::None, "no-headers");
        self.messages.entry(name.clone()).or_insert_with(|| item_message(output));
        name
    }

    fn into_document(mut self, config: &Configuration) -> Value {
        let key = "topic and partition of the raw record, with a slash between them";
        let audit = json!({
            "title": "Audit record",
            "contentType": "application/json",
            "payload": schema("audit"),
            "bindings": key_binding(key),
        });
        self.messages.insert("audit".to_owned(), audit);
        let raw = json!({
            "title": "Raw item",
            "summary": "One record of a wire, in the format that the feed's file names.",
            "contentType": "application/octet-stream",
            "payload": { "type": "string", "format": "binary" },
        });
        self.messages.insert("raw".to_owned(), raw);
        self.messages.insert("dead-letter".to_owned(), dead_letter());
        let servers: Map<String, Value> = (1..)
            .zip(config.service.kafka.bootstrap_servers.split(','))
            .map(|(at, host)| (format!("kafka-{at}"), json!({ "host": host.trim(), "protocol": "kafka" })))
            .collect();
        json!({
            "asyncapi": "3.0.0",
            "info": {
                "title": "wiredesk",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Raw wire items in, one deduplicated, tagged and routed news item out. Made by `wiredesk schema \
                                asyncapi` from the configuration. Read the output topics with `isolation.level=read_committed`.",
                "license": { "name": "Apache-2.0" },
            },
            "defaultContentType": "application/json",
            "servers": servers,
            "channels": self.channels,
            "operations": self.operations,
            "components": { "messages": self.messages },
        })
    }
}

fn schema(name: &str) -> Value {
    json!({ "schemaFormat": SCHEMA_FORMAT, "schema": { "$ref": format!("./{name}.schema.json") } })
}

fn item_message(output: OutputConfig) -> Value {
    let summary = match (output.format, output.content) {
        (OutputFormat::Ninjs, Content::Full) => "A ninjs 3.1 object, extended with `wiredesk`.",
        (OutputFormat::Ninjs, Content::Headline) => {
            "A ninjs 3.1 object, extended with `wiredesk`, without body and summary."
        }
        (OutputFormat::NewsmlG2, Content::Full) => "A NewsML-G2 news item, version 2.34, power conformance.",
        (OutputFormat::NewsmlG2, Content::Headline) => {
            "A NewsML-G2 news item, version 2.34, power conformance, without content and summary."
        }
    };
    let payload = match output.format {
        OutputFormat::Ninjs => schema("item"),
        OutputFormat::NewsmlG2 => json!({ "type": "string", "description": "XML, UTF-8." }),
    };
    let key = match output.key {
        RecordKey::Root => {
            "URI of the first item of the chain: versions, corrections and kills of an item stay in order"
        }
        RecordKey::Uri => "the item's own URI",
        RecordKey::Story => "id of the item's story, or URI of the first item of its chain where it has none",
    };
    let mut message = json!({
        "title": "News item",
        "summary": summary,
        "contentType": content_type(output),
        "payload": payload,
        "bindings": key_binding(key),
    });
    if let (Some(headers), Some(message)) = (headers(output), message.as_object_mut()) {
        message.insert("headers".to_owned(), headers);
    }
    message
}

fn key_binding(what: &str) -> Value {
    json!({ "kafka": { "key": { "type": "string", "description": what }, "bindingVersion": BINDING_VERSION } })
}

fn headers(output: OutputConfig) -> Option<Value> {
    let content_type = json!({ "type": "string", "const": content_type(output) });
    let text = |what: &str| json!({ "type": "string", "description": what });
    match output.headers {
        HeaderSet::None => None,
        HeaderSet::Plain => Some(json!({
            "type": "object", "required": ["content-type"], "properties": { "content-type": content_type },
        })),
        HeaderSet::Cloudevents => Some(json!({
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "content-type"],
            "properties": {
                "ce_specversion": { "type": "string", "const": "1.0" },
                "ce_id": text("Topic, partition and offset of the raw record, and the item's place in it."),
                "ce_source": text("`/wiredesk/` and the feed's id."),
                "ce_type": text("`wiredesk.item.` and the verdict."),
                "ce_subject": text("The item's URI."),
                "ce_time": { "type": "string", "format": "date-time", "description": "When the raw record was received." },
                "traceparent": text("W3C trace context, where the raw record has one."),
                "tracestate": text("W3C trace context, where the raw record has one."),
                "content-type": content_type,
            },
        })),
    }
}

fn dead_letter() -> Value {
    let text = |what: &str| json!({ "type": "string", "description": what });
    json!({
        "title": "Dead letter",
        "summary": "A raw record's key, value, headers and time, and the cause in further headers.",
        "contentType": "application/octet-stream",
        "payload": { "type": "string", "format": "binary" },
        "headers": {
            "type": "object",
            "required": [
                "wiredesk.feed", "wiredesk.stage", "wiredesk.reason", "wiredesk.message", "wiredesk.topic",
                "wiredesk.partition", "wiredesk.offset", "wiredesk.item", "wiredesk.timestamp",
            ],
            "properties": {
                "wiredesk.feed": text("Id of the feed."),
                "wiredesk.stage": text("Stage that refused it."),
                "wiredesk.reason": text("Why, as one word."),
                "wiredesk.message": text("Why, for a person."),
                "wiredesk.topic": text("Raw topic."),
                "wiredesk.partition": text("Raw partition."),
                "wiredesk.offset": text("Raw offset."),
                "wiredesk.item": text("Place of the item in the record."),
                "wiredesk.timestamp": text("The raw record's time, in milliseconds."),
                "wiredesk.truncated_from_bytes": text("Size of a value that was too large and is cut."),
            },
        },
    })
}
