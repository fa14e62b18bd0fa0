//! What the demo sends: a day of a small desk.

/// The demo's configuration, by path in its folder.
pub const FILES: &[(&str, &str)] = &[
    ("wiredesk.toml", include_str!("wiredesk.toml")),
    ("routes.toml", include_str!("../../../config/routes.toml")),
    ("topics.toml", include_str!("../../../config/topics.toml")),
    ("feeds/ians.toml", include_str!("feeds/ians.toml")),
    ("feeds/harbour.toml", include_str!("feeds/harbour.toml")),
    ("feeds/metro.toml", include_str!("feeds/metro.toml")),
];

/// A record to send, and what a reader should look at.
pub struct Step {
    pub about: &'static str,
    pub topic: &'static str,
    pub key: Option<&'static str>,
    pub version: Option<&'static str>,
    /// `None`: a tombstone.
    pub payload: Option<&'static [u8]>,
}

const fn step(about: &'static str, topic: &'static str, payload: &'static str) -> Step {
    Step { about, topic, key: None, version: None, payload: Some(payload.as_bytes()) }
}

const fn version(step: Step, version: &'static str) -> Step {
    Step { key: Some("IANS-2026-1001"), version: Some(version), ..step }
}

/// In this order; each is sent when the one before has its outcome.
pub const SCRIPT: &[Step] = &[
    version(step("an original", "raw.ians", include_str!("items/original.txt")), "1"),
    step(
        "a near-copy of it on another feed, cut, another dateline",
        "raw.harbour",
        include_str!("items/near-copy.txt"),
    ),
    step("the same copy once more, on a feed that flags duplicates", "raw.metro", include_str!("items/near-copy.txt")),
    version(step("an update: two paragraphs more", "raw.ians", include_str!("items/update.txt")), "2"),
    version(step("a correction: another figure", "raw.ians", include_str!("items/correction.txt")), "3"),
    step("an unrelated story", "raw.metro", include_str!("items/unrelated.txt")),
    Step {
        about: "a broken record: a picture among the text",
        topic: "raw.metro",
        key: None,
        version: None,
        payload: Some(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00\x00\x00\x01\x00\x08\x06\x00\x00\x00"),
    },
    version(step("a kill", "raw.ians", include_str!("items/kill.txt")), "4"),
    Step { about: "a tombstone", topic: "raw.metro", key: Some("gone"), version: None, payload: None },
];
