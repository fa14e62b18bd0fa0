//! What `deploy/` and the runbook say fits the program: metrics exist, alerts have a section and tests, the unit is sound.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;
use wiredesk::metrics::{Kind, Metrics};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of all series that an instance can show.
fn series() -> BTreeSet<String> {
    let metrics = Metrics::new(&[], "").unwrap();
    let mut names = BTreeSet::new();
    for metric in metrics.described() {
        let suffixes: &[&str] = if metric.kind == Kind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
        names.extend(suffixes.iter().map(|suffix| format!("{}{suffix}", metric.name)));
    }
    names
}

fn all(pattern: &str, text: &str) -> BTreeSet<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// Alerts of the rules file.
fn alerts() -> BTreeSet<String> {
    all(r"(?m)^ *- alert: (\w+)$", &text("deploy/prometheus/alerts.yaml"))
}

/// Every query of the dashboard.
fn queries() -> Vec<String> {
    fn gather(value: &Value, queries: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                queries.extend(map.get("expr").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| gather(value, queries));
            }
            Value::Array(list) => list.iter().for_each(|value| gather(value, queries)),
            _ => {}
        }
    }
    let dashboard: Value = serde_json::from_str(&text("deploy/grafana/wiredesk.json")).unwrap();
    let mut queries = Vec::new();
    gather(&dashboard, &mut queries);
    queries
}

#[test]
fn every_metric_that_is_named_exists() {
    let series = series();
    let histograms: BTreeSet<String> =
        series.iter().filter_map(|name| name.strip_suffix("_bucket")).map(str::to_owned).collect();
    let named = |text: &str| all(r"\b(wiredesk_[a-z0-9_]+)", text);
    for path in [
        "deploy/prometheus/alerts.yaml",
        "deploy/prometheus/alerts.test.yaml",
        "deploy/kubernetes/keda/scaledobject.yaml",
    ] {
        let unknown: Vec<String> = named(&text(path)).into_iter().filter(|name| !series.contains(name)).collect();
        assert!(unknown.is_empty(), "{path} names series that do not exist: {unknown:?}");
    }
    let queries = queries();
    assert!(queries.len() > 30, "the dashboard's queries were not found: {}", queries.len());
    for query in queries {
        let named = named(&query);
        assert!(!named.is_empty(), "a query without a metric of wiredesk: {query}");
        assert!(named.is_subset(&series), "series that do not exist, in {query}");
    }
    for path in ["docs/runbook.md", "docs/delivery.md", "README.md", "deploy/README.md"] {
        let unknown: Vec<String> =
            named(&text(path)).into_iter().filter(|n| !series.contains(n) && !histograms.contains(n)).collect();
        assert!(unknown.is_empty(), "{path} names metrics that do not exist: {unknown:?}");
    }
}

#[test]
fn every_alert_has_a_section_of_the_runbook_a_link_to_it_and_a_test_that_fires() {
    let alerts = alerts();
    assert!(alerts.len() > 15, "{alerts:?}");
    assert_eq!(alerts, all(r"(?m)^## (Wiredesk\w+)$", &text("docs/runbook.md")), "alerts, and sections of the runbook");
    let links = all(r"(?m)runbook_url: docs/runbook\.md#(\w+)$", &text("deploy/prometheus/alerts.yaml"));
    assert_eq!(links, alerts.iter().map(|alert| alert.to_lowercase()).collect(), "links to the runbook");
    let fires = all(r"alertname: (\w+)\n +exp_alerts:", &text("deploy/prometheus/alerts.test.yaml"));
    assert_eq!(alerts, fires, "alerts, and those that a test sees fire");
    let silent = all(r"- \{eval_time: \w+, alertname: (\w+)\}", &text("deploy/prometheus/alerts.test.yaml"));
    assert_eq!(alerts, silent, "alerts, and those that a test sees silent");
}

#[test]
fn the_alert_rules_hold_their_tests() {
    for command in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let output = Command::new("promtool").args(command).current_dir(root().join("deploy/prometheus")).output();
        let output = output.unwrap_or_else(|error| panic!("promtool: {error}; `make setup` installs it"));
        assert!(output.status.success(), "promtool {}:\n{}", command.join(" "), said(&output));
    }
}

#[test]
fn the_compose_files_prometheus_reads_the_rules() {
    let config = text("deploy/compose/prometheus.yaml");
    assert!(config.contains("rule_files: [alerts.yaml]"), "{config}");
    // promtool wants the rules beside it, as the container has them.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("prometheus.yml"), config).unwrap();
    fs::copy(root().join("deploy/prometheus/alerts.yaml"), dir.path().join("alerts.yaml")).unwrap();
    let output = Command::new("promtool").args(["check", "config", "prometheus.yml"]).current_dir(dir.path()).output();
    let output = output.unwrap_or_else(|error| panic!("promtool: {error}; `make setup` installs it"));
    assert!(output.status.success(), "{}", said(&output));
}

/// Where systemd is installed: the unit as it is, but for the program's path.
#[test]
fn the_systemd_unit_is_sound_and_hardened() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("systemd is not installed: the unit is not checked");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let unit: PathBuf = dir.path().join("wiredesk.service");
    let installed = "ExecStart=/usr/bin/wiredesk ";
    let shipped = text("deploy/systemd/wiredesk.service");
    assert!(shipped.contains(installed));
    fs::write(&unit, shipped.replace(installed, &format!("ExecStart={} ", env!("CARGO_BIN_EXE_wiredesk")))).unwrap();
    let analyze = |args: &[&str]| Command::new("systemd-analyze").args(args).arg(&unit).output().unwrap();
    let verified = analyze(&["verify", "--man=no"]);
    assert!(verified.status.success() && verified.stderr.is_empty(), "{}", said(&verified));
    // 1.2 of 10 when this was written; a network service that may open sockets is not lower than 1.
    let hardened = analyze(&["security", "--offline=true", "--threshold=15"]);
    assert!(hardened.status.success(), "{}", said(&hardened));
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
