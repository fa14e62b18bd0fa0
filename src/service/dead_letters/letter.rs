//! One dead letter, as `render.rs` writes it: the raw record's key, value and headers, and the cause in headers of its own.

use std::sync::Arc;

use rdkafka::message::{Headers, Message};

use crate::item::{RawItem, RecordOrigin};

/// The header that counts how often a record was replayed.
pub const REPLAYS: &str = "wiredesk.replays";
/// What names a header as the desk's own.
const OWN: &str = "wiredesk.";

/// A record that could not become an item, and why.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Partition and offset in the dead-letter topic.
    pub place: (i32, i64),
    /// The record as it was read, under the place that it was read from; without the headers that the desk added.
    pub raw: RawItem,
    pub feed: String,
    pub stage: String,
    pub reason: String,
    pub message: String,
    /// Which item of the record it was; of a record refused whole, 0.
    pub item: u32,
    /// The record's own size, where it was larger than the dead-letter topic takes: then its end is missing.
    pub truncated_from_bytes: Option<u64>,
    /// How often it was replayed before.
    pub replays: u32,
}

/// A record of the dead-letter topic that somebody else wrote.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{partition}:{offset} is no dead letter of wiredesk: {lacks}")]
pub struct NotALetter {
    pub partition: i32,
    pub offset: i64,
    pub lacks: String,
}

impl DeadLetter {
    /// Reads a record of the dead-letter topic.
    ///
    /// # Errors
    /// When it lacks one of the headers that the desk gives every dead letter.
    pub fn read(message: &impl Message) -> Result<Self, NotALetter> {
        let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
        let mut own = Vec::new();
        for header in message.headers().into_iter().flat_map(Headers::iter) {
            match header.key.strip_prefix(OWN) {
                Some(name) => {
                    own.push((name.to_owned(), String::from_utf8_lossy(header.value.unwrap_or_default()).into_owned()))
                }
                None => headers.push((header.key.to_owned(), header.value.map(<[u8]>::to_vec))),
            }
        }
        let fail = |lacks: String| NotALetter { partition: message.partition(), offset: message.offset(), lacks };
        // The last one of a name is the desk's; one before it came with the raw record.
        let find = |name: &str| own.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let text = |name: &str| find(name).ok_or_else(|| fail(format!("no header {OWN}{name}")));
        let number = |name: &str| {
            let value = text(name)?;
            value.parse::<i64>().map_err(|_| fail(format!("header {OWN}{name} is no number: {value}")))
        };
        let narrow = |name: &str| {
            let value = number(name)?;
            i32::try_from(value).map_err(|_| fail(format!("header {OWN}{name} is out of range: {value}")))
        };
        Ok(Self {
            place: (message.partition(), message.offset()),
            raw: RawItem {
                origin: RecordOrigin {
                    topic: Arc::from(text("topic")?),
                    partition: narrow("partition")?,
                    offset: number("offset")?,
                },
                key: message.key().map(<[u8]>::to_vec),
                payload: message.payload().map(<[u8]>::to_vec),
                headers,
                timestamp_ms: number("timestamp")?,
            },
            feed: text("feed")?,
            stage: text("stage")?,
            reason: text("reason")?,
            message: text("message")?,
            item: narrow("item")?.unsigned_abs(),
            truncated_from_bytes: find("truncated_from_bytes").and_then(|bytes| bytes.parse().ok()),
            replays: find("replays").and_then(|count| count.parse().ok()).unwrap_or(0),
        })
    }
}

/// Which dead letters are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub feed: Option<String>,
    pub stage: Option<String>,
    pub reason: Option<String>,
    /// The raw topic.
    pub topic: Option<String>,
    /// The raw record's Kafka timestamp, in milliseconds since the Unix epoch: this or later.
    pub since_ms: Option<i64>,
    /// Before this.
    pub until_ms: Option<i64>,
}

