//! The configuration's loader: every mistake at once, each with file, line and what was expected.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use wiredesk::config::{Configuration, Diagnostic, Place, load_with};

const SERVICE: &str = "[kafka]\nbootstrap_servers = \"localhost:9092\"\n";
const FEED: &str = "id = \"metro\"\nformat = \"text\"\ntopics = [\"raw.metro\"]\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn load_from(dir: &Path, variables: &[(&str, &str)]) -> Result<Configuration, Vec<Diagnostic>> {
    load_with(dir, &|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
}

/// Mistakes as `file:line key: message`, with the file relative to the folder.
fn mistakes(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(files);
    let Err(found) = load_from(dir.path(), variables) else { return Vec::new() };
    let shown = found.iter().map(|d| match &d.place {
        Place::Line { file, line, .. } => {
            format!("{}:{line} {}: {}", file.strip_prefix(dir.path()).unwrap().display(), d.key, d.message)
        }
        Place::Path(path) => format!("{} {}", path.strip_prefix(dir.path()).unwrap().display(), d.message),
        Place::Environment(name) => format!("${name} {}: {}", d.key, d.message),
    });
    shown.collect()
}

/// One mistake is found, and it is this one.
fn only(files: &[(&str, &str)], expected: &str) {
    let found = mistakes(files, &[]);
    assert!(found.len() == 1 && found[0].starts_with(expected), "expected {expected:?}, found {found:#?}");
}

fn feed_with(more: &str) -> String {
    format!("{FEED}{more}")
}

fn service_with(more: &str) -> String {
    format!("{SERVICE}{more}")
}

#[test]
fn reads_the_smallest_configuration() {
    let dir = folder(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED)]);
    let config = load_from(dir.path(), &[]).unwrap();
    assert_eq!(config.service.kafka.group_id, "wiredesk");
    assert_eq!(config.service.admin.listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.feeds.len(), 1);
    assert_eq!(&*config.feed("metro").unwrap().id, "metro");
    assert_eq!(&*config.feed_of_topic("raw.metro").unwrap().id, "metro");
    assert!(config.feed_of_topic("raw.other").is_none());
}

