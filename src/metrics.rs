//! What Prometheus sees.
//!
//! Base units, `_total` on counters, labels of bounded sets only (feed, stage, reason, topic, partition, result): no item ids.
//! Counters of outcomes move when the transaction that carries them commits, so that a retry is not counted twice.

use std::sync::Arc;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::item::Stage;

/// One metric as a reader of dashboards wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// In full: `wiredesk_items_consumed_total`.
    pub name: String,
    pub kind: Kind,
    pub labels: Vec<String>,
    pub help: String,
}

/// What a metric's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    /// Has series of the suffixes `_bucket`, `_sum` and `_count`.
    Histogram,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// Every metric of the service. Cheap to share: the members are handles.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    described: Arc<[Described]>,
    pub items_consumed: IntCounterVec,
    pub items_published: IntCounterVec,
    pub items_suppressed: IntCounterVec,
    pub items_held: IntCounterVec,
    pub items_rejected: IntCounterVec,
    pub items_skipped: IntCounterVec,
    pub verdicts: IntCounterVec,
    pub stream_records: IntCounterVec,
    pub stage_duration: HistogramVec,
    pub wire_to_publish: HistogramVec,
    pub transaction_duration: Histogram,
    pub transactions: IntCounterVec,
    pub log_entries: IntCounterVec,
    pub lag_records: IntGaugeVec,
    pub lag_seconds: GaugeVec,
    pub position: IntGaugeVec,
    pub unstable_records: IntGaugeVec,
    pub feed_last_item: GaugeVec,
    pub index_items: IntGauge,
    pub index_bytes: IntGauge,
    pub index_overdue: IntGauge,
    pub log_offset: IntGauge,
    pub pending_records: IntGauge,
    pub kill_wait_seconds: Gauge,
    pub ready: IntGauge,
    pub oldest_wait_seconds: Gauge,
    pub restore_seconds: Gauge,
    pub in_flight_records: IntGauge,
    pub in_flight_bytes: IntGauge,
    pub assigned_partitions: IntGauge,
    pub last_reload_success: IntGauge,
}

impl Metrics {
    /// Registers every metric, with all label values that are known beforehand at zero, so that a rate over the first event is
    /// not lost.
    ///
    /// # Errors
    /// Only when two metrics have one name.
    pub fn new(feeds: &[String], kb_version: &str) -> Result<Self, prometheus::Error> {
        let mut r = Registrar::default();
        let info =
            int_gauge(&mut r, "build_info", "Version of the program and of its knowledge base.", &["version", "kb"])?;
        let metrics = Self {
            items_consumed: counter(
                &mut r,
                "items_consumed_total",
                "Items read from raw topics, counted when their outcome commits.",
                &["feed"],
            )?,
            items_published: counter(
                &mut r,
                "items_published_total",
                "Items in at least one output stream.",
                &["feed"],
            )?,
            items_suppressed: counter(
                &mut r,
                "items_suppressed_total",
                "Items in no stream, by rule: duplicates and stale versions.",
                &["feed", "verdict"],
            )?,
            items_held: counter(&mut r, "items_held_total", "Items kept back until released.", &["feed"])?,
            items_rejected: counter(
                &mut r,
                "items_rejected_total",
                "Items dead-lettered.",
                &["feed", "stage", "reason"],
            )?,
            items_skipped: counter(&mut r, "items_skipped_total", "Tombstones.", &["feed"])?,
            verdicts: counter(&mut r, "verdicts_total", "Verdicts on items that were decided.", &["feed", "verdict"])?,
            stream_records: counter(&mut r, "stream_records_total", "Records written to output streams.", &["topic"])?,
            stage_duration: histogram_vec(
                &mut r,
                "stage_duration_seconds",
                "Time that one record takes in a stage, on its thread.",
                &["stage"],
                exponential(5e-6, 4.0, 10)?,
            )?,
            wire_to_publish: histogram_vec(
                &mut r,
                "wire_to_publish_seconds",
                "From the raw record's Kafka timestamp to the commit that makes the item visible.",
                &["feed"],
                vec![0.01, 0.02, 0.03, 0.05, 0.09, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0],
            )?,
            transaction_duration: histogram(
                &mut r,
                "transaction_duration_seconds",
                "From begin to commit.",
                exponential(0.002, 2.0, 13)?,
            )?,
            transactions: counter(&mut r, "transactions_total", "Transactions by how they ended.", &["result"])?,
            log_entries: counter(&mut r, "sightings_log_entries_total", "Entries folded from the log.", &["effect"])?,
            lag_records: int_gauge(
                &mut r,
                "consumer_lag_records",
                "Records of a raw partition between the committed position and its last stable offset.",
                &["topic", "partition"],
            )?,
            lag_seconds: gauge(
                &mut r,
                "consumer_lag_seconds",
                "Age of the oldest record that is read and not yet published, by its Kafka timestamp; 0 when caught up.",
                &["topic", "partition"],
            )?,
            position: int_gauge(
                &mut r,
                "consumer_position",
                "Committed offset of a raw partition: all records before it are out.",
                &["topic", "partition"],
            )?,
            unstable_records: int_gauge(
                &mut r,
                "consumer_unstable_records",
                "Records behind an open transaction of the producer: not yet readable.",
                &["topic", "partition"],
            )?,
            feed_last_item: gauge(
                &mut r,
                "feed_last_item_timestamp_seconds",
                "Kafka timestamp of the feed's newest published or suppressed item.",
                &["feed"],
            )?,
            index_items: plain_gauge(&mut r, "desk_index_items", "Items that the desk remembers.")?,
            index_bytes: plain_gauge(&mut r, "desk_index_bytes", "Estimated memory of the desk's index.")?,
            index_overdue: plain_gauge(
                &mut r,
                "desk_index_overdue_records",
                "Records older than the window that are kept because they are not published.",
            )?,
            log_offset: plain_gauge(&mut r, "sightings_log_offset", "Position in the sightings log.")?,
            pending_records: plain_gauge(&mut r, "desk_pending_records", "Sighted records without a verdict.")?,
            kill_wait_seconds: one_gauge(
                &mut r,
                "kill_oldest_wait_seconds",
                "Age of the oldest kill that is read and not yet published, by its Kafka timestamp; 0 when none waits.",
            )?,
            ready: plain_gauge(&mut r, "ready", "1 when /readyz says so.")?,
            oldest_wait_seconds: one_gauge(
                &mut r,
                "desk_oldest_wait_seconds",
                "Age of the oldest sighted record without a verdict, by the log's clock; 0 when none waits.",
            )?,
            restore_seconds: one_gauge(
                &mut r,
                "desk_restore_seconds",
                "Time that the last restore of the index took.",
            )?,
            in_flight_records: plain_gauge(&mut r, "in_flight_records", "Records read and not yet published.")?,
            in_flight_bytes: plain_gauge(&mut r, "in_flight_bytes", "Bytes of records read and not yet published.")?,
            assigned_partitions: plain_gauge(&mut r, "assigned_partitions", "Raw partitions of this instance.")?,
            last_reload_success: plain_gauge(
                &mut r,
                "config_last_reload_success",
                "1 when the configuration in use is the one that was read last.",
            )?,
            registry: r.registry,
            described: r.described.into(),
        };
        info.with_label_values(&[env!("CARGO_PKG_VERSION"), kb_version]).set(1);
        metrics.last_reload_success.set(1);
        for feed in feeds {
            for vec in [&metrics.items_consumed, &metrics.items_published, &metrics.items_held, &metrics.items_skipped]
            {
                vec.with_label_values(&[feed]);
            }
        }
        for result in ["committed", "aborted", "fenced"] {
            metrics.transactions.with_label_values(&[result]);
        }
        Ok(metrics)
    }