impl Filter {
    pub fn takes(&self, letter: &DeadLetter) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        is(&self.feed, &letter.feed)
            && is(&self.stage, &letter.stage)
            && is(&self.reason, &letter.reason)
            && is(&self.topic, &letter.raw.origin.topic)
            && self.since_ms.is_none_or(|since| letter.raw.timestamp_ms >= since)
            && self.until_ms.is_none_or(|until| letter.raw.timestamp_ms < until)
    }

    /// A name that tells this filter from others, of letters that a consumer group's name may hold.
    pub fn name(&self) -> String {
        let text = format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            self.feed, self.stage, self.reason, self.topic, self.since_ms, self.until_ms
        );
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::Timestamp;
    use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

    use super::*;

    fn message(headers: &[(&str, &str)]) -> OwnedMessage {
        let headers = headers
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(value.as_bytes()) }));
        OwnedMessage::new(
            Some(b"\xff\0body".to_vec()),
            Some(b"k".to_vec()),
            "wiredesk.dlq".to_owned(),
            Timestamp::CreateTime(9),
            2,
            17,
            Some(headers),
        )
    }

    const CAUSE: [(&str, &str); 9] = [
        ("wiredesk.feed", "metro"),
        ("wiredesk.stage", "decode"),
        ("wiredesk.reason", "malformed"),
        ("wiredesk.message", "line 3"),
        ("wiredesk.topic", "raw.metro"),
        ("wiredesk.partition", "1"),
        ("wiredesk.offset", "42"),
        ("wiredesk.item", "0"),
        ("wiredesk.timestamp", "1767225600000"),
    ];

    #[test]
    fn the_raw_record_is_given_back_without_what_the_desk_added() {
        let raw = [("x-agency", "nwa"), ("wiredesk.replays", "2"), ("wiredesk.reason", "empty")];
        let letter = DeadLetter::read(&message(&[&raw[..], &CAUSE[..]].concat())).unwrap();
        assert_eq!(letter.place, (2, 17));
        assert_eq!(letter.raw.origin.to_string(), "raw.metro/1/42");
        assert_eq!(letter.raw.headers, [("x-agency".to_owned(), Some(b"nwa".to_vec()))]);
        assert_eq!(letter.raw.payload.as_deref(), Some(&b"\xff\0body"[..]));
        assert_eq!((letter.raw.timestamp_ms, letter.replays), (1_767_225_600_000, 2));
        assert_eq!(letter.reason, "malformed", "the desk's own, not one that came with the record");
    }

    #[test]
    fn what_somebody_else_wrote_is_named() {
        let lacks = DeadLetter::read(&message(&CAUSE[..8])).unwrap_err();
        assert_eq!(lacks.to_string(), "2:17 is no dead letter of wiredesk: no header wiredesk.timestamp");
        let mut broken = CAUSE;
        broken[6].1 = "last";
        assert!(DeadLetter::read(&message(&broken)).unwrap_err().lacks.contains("is no number: last"));
    }

    #[test]
    fn a_filter_takes_what_fits_all_of_it() {
        let letter = DeadLetter::read(&message(&CAUSE)).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert!(Filter::default().takes(&letter));
        let fits = Filter {
            feed: some("metro"),
            stage: some("decode"),
            reason: some("malformed"),
            topic: some("raw.metro"),
            since_ms: Some(1_767_225_600_000),
            until_ms: Some(1_767_225_600_001),
        };
        assert!(fits.takes(&letter));
        for other in [
            Filter { feed: some("ians"), ..fits.clone() },
            Filter { stage: some("route"), ..fits.clone() },
            Filter { reason: some("empty"), ..fits.clone() },
            Filter { topic: some("raw.ians"), ..fits.clone() },
            Filter { since_ms: Some(1_767_225_600_001), ..fits.clone() },
            Filter { until_ms: Some(1_767_225_600_000), ..fits.clone() },
        ] {
            assert!(!other.takes(&letter), "{other:?}");
            assert_ne!(other.name(), fits.name());
        }
    }
}
