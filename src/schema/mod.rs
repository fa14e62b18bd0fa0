//! JSON Schemas (draft 2020-12) of everything that goes in and comes out, made from the types that read and write it.
//!
//! [`SCHEMAS`] is the one list of them: `wiredesk schema` prints them, [`reference()`] makes the pages in `docs/reference`, and
//! a test fails where those are stale.

pub mod asyncapi;
mod generate;
pub mod item;
mod markdown;

pub use generate::{read, written};
pub use markdown::{metrics_page, page};

use serde_json::Value;

use crate::config::feed::FeedConfig;
use crate::config::routes::RoutesConfig;
use crate::config::service::ServiceConfig;
use crate::config::topics::TopicsConfig;
use crate::item::outcome::AuditRecord;

/// One schema that the project publishes.
pub struct Published {
    /// Name on the command line and of the files.
    pub name: &'static str,
    pub title: &'static str,
    /// What it describes, for the top of its page.
    pub about: &'static str,
    pub schema: fn() -> Value,
}

/// Every schema that the project publishes.
pub static SCHEMAS: &[Published] = &[
    Published {
        name: "item",
        title: "Published item",
        about: "One record of an output topic: a [ninjs 3.1](https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json) object with \
                the member `wiredesk`, which this page describes. The record's key is `wiredesk.root`.",
        schema: item::schema,
    },
    Published {
        name: "audit",
        title: "Audit record",
        about: "One record of the audit topic: how one item of one input record ended.",
        schema: written::<AuditRecord>,
    },
    Published {
        name: "service",
        title: "wiredesk.toml",
        about: "The service's file. Environment variables override three of its keys: `WIREDESK_BOOTSTRAP_SERVERS`, \
                `WIREDESK_INSTANCE_ID` and `WIREDESK_ADMIN_LISTEN`.",
        schema: read::<ServiceConfig>,
    },
    Published {
        name: "feed",
        title: "feeds/&lt;id&gt;.toml",
        about: "One feed's file: where its raw items come from, how they are read, and what becomes of their duplicates.",
        schema: read::<FeedConfig>,
    },
    Published {
        name: "topics",
        title: "topics.toml",
        about: "Topics of the desk's own, beside IPTC's Media Topics: what speaks for each, and cases that `wiredesk check` runs. \
                In published items they are `subjects` with URIs of their own; routes name them `desk:ID`, and `wiredesk explain` \
                tells what spoke for each and how many points it lacks.",
        schema: read::<TopicsConfig>,
    },
    Published {
        name: "routes",
        title: "routes.toml",
        about: "Which items go to which output stream. An item that no route takes goes to `news.unrouted`; without the file \
                every item does.",
        schema: read::<RoutesConfig>,
    },
];

/// The generated files of `docs/reference`: name and content.
pub fn reference() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for published in SCHEMAS {
        let schema = (published.schema)();
        files.push((format!("{}.schema.json", published.name), format!("{schema:#}\n")));
        files.push((format!("{}.md", published.name), page(published, &schema)));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_valid_and_closed() {
        for published in SCHEMAS {
            let schema = (published.schema)();
            jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{}: {e}", published.name));
            let closed = schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"));
            assert_eq!(closed, Some(&Value::Bool(false)), "{}", published.name);
        }
    }
}
