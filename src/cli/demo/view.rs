//! How the demo shows things.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

use super::script::Step;
use super::{consumer, next_line};
use crate::item::Outcome;
use crate::item::outcome::AuditRecord;
use crate::service::{Names, Plan};

/// Reads the audit topic and the output streams from their beginnings.
pub struct Reader {
    audit: BaseConsumer,
    outputs: BaseConsumer,
    /// Published items not yet asked for, by origin.
    items: HashMap<(String, i64), Value>,
}

impl Reader {
    pub fn new(broker: &str, names: &Names, plan: &Plan) -> Result<Self, KafkaError> {
        let from_the_beginning = |topics: Vec<String>| {
            let reader = consumer(broker)?;
            let mut list = TopicPartitionList::new();
            for topic in topics {
                list.add_partition_offset(&topic, 0, Offset::Beginning)?;
            }
            reader.assign(&list)?;
            Ok::<_, KafkaError>(reader)
        };
        Ok(Self {
            audit: from_the_beginning(vec![names.audit.clone()])?,
            outputs: from_the_beginning(plan.streams.iter().map(|s| names.stream(s)).collect())?,
            items: HashMap::new(),
        })
    }

    pub fn audit_line(&mut self) -> Result<Option<AuditRecord>, KafkaError> {
        next_line(&self.audit)
    }

    /// The item of an audit line, as it was published.
    pub fn published(&mut self, line: &AuditRecord) -> Result<Option<Value>, KafkaError> {
        if line.outcome != Outcome::Published {
            return Ok(None);
        }
        let origin = (line.topic.clone(), line.offset);
        let until = Instant::now() + Duration::from_secs(10);
        while !self.items.contains_key(&origin) && Instant::now() < until {
            let Some(message) = self.outputs.poll(Duration::from_millis(100)) else { continue };
            let Ok(item) = serde_json::from_slice::<Value>(message?.payload().unwrap_or_default()) else { continue };
            let topic = item.pointer("/wiredesk/origin/topic").and_then(Value::as_str).unwrap_or_default().to_owned();
            let offset = item.pointer("/wiredesk/origin/offset").and_then(Value::as_i64).unwrap_or_default();
            self.items.insert((topic, offset), item);
        }
        Ok(self.items.remove(&origin))
    }
}

pub fn opening(plan: &Plan, broker: &str, admin: &str) {
    let feeds: Vec<&str> = plan.feeds.iter().map(|f| &*f.id).collect();
    println!("wiredesk on an in-process broker at {broker}; admin port http://{admin}");
    println!("feeds: {}; {} output streams\n", feeds.join(", "), plan.streams.len());
}

pub fn sent(number: usize, step: &Step) {
    println!("{number}. {} <- {}", step.topic, step.about);
}

pub fn outcome(line: &AuditRecord, item: Option<&Value>) {
    let verdict = line.verdict.map_or(String::new(), |v| format!(", {}", v.as_str()));
    let of = line.of.as_deref().map_or(String::new(), |of| format!(" of {of}"));
    println!("   {}{verdict}{of}", line.outcome.as_str());
    if let Some(reason) = line.reason {
        println!("   why: {}; its bytes are in wiredesk.dlq", reason.as_str());
    }
    if !line.streams.is_empty() {
        println!("   in: {}", line.streams.join(", "));
    }
    if let Some(item) = item {
        details(item);
    }
    println!();
}

fn details(item: &Value) {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(similarity) = item.pointer("/wiredesk/similarity").and_then(Value::as_f64) {
        println!("   matched: {} at {similarity:.2}", text("/wiredesk/matched"));
    }
    let title = match text("/headlines/0/value") {
        headline if headline.is_empty() => text("/bodies/0/value").chars().take(90).collect(),
        headline => headline,
    };
    println!("   text: {title}");
    let names = |pointer: &str, name: &str, keep: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let list = item.pointer(pointer).and_then(Value::as_array);
        let found = list.into_iter().flatten().filter(|v| keep(v));
        found.filter_map(|v| v[name].as_str()).take(6).map(str::to_owned).collect()
    };
    let print = |label: &str, list: Vec<String>| {
        if !list.is_empty() {
            println!("   {label}: {}", list.join(", "));
        }
    };
    print("people", names("/people", "name", &|_| true));
    print("organisations", names("/organisations", "name", &|_| true));
    let about = |v: &Value| v["relevance"].as_f64().unwrap_or(0.0) >= 0.5;
    print("about", names("/wiredesk/regions", "name", &about));
    print("subjects", names("/subjects", "name", &|_| true));
}

pub fn closing(plan: &Plan, broker: &str, admin: &str) {
    let names = Names::new(&plan.config.kafka);
    println!("Where to look, while this runs:");
    println!("  kcat -b {broker} -C -e -q -t news.world | jq .             an output stream");
    println!("  kcat -b {broker} -C -e -q -t {} | jq -c .       how each item ended", names.audit);
    println!("  kcat -b {broker} -C -e -q -t {} -f '%h\\n'          dead letters: the causes", names.dlq);
    println!("  curl -s http://{admin}/metrics | grep ^wiredesk_         what Prometheus sees");
    println!("  curl -s http://{admin}/readyz                            ready, or why not");
}
