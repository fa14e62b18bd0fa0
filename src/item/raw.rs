//! What a consumer reads: one Kafka record, uninterpreted.

use std::fmt;
use std::sync::Arc;

/// Where a record stands in Kafka. It identifies the record for as long as the topic is not deleted and made again;
/// the sightings log therefore compares the record's hash and time as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordOrigin {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: i64,
}

impl fmt::Display for RecordOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.topic, self.partition, self.offset)
    }
}

/// Where one item stands: its record, and its index within the record (a document may hold several items).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub record: RecordOrigin,
    pub item: u32,
}

impl Origin {
    /// The URN of an item whose wire gives no id of its own, for example `urn:wiredesk:raw.ians:0:17:0`.
    ///
    /// Kafka topic names hold only letters, digits, `.`, `_` and `-`, all of which a URN may hold (RFC 8141).
    pub fn urn(&self) -> String {
        let RecordOrigin { topic, partition, offset } = &self.record;
        format!("urn:wiredesk:{topic}:{partition}:{offset}:{}", self.item)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.record, self.item)
    }
}

/// One raw record.
#[derive(Clone, Debug)]
pub struct RawItem {
    pub origin: RecordOrigin,
    pub key: Option<Vec<u8>>,
    /// The value; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// The record's Kafka timestamp, in milliseconds since the Unix epoch. All "now" of the pure stages is this.
    pub timestamp_ms: i64,
}

impl RawItem {
    /// The value of the first header of that name (case-insensitive), if it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .and_then(|(_, v)| v.as_deref())
            .and_then(|v| std::str::from_utf8(v).ok())
    }

    /// What the record holds in memory, in bytes: the figure that back-pressure is bounded by.
    pub fn size_bytes(&self) -> usize {
        self.payload.as_ref().map_or(0, Vec::len)
            + self.key.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, Vec::len)).sum::<usize>()
    }
}
