//! wiredesk: a newsroom's desk as a service.
//!
//! Raw wire items come in from Kafka, one topic or more a feed; each is decoded, normalized, checked against everything
//! seen in the last days, tagged with entities, regions and topics, and published as one standard news item to the output
//! streams that want it, exactly once.
//!
//! The layout follows the way of an item; `docs/architecture.md` tells it in one page.
//!
//! | module | what | kind |
//! | --- | --- | --- |
//! | [`item`] | the types an item goes through, in order | data |
//! | [`prepare`] | decode, normalize, enrich, classify, route, fingerprint | pure, stateless, parallel |
//! | [`desk`] | sightings, the index, verdicts | pure, one order |
//! | [`pipeline`] | composes the two; here the core ends | pure |
//! | [`knowledge`] | the knowledge base: build, load, look up | data |
//! | [`config`] | files to types, every mistake reported at once | I/O at start and reload |
//! | [`schema`] | JSON Schemas of all that goes in and out, and their pages | data |
//! | [`service`] | consumers, the sightings log, transactions, admin port | I/O |
//! | [`metrics`] | what Prometheus sees | I/O |
//! | [`cli`] | one file a command | I/O |

pub mod cli;
pub mod config;
pub mod desk;
pub mod item;
pub mod knowledge;
pub mod metrics;
pub mod pipeline;
pub mod prepare;
pub mod schema;
pub mod service;
