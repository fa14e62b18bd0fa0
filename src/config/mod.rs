//! Configuration: `config/wiredesk.toml` is the service, `config/feeds/<id>.toml` one feed each, `config/topics.toml` the desk's
//! own topics, `config/routes.toml` maps items to streams.
//!
//! The types here are the one definition: serde parses by them, the JSON Schemas in `docs/reference` are generated from them,
//! and the loader validates every file against those schemas, so that all mistakes are reported at once with file and line.
//!
//! The way of a file: text > [`document`] (TOML as JSON that knows its lines) > [`validate`] (against [`crate::schema`]) > the type
//! ([`service`], [`feed`]) > what no schema can say (`check_service`, `check_feeds`) > [`Configuration`].

mod check_feeds;
mod check_service;
pub mod diagnostic;
pub mod document;
pub mod feed;
mod load;
pub mod mapping;
pub mod routes;
pub mod service;
pub(crate) mod suggest;
pub mod topics;
pub mod validate;

pub use check_service::KafkaProperties;
pub use diagnostic::{Diagnostic, Place};
pub use load::{Configuration, Environment, OVERRIDES, load, load_service, load_with};
