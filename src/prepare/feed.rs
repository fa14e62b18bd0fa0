//! A feed as the stages need it: its configuration with everything compiled that can be.

use std::sync::Arc;

use jiff::tz::TimeZone;
use regex::Regex;

use super::decode::mapping::Mapping;
use super::decode::{Format, Formats};
use super::normalize::ids::Ids;
use crate::config::feed::FeedConfig;

/// One feed, ready to be read by the stages. Made once at start and at reload.
#[derive(Clone, Debug)]
pub struct Feed {
    pub id: Arc<str>,
    pub config: FeedConfig,
    /// How its ids are read.
    pub ids: Ids,
    /// Zone of times that name none.
    pub time_zone: TimeZone,
    /// Encoding tried when a record is not UTF-8.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// For records of format `json`.
    pub mapping: Option<Arc<Mapping>>,
    /// `(rule name, whole-paragraph expression)`.
    pub boilerplate: Vec<(String, Regex)>,
}

/// A value in a feed's file that parses but means nothing. `key` is the TOML path that it stands at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct FeedError {
    pub key: String,
    pub message: String,
}

impl Feed {
    /// Compiles a feed; returns every mistake, not just the first.
    pub fn compile(config: FeedConfig) -> Result<Feed, Vec<FeedError>> {
        let mut errors = Vec::new();
        let mut fail = |key: &str, message: String| errors.push(FeedError { key: key.to_owned(), message });

        let time_zone = match config.defaults.time_zone.as_deref().map(TimeZone::get) {
            None => TimeZone::UTC,
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                fail("defaults.time_zone", format!("not an IANA time zone such as \"Asia/Kolkata\": {error}"));
                TimeZone::UTC
            }
        };
        let encoding = config.defaults.encoding.as_deref().and_then(|label| {
            let found = encoding_rs::Encoding::for_label(label.as_bytes());
            if found.is_none() {
                fail("defaults.encoding", format!("\"{label}\" is no encoding label such as \"windows-1252\""));
            }
            found
        });
        let ids = Ids::compile(&config.id, config.id_pattern.as_deref()).unwrap_or_else(|message| {
            fail("id_pattern", message);
            Ids::of_feed(&config.id)
        });
        let mut boilerplate = Vec::new();
        for (at, rule) in config.boilerplate.iter().enumerate() {
            match Regex::new(&format!("^(?:{})$", rule.paragraph)) {
                Ok(regex) => boilerplate.push((rule.name.clone(), regex)),
                Err(error) => {
                    fail(&format!("boilerplate.{at}.paragraph"), format!("not a regular expression: {error}"))
                }
            }
        }
        let named = match &config.format {
            Formats::One(format) => *format == Format::Json,
            Formats::Mixed(several) => several.contains(&Format::Json),
            Formats::Any(_) => false,
        };
        let mapping = match &config.json {
            None if named => {
                fail("format", "\"json\" needs a [json] table that says where the fields stand".to_owned());
                None
            }
            None => None,
            Some(_) if !config.format.take(Format::Json) => {
                fail("json", "the feed's format is not \"json\": the table would never be used".to_owned());
                None
            }
            Some(json) => Mapping::compile(json).map_err(|found| errors.extend(found)).ok().map(Arc::new),
        };
        if errors.is_empty() {
            Ok(Feed { id: Arc::from(config.id.as_str()), config, ids, time_zone, encoding, mapping, boilerplate })
        } else {
            Err(errors)
        }
    }
}