#[test]
fn ten_mistakes_are_ten_reports() {
    let wiredesk = r#"[kafka]
bootstrap_servers = "localhost"
grup_id = "desk"

[kafka.properties]
"enable.idempotence" = "false"
"sasl.password" = "hunter2"

[kafka.secrets]
"ssl.key.password" = { env = "NOT_SET" }

[desk]
window_secs = 3600

[admin]
listen = "everywhere"
"#;
    let harbour = r#"id = "harbor"
format = "telex"
topics = ["raw.metro"]

[defaults]
time_zone = "Mars/Olympus"

[dedupe]
similarity = 3
window_secs = 7200

[[boilerplate]]
name = "contact"
paragraph = "(("

[[cases]]
name = "gone"
input = "nowhere.txt"
received = "yesterday"
expect = { "/uri" = "x" }
"#;
    let found =
        mistakes(&[("wiredesk.toml", wiredesk), ("feeds/metro.toml", FEED), ("feeds/harbour.toml", harbour)], &[]);
    let expected = [
        "feeds/harbour.toml:1 id: found \"harbor\", expected \"harbour\"",
        "feeds/harbour.toml:2 format: found \"telex\", expected \"",
        "feeds/metro.toml:3 topics.0: \"raw.metro\" belongs to ",
        "feeds/harbour.toml:6 defaults.time_zone: not an IANA time zone",
        "feeds/harbour.toml:9 dedupe.similarity: found 3, expected at most 1",
        "feeds/harbour.toml:10 dedupe.window_secs: found 7200, expected at most desk.window_secs (3600)",
        "feeds/harbour.toml:14 boilerplate.0.paragraph: not a regular expression",
        "feeds/harbour.toml:18 cases.0.input: no file stands at ",
        "feeds/harbour.toml:19 cases.0.received: found \"yesterday\", expected an RFC 3339 time",
        "wiredesk.toml:2 kafka.bootstrap_servers: found \"localhost\", expected host:port",
        "wiredesk.toml:3 kafka.grup_id: unknown key; did you mean `group_id`?",
        "wiredesk.toml:6 kafka.properties.\"enable.idempotence\": wiredesk sets it itself",
        "wiredesk.toml:7 kafka.properties.\"sasl.password\": a secret in clear text",
        "wiredesk.toml:10 kafka.secrets.\"ssl.key.password\": the environment variable NOT_SET is not set",
        "wiredesk.toml:16 admin.listen: found \"everywhere\", expected an IP address and port",
    ];
    for line in expected {
        assert!(found.iter().any(|f| f.starts_with(line)), "not reported: {line}\n{found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert!(found.iter().all(|f| !f.contains("hunter2")), "a secret is told: {found:#?}");
}

#[test]
fn syntax_errors_do_not_hide_other_mistakes() {
    let feed = "id = \"metro\"\nformat = \ntopics = [\"raw.metro\"]\nmax_item_byte = 5\n";
    let found = mistakes(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", feed)], &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("feeds/metro.toml:2 : not TOML"), "{found:#?}");
    assert!(found[1].starts_with("feeds/metro.toml:4 max_item_byte: unknown key; did you mean `max_item_bytes`?"));
}

#[test]
fn missing_files_are_named() {
    assert!(mistakes(&[("feeds/metro.toml", FEED)], &[])[0].starts_with("wiredesk.toml cannot read it"));
    assert!(mistakes(&[("wiredesk.toml", SERVICE)], &[])[0].starts_with("feeds cannot read the feeds' folder"));
    assert!(mistakes(&[("wiredesk.toml", SERVICE), ("feeds/x.md", "")], &[])[0].starts_with("feeds no feed"));
}

#[test]
fn each_mistake_of_the_service_is_found() {
    for (more, expected) in [
        ("group_id = \"\"\n", "wiredesk.toml:3 kafka.group_id: found \"\", expected a text that is not empty"),
        ("topic_prefix = \"a b\"\n", "wiredesk.toml:3 kafka.topic_prefix: found \"a b\", expected text of the form"),
        ("session_timeout_ms = 5\n", "wiredesk.toml:3 kafka.session_timeout_ms: found 5, expected at least 1000"),
        ("create_topics = \"yes\"\n", "wiredesk.toml:3 kafka.create_topics: found \"yes\", expected true or false"),
        ("max_message_bytes = 1.5\n", "wiredesk.toml:3 kafka.max_message_bytes: found 1.5, expected a whole number"),
        (
            "properties = { \"group.id\" = \"x\" }\n",
            "wiredesk.toml:3 kafka.properties.\"group.id\": has a key of its own",
        ),
        (
            "properties = { \"socket.keepalive\" = \"1\" }\n",
            "wiredesk.toml:3 kafka.properties.\"socket.keepalive\": librdkafka",
        ),
        (
            "secrets = { \"sasl.password\" = \"x\" }\n",
            "wiredesk.toml:3 kafka.secrets.\"sasl.password\": found \"x\", expected",
        ),
        ("secrets = { \"sasl.password\" = { evn = \"x\" } }\n", "wiredesk.toml:3 kafka.secrets.\"sasl.password\""),
        ("secrets = { \"sasl.password\" = { file = \"no\" } }\n", "wiredesk.toml:3 kafka.secrets.\"sasl.password\": "),
        (
            "[limits]\nin_flight_records = 5\n",
            "wiredesk.toml:3 limits.transaction_records: found 2000, expected at most",
        ),
        ("[knowledge]\npath = \"kb.bin\"\n", "wiredesk.toml:4 knowledge.path: no file stands at"),
        ("[knowledge]\ntables = [\"no.csv\"]\n", "wiredesk.toml:4 knowledge.tables.0: no file stands at"),
        (
            "[schema_registry]\nurl = \"https://registry:8081\"\n",
            "wiredesk.toml:4 schema_registry.url: found \"https://registry:8081\", expected text of the form",
        ),
        ("[schema_registry]\nframing = true\n", "wiredesk.toml:3 schema_registry.url: missing"),
        ("[dsek]\n", "wiredesk.toml:3 dsek: unknown key; did you mean `desk`?"),
    ] {
        only(&[("wiredesk.toml", &service_with(more)), ("feeds/metro.toml", FEED)], expected);
    }
}

#[test]
fn each_mistake_of_a_feed_is_found() {
    for (more, expected) in [
        ("start = \"middle\"\n", "feeds/metro.toml:4 start: found \"middle\", expected \"earliest\" or \"latest\""),
        ("id_from = \"offset\"\n", "feeds/metro.toml:4 id_from: found \"offset\", expected text of the form"),
        ("id_pattern = \"(.*):\\\\d+\"\n", "feeds/metro.toml:4 id_pattern: no group named `id`"),
        ("id_pattern = \"(\"\n", "feeds/metro.toml:4 id_pattern: not a regular expression"),
        ("id_pattern = \"(?<id>.*):(?<revision>.)\"\n", "feeds/metro.toml:4 id_pattern: a group named `revision`"),
        ("max_item_bytes = 67108864\n[x]\n", "feeds/metro.toml:5 x: unknown key, expected `boilerplate`, "),
        ("defaults = { encoding = \"klingon\" }\n", "feeds/metro.toml:4 defaults.encoding: "),
        ("defaults = { language = \"english!\" }\n", "feeds/metro.toml:4 defaults.language: "),
        ("[knowledge]\ntables = [\"no.csv\"]\n", "feeds/metro.toml:5 knowledge.tables.0: no file stands at"),
        ("[[boilerplate]]\nname = \"x\"\n", "feeds/metro.toml:4 boilerplate.0.paragraph: missing; it must be given"),
        (
            "[[boilerplate]]\nname = \"x\"\nparagraph = \"a\"\n[[boilerplate]]\nname = \"x\"\nparagraph = \"b\"\n",
            "feeds/metro.toml:8 boilerplate.1.name: \"x\" is there already",
        ),
        ("[[cases]]\nname = \"x\"\ninput = \"metro.toml\"\n", "feeds/metro.toml:4 cases.0: expected either"),
        (
            "[[cases]]\nname = \"x\"\ninput = \"metro.toml\"\nexpect = { uri = 1 }\n",
            "feeds/metro.toml:7 cases.0.expect.uri: found \"uri\", expected a JSON Pointer",
        ),
        (
            "[[cases]]\nname = \"x\"\ninput = \"metro.toml\"\nreject = \"bad\"\n",
            "feeds/metro.toml:7 cases.0.reject: found \"bad\", expected \"empty\", ",
        ),
    ] {
        let feed = feed_with(more);
        let found = mistakes(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", &feed)], &[]);
        assert!(found.iter().any(|f| f.starts_with(expected)), "expected {expected:?}, found {found:#?}");
        assert_eq!(found.len(), 1, "{found:#?}");
    }
}

#[test]
fn a_desk_s_own_names_hold_for_all_feeds_or_for_one() {
    let harbour =
        "id = \"harbour\"\nformat = \"text\"\ntopics = [\"raw.harbour\"]\n[knowledge]\ntables = [\"../ships.jsonl\"]\n";
    let dir = folder(&[
        ("wiredesk.toml", &service_with("[knowledge]\ntables = [\"people.csv\"]\n")),
        ("people.csv", "type,names,country\nperson,Ingrid Halvorsen Torsdal,NO\n"),
        ("ships.jsonl", "{\"type\":\"organisation\",\"names\":[\"Halden Marine\"]}\n"),
        ("feeds/metro.toml", FEED),
        ("feeds/harbour.toml", harbour),
    ]);
    let pipeline = load_from(dir.path(), &[]).unwrap().pipeline;
    let known = |feed: &str, name: &str| pipeline.kb_of(feed).by_name(name).len();
    assert_eq!([known("metro", "Ingrid Halvorsen Torsdal"), known("harbour", "Ingrid Halvorsen Torsdal")], [1, 1]);
    assert_eq!([known("metro", "Halden Marine"), known("harbour", "Halden Marine")], [0, 1]);
    assert_ne!(pipeline.kb_of("metro").version(), pipeline.kb_of("harbour").version());
}

#[test]
fn a_mistake_in_a_table_stands_in_that_table() {
    for (table, expected) in [
        ("type,names\nperson,A B\nship,C D\n", "names.csv:3 : type: \"ship\" is none of"),
        ("type,names,country\nperson,A B,XX\n", "names.csv:2 : country: no country \"XX\""),
    ] {
        let feed = feed_with("[knowledge]\ntables = [\"../names.csv\"]\n");
        let found = mistakes(
            &[
                ("wiredesk.toml", &service_with("[knowledge]\ntables = [\"names.csv\"]\n")),
                ("feeds/metro.toml", FEED),
                ("names.csv", table),
            ],
            &[],
        );
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:#?}");
        let dir = folder(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", &feed), ("names.csv", table)]);
        let shown = load_from(dir.path(), &[]).unwrap_err()[0].to_string();
        let place = expected.split(' ').next().unwrap();
        assert!(shown.contains(&format!("{place}:1: error: ")), "{shown}");
    }
}

#[test]
fn raw_topics_are_no_outputs_and_have_one_feed() {
    for (topic, expected) in [
        ("desk.wiredesk.audit", "\"desk.wiredesk.audit\" is one of wiredesk's own topics"),
        ("desk.news.unrouted", "\"desk.news.unrouted\" is an output topic"),
        ("raw metro", "found \"raw metro\", expected a Kafka topic's name"),
    ] {
        let service = service_with("topic_prefix = \"desk.\"\n");
        let feed = FEED.replace("raw.metro", topic);
        only(
            &[("wiredesk.toml", &service), ("feeds/metro.toml", &feed)],
            &format!("feeds/metro.toml:3 topics.0: {expected}"),
        );
    }
}

#[test]
fn each_mistake_of_the_routes_is_found() {
    let route = |more: &str| format!("[[routes]]\ntopic = \"news.x\"\n[[routes.match]]\n{more}\n");
    for (routes, expected) in [
        (route("subjects = [\"medtop:11000000\", \"medtop:99\"]"), "routes.toml:4 routes.0.match.0.subjects.1: "),
        (route("regions = [\"iso3166-1:ZZ\"]"), "routes.toml:4 routes.0.match.0.regions.0: "),
        (route("regions = [\"m49:999\"]"), "routes.toml:4 routes.0.match.0.regions.0: "),
        (route("regions = [\"desk:atlantis\"]"), "routes.toml:4 routes.0.match.0.regions.0: "),
        (route("feeds = [\"metr\"]"), "routes.toml:4 routes.0.match.0.feeds.0: "),
        (
            route("kinds = [\"obituary\"]"),
            "routes.toml:4 routes.0.match.0.kinds.0: found \"obituary\", expected \"original\"",
        ),
        (route("subject = []"), "routes.toml:4 routes.0.match.0.subject: unknown key; did you mean `subjects`?"),
        (route("min_relevance = 101"), "routes.toml:4 routes.0.match.0.min_relevance: found 101, expected at most 100"),
        ("[[routes]]\ntopic = \"news.x\"\n".to_owned(), "routes.toml:1 routes.0: "),
        (
            route("subjects = [\"desk:nothing\"]"),
            "routes.toml:4 routes.0.match.0.subjects.0: \"desk:nothing\" is none of",
        ),
        // Expressions: syntax, types, names, and what could fail on some items.
        (route("when = \"urgency >\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"urgency\""), "routes.toml:4 routes.0.match.0.when: it is an int, and must be true or false"),
        (route("when = \"urgency == 'high'\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"headline > 3\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"words / urgency > 9\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"urgancy == 1\""), "routes.toml:4 routes.0.match.0.when: column 1: no variable \"urgancy\""),
        (route("when = \"subject('medtop:11000001') > 50\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"region('m49:999') > 0.5\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("when = \"'desk:nothing' in subjects\""), "routes.toml:4 routes.0.match.0.when: column "),
        (route("[routes.not]\nwhen = \"verdict == 'fresh'\""), "routes.toml:5 routes.0.not.when: column "),
    ] {
        only(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("routes.toml", &routes)], expected);
    }
    let own = FEED.replace("raw.metro", "news.x");
    let files =
        [("wiredesk.toml", SERVICE), ("feeds/metro.toml", &own), ("routes.toml", &route("feeds = [\"metro\"]"))];
    only(&files, "feeds/metro.toml:3 topics.0: \"news.x\" is an output topic");
}

#[test]
fn a_cycle_of_routes_that_exclude_each_other_is_refused() {
    let route = |topic: &str, more: &str| format!("[[routes]]\ntopic = \"{topic}\"\n{more}\n[[routes.match]]\n");
    for (routes, expected) in [
        (
            [route("a", "yields_to = [\"b\"]"), route("b", "yields_to = [\"c\"]"), route("c", "yields_to = [\"a\"]")],
            "routes.toml:3 routes.0.yields_to: no route could be first: a yields to b yields to c yields to a",
        ),
        (
            // Of a group the one of the higher priority comes first, and it yields to the other.
            [
                route("a", "group = \"g\"\npriority = 1\nyields_to = [\"b\"]"),
                route("b", "group = \"g\""),
                route("c", ""),
            ],
            "routes.toml:5 routes.0.yields_to: no route could be first: a yields to b yields to a",
        ),
        (
            [route("a", ""), route("b", ""), route("c", "yields_to = [\"a\", \"d\"]")],
            "routes.toml:11 routes.2.yields_to.1: \"d\" is no topic of a route known here",
        ),
    ] {
        let routes = routes.concat();
        only(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("routes.toml", &routes)], expected);
    }
}

#[test]
fn each_mistake_of_the_desks_own_topics_is_found() {
    let topic = |more: &str| format!("[[topics]]\nid = \"t\"\nname = \"T\"\n{more}\n");
    for (topics, expected) in [
        (
            topic("terms = [\"6: canal\", \"ten: lock\"]"),
            "topics.toml:4 topics.0.terms.1: found \"ten: lock\", expected",
        ),
        (topic("term = [\"6: canal\"]"), "topics.toml:4 topics.0.term: unknown key; did you mean `terms`?"),
        (topic("regions = [\"3: desk:atlantis\"]"), "topics.toml:4 topics.0.regions.0: \"desk:atlantis\" is no region"),
        (topic("entities = [\"3: Q1\"]"), "topics.toml:4 topics.0.entities.0: \"Q1\" is no URI of an entity"),
        (topic("subjects = [\"3: medtop:99\"]"), "topics.toml:4 topics.0.subjects.0: "),
        (topic("description = \"\""), "topics.toml:1 topics.0: nothing says which items it is given to"),
        (topic("[[topics.match]]\nwhen = \"words\""), "topics.toml:5 topics.0.match.0.when: it is an int"),
        (topic("[[topics.match]]\nfeeds = [\"metr\"]"), "topics.toml:5 topics.0.match.0.feeds.0: "),
        (topic("[[topics.match]]\nverdicts = [\"kill\"]"), "topics.toml:5 topics.0.match.0.verdicts: only the desk"),
        (
            topic("[[topics.match]]\nkinds = [\"news\"]"),
            "topics.toml:5 topics.0.match.0.kinds.0: found \"news\", expected",
        ),
        (
            topic("terms = [\"6: canal\"]\n[[cases]]\nname = \"c\"\ntext = \"x\"\nabsent = [\"u\"]"),
            "topics.toml:8 cases.0.absent.0: no topic \"u\" in this file",
        ),
    ] {
        only(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("topics.toml", &topics)], expected);
    }
    let fine = topic("terms = [\"6: canal\"]");
    let routes = "[[routes]]\ntopic = \"news.x\"\n[[routes.match]]\nsubjects = [\"desk:t\", \"desk:tt\"]\n";
    let files =
        [("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("topics.toml", &fine), ("routes.toml", routes)];
    only(
        &files,
        "routes.toml:4 routes.0.match.0.subjects.1: \"desk:tt\" is none of the desk's own topics; did you mean desk:t?",
    );
}

#[test]
fn routes_are_compiled_with_the_regions_of_the_knowledge_base() {
    let routes = "[[routes]]\ntopic = \"news.x\"\n[[routes.match]]\nregions = [\"iso3166-1:IR\", \"iso3166-2:US-CA\", \"m49:145\", \"desk:middle-east\"]\n";
    let dir = folder(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("routes.toml", routes)]);
    let config = load_from(dir.path(), &[]).unwrap();
    assert_eq!(
        config.pipeline.routes.streams().map(|s| &**s).collect::<Vec<_>>(),
        ["news.x", "news.notices", "news.unrouted"]
    );
}

#[test]
fn the_environment_overrides_the_file_and_is_checked_alike() {
    let files = [("wiredesk.toml", "[kafka]\n"), ("feeds/metro.toml", FEED)];
    let variables = [
        ("WIREDESK_BOOTSTRAP_SERVERS", "kafka:9092"),
        ("WIREDESK_ADMIN_LISTEN", "0.0.0.0:8080"),
        ("WIREDESK_INSTANCE_ID", ""),
    ];
    let dir = folder(&files);
    let config = load_from(dir.path(), &variables).unwrap();
    assert_eq!(config.service.kafka.bootstrap_servers, "kafka:9092");
    assert_eq!(config.service.admin.listen.port(), 8080);
    assert_eq!(config.service.kafka.instance_id, None, "an empty variable is as good as none");

    let found = mistakes(&files, &[("WIREDESK_BOOTSTRAP_SERVERS", "kafka"), ("WIREDESK_ADMIN_LISTEN", "8080")]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("$WIREDESK_ADMIN_LISTEN admin.listen: found \"8080\", expected an IP address"));
    assert!(found[1].starts_with("$WIREDESK_BOOTSTRAP_SERVERS kafka.bootstrap_servers: found \"kafka\""));
}

#[test]
fn secrets_come_from_files_and_the_environment() {
    let service = service_with(
        "[kafka.secrets]\n\"sasl.password\" = { env = \"PASSWORD\" }\n\"sasl.username\" = { file = \"user\" }\n",
    );
    let dir = folder(&[("wiredesk.toml", &service), ("feeds/metro.toml", FEED), ("user", "desk\n")]);
    let config = load_from(dir.path(), &[("PASSWORD", "hunter2")]).unwrap();
    let properties: Vec<_> = config.kafka_properties.iter().collect();
    assert_eq!(properties, [("sasl.password", "hunter2"), ("sasl.username", "desk")]);
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_file_that_is_not_utf8_is_refused_with_its_line() {
    let dir = folder(&[("wiredesk.toml", SERVICE)]);
    fs::create_dir(dir.path().join("feeds")).unwrap();
    fs::write(dir.path().join("feeds/metro.toml"), [FEED.as_bytes(), b"# caf\xe9\n"].concat()).unwrap();
    let found = load_from(dir.path(), &[]).unwrap_err();
    assert_eq!((found.len(), found[0].line()), (1, 4), "{found:?}");
}

#[test]
fn mistakes_in_a_json_mapping_are_told_where_they_stand() {
    let feed = |more: &str| format!("id = \"metro\"\nformat = \"json\"\ntopics = [\"raw.metro\"]\n{more}");
    let check =
        |more: &str, expected: &str| only(&[("wiredesk.toml", SERVICE), ("feeds/metro.toml", &feed(more))], expected);
    check("", "feeds/metro.toml:2 format: \"json\" needs a [json] table");
    check(
        "[json.fields]\nheadline = \"title\"\n",
        "feeds/metro.toml:5 json.fields.headline: found \"title\", expected a path",
    );
    check(
        "[json.fields]\nheadlien = \"/title\"\n",
        "feeds/metro.toml:5 json.fields.headlien: unknown key; did you mean `headline`?",
    );
    check(
        "[json.fields]\nheadline = [\"/a\", { at = \"/b\", value = \"c\" }]\n",
        "feeds/metro.toml:5 json.fields.headline.1: expected exactly one of `at`, `value` and `template`",
    );
    check(
        "[json.fields]\nheadline = \"/a\"\n[[json.split]]\nat = \"/guid\"\npattern = '^(?<nr>.+)$'\n",
        "feeds/metro.toml:8 json.split.0.pattern: the group `nr` is none of the fields",
    );
    check(
        "[json.fields]\nheadline = \"/a\"\nexpires = { at = \"/b\", time_format = \"%d/%m\" }\n",
        "feeds/metro.toml:6 json.fields.expires.time_format: found \"%d/%m\", expected a format",
    );
    check(
        "[json.fields]\nid = { template = \"x:{/a\" }\n",
        "feeds/metro.toml:5 json.fields.id.template: found \"x:{/a\"",
    );
    let unused = feed_with("[json.fields]\nheadline = \"/a\"\n");
    only(
        &[("wiredesk.toml", SERVICE), ("feeds/metro.toml", &unused)],
        "feeds/metro.toml:4 json: the feed's format is not",
    );
}
