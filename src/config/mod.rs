//! Configuration: `config/wiredesk.toml` is the service, `config/feeds/<id>.toml` one feed each, `config/routes.toml` maps
//! items to streams.
//!
//! The types here are the one definition: serde parses by them, the JSON Schemas in `docs/reference` are generated from them,
//! and the loader validates every file against those schemas, so that all mistakes are reported at once with file and line.

pub mod feed;
pub mod routes;
pub mod service;