    pub fn stage(&self, stage: Stage, took: Duration) {
        self.stage_duration.with_label_values(&[stage.as_str()]).observe(took.as_secs_f64());
    }

    /// Every metric there is, those without a value too, in the order of their names.
    pub fn described(&self) -> Vec<Described> {
        let mut described = self.described.to_vec();
        described.sort_by(|a, b| a.name.cmp(&b.name));
        described
    }

    /// The text exposition format.
    ///
    /// # Errors
    /// When encoding fails, which a registry built by [`Metrics::new`] does not.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut out = Vec::with_capacity(16 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(out)
    }
}

/// Registers, and keeps what it registered: the registry itself tells only of metrics that have a value.
#[derive(Default)]
struct Registrar {
    registry: Registry,
    described: Vec<Described>,
}

impl Registrar {
    fn add(&mut self, kind: Kind, metric: impl Collector + 'static) -> Result<(), prometheus::Error> {
        self.described.extend(metric.desc().into_iter().map(|desc| Described {
            name: desc.fq_name.clone(),
            kind,
            labels: desc.variable_labels.clone(),
            help: desc.help.clone(),
        }));
        self.registry.register(Box::new(metric))
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(format!("wiredesk_{name}"), help)
}

fn counter(r: &mut Registrar, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    let vec = IntCounterVec::new(opts(name, help), labels)?;
    r.add(Kind::Counter, vec.clone())?;
    Ok(vec)
}

fn int_gauge(r: &mut Registrar, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    let vec = IntGaugeVec::new(opts(name, help), labels)?;
    r.add(Kind::Gauge, vec.clone())?;
    Ok(vec)
}

fn gauge(r: &mut Registrar, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, prometheus::Error> {
    let vec = GaugeVec::new(opts(name, help), labels)?;
    r.add(Kind::Gauge, vec.clone())?;
    Ok(vec)
}

fn plain_gauge(r: &mut Registrar, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
    let gauge = IntGauge::with_opts(opts(name, help))?;
    r.add(Kind::Gauge, gauge.clone())?;
    Ok(gauge)
}

fn one_gauge(r: &mut Registrar, name: &str, help: &str) -> Result<Gauge, prometheus::Error> {
    let gauge = Gauge::with_opts(opts(name, help))?;
    r.add(Kind::Gauge, gauge.clone())?;
    Ok(gauge)
}

fn exponential(start: f64, factor: f64, count: usize) -> Result<Vec<f64>, prometheus::Error> {
    prometheus::exponential_buckets(start, factor, count)
}

fn histogram(r: &mut Registrar, name: &str, help: &str, buckets: Vec<f64>) -> Result<Histogram, prometheus::Error> {
    let histogram = Histogram::with_opts(HistogramOpts::from(opts(name, help)).buckets(buckets))?;
    r.add(Kind::Histogram, histogram.clone())?;
    Ok(histogram)
}

fn histogram_vec(
    r: &mut Registrar,
    name: &str,
    help: &str,
    labels: &[&str],
    buckets: Vec<f64>,
) -> Result<HistogramVec, prometheus::Error> {
    let vec = HistogramVec::new(HistogramOpts::from(opts(name, help)).buckets(buckets), labels)?;
    r.add(Kind::Histogram, vec.clone())?;
    Ok(vec)
}
