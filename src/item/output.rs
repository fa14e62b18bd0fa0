//! An item's record in the form that a stream asks for.
//!
//! Most streams take the published ninjs object as it is. The others are made from that object, so that no two streams can say
//! different things of an item; this costs reading it again, some tens of microseconds, for these streams only.

use std::sync::Arc;

use serde_json::Value;

use super::newsml_g2;
use crate::config::routes::{Content, OutputConfig, OutputFormat, RecordKey};

/// What went wrong; the types rule it out, and the item goes to the dead-letter topic.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("the published item does not read as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("as NewsML-G2: {0}")]
    NewsmlG2(#[from] std::io::Error),
}

/// The forms of one published item, each made once and shared by the records that have it.
#[derive(Debug)]
pub struct Forms {
    ninjs: Arc<Vec<u8>>,
    made: Vec<(Form, Arc<Vec<u8>>)>,
}

/// A schema's id in its registry.
pub type SchemaId = u32;

/// Bytes before a value that names its schema: zero, and the id.
pub const FRAME_BYTES: usize = 5;

/// Format and content, and the schema that the value names.
type Form = (OutputFormat, Content, Option<SchemaId>);

impl Forms {
    /// Of a published ninjs object.
    pub fn of(ninjs: Vec<u8>) -> Self {
        Self { ninjs: Arc::new(ninjs), made: Vec::new() }
    }

    /// The record's value, with the frame of a Schema Registry before it where a schema's id is given.
    ///
    /// # Errors
    /// If the object does not read as JSON.
    pub fn value(&mut self, output: OutputConfig, schema: Option<SchemaId>) -> Result<Arc<Vec<u8>>, OutputError> {
        let form = (output.format, output.content, schema);
        if form == (OutputFormat::Ninjs, Content::Full, None) {
            return Ok(self.ninjs.clone());
        }
        if let Some((_, value)) = self.made.iter().find(|(made, _)| *made == form) {
            return Ok(value.clone());
        }
        if let Some(id) = schema {
            let plain = self.value(output, None)?;
            let framed = Arc::new([&[0], &id.to_be_bytes()[..], &plain].concat());
            self.made.push((form, framed.clone()));
            return Ok(framed);
        }
        let mut item: Value = serde_json::from_slice(&self.ninjs)?;
        if output.content == Content::Headline {
            keep_headline(&mut item);
        }
        let value = Arc::new(match output.format {
            OutputFormat::Ninjs => serde_json::to_vec(&item)?,
            OutputFormat::NewsmlG2 => newsml_g2::render(&item)?,
        });
        self.made.push((form, value.clone()));
        Ok(value)
    }
}

/// The record's key. An item without a story goes by its chain.
pub fn key<'a>(output: OutputConfig, uri: &'a str, root: &'a str, story: Option<&'a str>) -> &'a str {
    match output.key {
        RecordKey::Root => root,
        RecordKey::Uri => uri,
        RecordKey::Story => story.unwrap_or(root),
    }
}

/// MIME type of the records' values.
pub fn content_type(output: OutputConfig) -> &'static str {
    match output.format {
        OutputFormat::Ninjs => "application/json",
        OutputFormat::NewsmlG2 => "application/vnd.iptc.g2.newsitem+xml",
    }
}

/// Takes out the text, and what points into it.
fn keep_headline(item: &mut Value) {
    let Some(members) = item.as_object_mut() else { return };
    members.remove("bodies");
    members.remove("descriptions");
    members.insert("representationType".to_owned(), Value::from("partial"));
    let mentions = members.get_mut("wiredesk").and_then(|desk| desk.get_mut("mentions")).and_then(Value::as_array_mut);
    if let Some(mentions) = mentions {
        let is_in_body = |mention: &Value| mention["field"].as_str().is_some_and(|field| field.starts_with("/bodies/"));
        mentions.retain(|mention| !is_in_body(mention));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &[u8] = br#"{"uri":"urn:x:1","representationType":"full","headlines":[{"value":"Tea"}],"bodies":[{"value":"Leaves"}],
        "wiredesk":{"received":"2026-01-01T00:00:00Z","mentions":[{"field":"/headlines/0/value"},{"field":"/bodies/0/value"}]}}"#;

    fn output(format: OutputFormat, content: Content) -> OutputConfig {
        OutputConfig { format, content, ..OutputConfig::default() }
    }

    #[test]
    fn a_stream_gets_what_it_asks_for() {
        let mut forms = Forms::of(ITEM.to_vec());
        assert_eq!(*forms.value(OutputConfig::default(), None).unwrap(), ITEM);
        let headline: Value =
            serde_json::from_slice(&forms.value(output(OutputFormat::Ninjs, Content::Headline), None).unwrap())
                .unwrap();
        assert_eq!((headline.get("bodies"), &headline["representationType"]), (None, &Value::from("partial")));
        assert_eq!(headline["wiredesk"]["mentions"].as_array().unwrap().len(), 1);
        let full = String::from_utf8_lossy(&forms.value(output(OutputFormat::NewsmlG2, Content::Full), None).unwrap())
            .into_owned();
        let short =
            String::from_utf8_lossy(&forms.value(output(OutputFormat::NewsmlG2, Content::Headline), None).unwrap())
                .into_owned();
        assert!(full.contains("<p>Leaves</p>") && !short.contains("Leaves") && short.contains("Tea</headline>"));
        assert_eq!(forms.made.len(), 3, "each made once");
        assert!(Forms::of(b"{".to_vec()).value(output(OutputFormat::NewsmlG2, Content::Full), None).is_err());
    }

    #[test]
    fn a_frame_is_a_zero_byte_and_the_schemas_id() {
        let mut forms = Forms::of(ITEM.to_vec());
        for content in [Content::Full, Content::Headline] {
            let output = output(OutputFormat::Ninjs, content);
            let (plain, framed) = (forms.value(output, None).unwrap(), forms.value(output, Some(0x0001_0203)).unwrap());
            assert_eq!(framed[..FRAME_BYTES], [0, 0, 1, 2, 3]);
            assert_eq!(framed[FRAME_BYTES..], plain[..]);
            assert!(Arc::ptr_eq(&framed, &forms.value(output, Some(0x0001_0203)).unwrap()), "made once");
        }
    }

    #[test]
    fn keys_and_types() {
        let with = |key| OutputConfig { key, ..OutputConfig::default() };
        assert_eq!(key(with(RecordKey::Root), "u", "r", Some("s")), "r");
        assert_eq!(key(with(RecordKey::Uri), "u", "r", Some("s")), "u");
        assert_eq!(key(with(RecordKey::Story), "u", "r", Some("s")), "s");
        assert_eq!(key(with(RecordKey::Story), "u", "r", None), "r");
        assert_eq!(content_type(output(OutputFormat::NewsmlG2, Content::Full)), "application/vnd.iptc.g2.newsitem+xml");
    }
}
