//! Composes the pure stages. The command line, the service, the tests and the benchmarks all run this code.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::routes::OutputFormat;
use crate::item::newsml_g2;
use crate::item::published::{Head, RenderContext};
use crate::item::{NewsItem, Origin, RawItem, Reject, RejectReason, Stage, TaggedItem};
use crate::knowledge::KnowledgeBase;
use crate::prepare::classify::Topics;
use crate::prepare::feed::Feed;
use crate::prepare::route::{Routed, Routes};
use crate::prepare::{classify, decode, enrich, normalize, route};

/// Knowledge bases of the feeds that have tables of their own, by the feeds' ids.
pub type FeedBases = BTreeMap<Arc<str>, Arc<KnowledgeBase>>;

/// Everything that preparation depends on besides the record: immutable, shared by all threads, swapped whole.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// What feeds without tables of their own are tagged with.
    pub kb: Arc<KnowledgeBase>,
    pub feed_kbs: FeedBases,
    pub topics: Arc<Topics>,
    pub routes: Arc<Routes>,
    /// Largest record that the output topics take, in bytes.
    pub max_message_bytes: usize,
    /// Bytes that the names of all streams take together as JSON: an item may inherit any of them.
    pub streams_bytes: usize,
}

/// One item, ready to be sighted and, once decided, published.
#[derive(Clone, Debug)]
pub struct PreparedItem {
    pub tagged: TaggedItem,
    /// Streams that it belongs to by itself.
    pub routed: Routed,
    pub head: Head,
}

impl Pipeline {
    /// The knowledge base that a feed's items are tagged with.
    pub fn kb_of(&self, feed: &str) -> &Arc<KnowledgeBase> {
        self.feed_kbs.get(feed).unwrap_or(&self.kb)
    }

    /// Reads one record: its items in order, each prepared or refused; `Err` refuses the record whole. `observe` is told when
    /// a stage has ended, so that a caller with a clock can time it: the pipeline has none.
    ///
    /// # Errors
    /// What no decoder could read. A tombstone must not be given.
    pub fn prepare(
        &self,
        feed: &Feed,
        raw: &RawItem,
        mut observe: impl FnMut(Stage),
    ) -> Result<Vec<Result<PreparedItem, Reject>>, Reject> {
        let received = Timestamp::from_millisecond(raw.timestamp_ms).map_err(|error| {
            Reject::new(Stage::Normalize, RejectReason::Malformed, format!("the record's timestamp: {error}"))
        })?;
        let decoded = decode::decode(raw, feed)?;
        observe(Stage::Decode);
        Ok(decoded
            .items
            .into_iter()
            .zip(0..)
            .map(|(wire, item)| {
                let origin = Origin { record: raw.origin.clone(), item };
                let news = normalize::normalize(wire?, feed, raw, &origin, received)?;
                observe(Stage::Normalize);
                self.prepare_item(feed, raw, &origin, decoded.format, news, &mut observe)
            })
            .collect())
    }

    /// Refuses an item that could be too large in another form than ninjs, if a stream asks for that.
    fn check_size(&self, head: &Head) -> Result<(), Reject> {
        if !self.routes.wants(OutputFormat::NewsmlG2) {
            return Ok(());
        }
        let most = newsml_g2::most_bytes(head.as_bytes()) + 2 * self.streams_bytes;
        if most > self.max_message_bytes {
            let message = format!("up to {most} bytes as NewsML-G2, the output topics take {}", self.max_message_bytes);
            return Err(Reject::new(Stage::Fingerprint, RejectReason::OutputTooLarge, message));
        }
        Ok(())
    }

    fn prepare_item(
        &self,
        feed: &Feed,
        raw: &RawItem,
        origin: &Origin,
        format: &'static str,
        news: NewsItem,
        observe: &mut impl FnMut(Stage),
    ) -> Result<PreparedItem, Reject> {
        let kb = self.kb_of(&feed.id);
        let enriched = enrich::enrich(news, kb);
        observe(Stage::Enrich);
        let tagged = classify::classify(enriched, &feed.id, &self.topics);
        observe(Stage::Classify);
        let routed = route::route(&tagged, feed, &self.routes);
        observe(Stage::Route);
        let context = RenderContext {
            feed: &feed.id,
            format,
            kb: kb.version(),
            max_bytes: self.max_message_bytes,
            streams_bytes: self.streams_bytes,
        };
        let head = Head::render(&tagged, origin, raw, &context)?;
        self.check_size(&head)?;
        Ok(PreparedItem { tagged, routed, head })
    }
}
