//! The command line, run as a program.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use wiredesk::schema::item::ItemValidator;

const SERVICE: &str = "[kafka]\nbootstrap_servers = \"localhost:9092\"\n";

fn feed(id: &str, more: &str) -> String {
    format!("id = \"{id}\"\nformat = \"text\"\ntopics = [\"raw.{id}\"]\n{more}")
}

/// A configuration with the feeds `metro`, which drops duplicates, and `harbour`, which flags them.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let feeds = [
        ("wiredesk.toml", SERVICE.to_owned()),
        ("feeds/metro.toml", feed("metro", "defaults = { language = \"en\" }\n")),
        ("feeds/harbour.toml", feed("harbour", "dedupe = { duplicates = \"flag\" }\n")),
    ];
    let given = files.iter().map(|(name, text)| (*name, (*text).to_owned()));
    for (name, text) in feeds.into_iter().chain(given) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn wiredesk(dir: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wiredesk"))
        .args(args)
        .current_dir(dir)
        .env("WIREDESK_CONFIG", dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // From a thread of its own: a command that writes while it reads would wait for us to read. One that refuses its arguments
    // does not read at all.
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_bytes().to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A text of `words` different words: long enough to be compared by its shingles.
fn story(from: usize, words: usize) -> String {
    (from..from + words)
        .map(|n| format!("word{}", ["a", "b", "c"][n % 3].repeat(n / 3 + 1)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn processes_files_and_gives_valid_items() {
    let dir = folder(&[("one.txt", &story(0, 30)), ("two.txt", &story(40, 30))]);
    let args = ["process", "--feed", "metro", "--received", "2026-03-10T09:30:00Z", "one.txt", "two.txt"];
    let output = wiredesk(dir.path(), &args, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let items = lines(&output.stdout);
    assert_eq!(items.len(), 2);
    let validator = ItemValidator::new().unwrap();
    for (offset, item) in items.iter().enumerate() {
        assert_eq!(validator.errors(item), [] as [String; 0]);
        assert_eq!(item["wiredesk"]["feed"], "metro");
        assert_eq!(item["wiredesk"]["origin"]["topic"], "raw.metro");
        assert_eq!(item["wiredesk"]["origin"]["offset"], offset);
        assert_eq!(item["wiredesk"]["verdict"], "new");
        assert!(item["wiredesk"]["received"].as_str().unwrap().starts_with("2026-03-10T09:30:00"));
    }
}

#[test]
fn a_public_dump_becomes_a_feed_s_own_names() {
    let popolo = r#"{"persons":[{"name":"Ingrid Halvorsen Torsdal","identifiers":[{"scheme":"wikidata","identifier":"Q900001"}]}]}"#;
    let copy = "Ingrid Halvorsen Torsdal spoke in Oslo.";
    let dir = folder(&[
        ("feeds/fjord.toml", &feed("fjord", "knowledge = { tables = [\"../names.csv\"] }\n")),
        ("names.csv", "type,names\n"),
        ("dump.json", popolo),
        ("copy.txt", copy),
    ]);
    let import = ["kb", "import", "--format", "popolo", "--country", "NO", "--out", "names.csv", "dump.json"];
    let output = wiredesk(dir.path(), &import, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let people = |feed: &str| {
        let output = wiredesk(dir.path(), &["process", "--feed", feed, "copy.txt"], "");
        lines(&output.stdout)[0]["people"].clone()
    };
    assert_eq!(
        people("fjord"),
        json!([{"name": "Ingrid Halvorsen Torsdal", "uri": "http://www.wikidata.org/entity/Q900001"}])
    );
    assert_eq!(people("metro"), Value::Null);
    let found = wiredesk(dir.path(), &["kb", "lookup", "--table", "names.csv", "ingrid halvorsen torsdal"], "");
    assert!(text(&found.stdout).contains("Q900001"), "{}", text(&found.stdout));

    for (args, input, expected) in [
        (&["kb", "import", "--format", "jrc-names", "-"][..], "17\tP\tu\tAnna+Novak\n17\n", "-:2: 1 columns"),
        (&["kb", "import", "--format", "geonames", "--country", "XX", "-"], "", "no country \"XX\""),
        (&["kb", "import", "--format", "popolo", "none.json"], "", "cannot read none.json"),
        (&["kb", "lookup", "--table", "copy.txt", "Oslo"], "", "copy.txt:1: "),
    ] {
        let output = wiredesk(dir.path(), args, input);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn reads_standard_input() {
    let dir = folder(&[]);
    for args in [&["process", "--feed", "metro"][..], &["process", "--feed", "metro", "-"]] {
        let output = wiredesk(dir.path(), args, &story(0, 30));
        assert_eq!((output.status.code(), lines(&output.stdout).len()), (Some(0), 1));
    }
}

#[test]
fn rejects_are_told_on_standard_error_and_by_the_exit_code() {
    let dir = folder(&[("blank.txt", " \n"), ("one.txt", &story(0, 30))]);
    let output = wiredesk(dir.path(), &["process", "--feed", "metro", "blank.txt", "one.txt"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&output.stdout).len(), 1, "what follows a reject is processed");
    let rejects = lines(&output.stderr);
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0]["reason"], "empty");
    assert_eq!(rejects[0]["stage"], "decode");
    assert_eq!(rejects[0]["input"], "blank.txt");
    assert_eq!(rejects[0]["origin"], json!({"topic": "raw.metro", "partition": 0, "offset": 0, "item": 0}));
}

#[test]
fn every_item_of_a_record_ends_by_itself() {
    let item = |guid: &str, class: &str, text: &str| {
        format!(
            "<newsItem guid='{guid}' version='1'><itemMeta><itemClass qcode='ninat:{class}'/></itemMeta><contentMeta><headline>{guid}</headline>\
             </contentMeta><contentSet><inlineXML><html><body><p>{text}</p></body></html></inlineXML></contentSet></newsItem>"
        )
    };
    let items = item("tag:x,2026:a", "text", &story(0, 30))
        + &item("tag:x,2026:b", "picture", "A picture.")
        + &item("tag:x,2026:c", "text", &story(40, 30));
    let message = format!("<newsMessage><itemSet>{items}</itemSet></newsMessage>");
    let mixed = "id = \"mixed\"\nformat = [\"text\", \"newsml-g2\"]\ntopics = [\"raw.mixed\"]\n";
    let dir = folder(&[("feeds/mixed.toml", mixed), ("message.xml", &message), ("one.txt", &story(80, 30))]);
    let output = wiredesk(dir.path(), &["process", "--feed", "mixed", "message.xml", "one.txt"], "");
    assert_eq!(output.status.code(), Some(1));
    let read: Vec<_> = lines(&output.stdout)
        .iter()
        .map(|item| {
            json!([
                item["wiredesk"]["format"],
                item["wiredesk"]["origin"]["offset"],
                item["wiredesk"]["origin"]["item"]
            ])
        })
        .collect();
    assert_eq!(read, [json!(["newsml-g2", 0, 0]), json!(["newsml-g2", 0, 2]), json!(["text", 1, 0])]);
    let rejects = lines(&output.stderr);
    assert_eq!(rejects.len(), 1);
    assert_eq!((&rejects[0]["reason"], &rejects[0]["origin"]["item"]), (&json!("no_text"), &json!(1)));
    let explained = text(&wiredesk(dir.path(), &["explain", "--feed", "mixed", "message.xml"], "").stdout);
    assert!(explained.contains("newsml-g2: it says so"), "{explained}");
}

fn envelope(topic: &str, offset: usize, payload: Value) -> String {
    let record = json!({
        "topic": topic, "partition": 3, "offset": offset, "tstype": "create", "ts": 1_767_225_600_000_i64, "broker": 1,
        "headers": ["source", "test", "empty", null], "key": "k", "payload": payload,
    });
    format!("{record}\n")
}

#[test]
fn reads_the_envelope_of_kcat_and_finds_duplicates_across_feeds() {
    let dir = folder(&[]);
    let input = [
        envelope("raw.metro", 7, json!(story(0, 60))),
        envelope("raw.metro", 8, Value::Null),
        envelope("raw.harbour", 2, json!(story(0, 60))),
        "\n".to_owned(),
        envelope("raw.metro", 9, json!(story(0, 60))),
    ]
    .concat();
    let output = wiredesk(dir.path(), &["process", "--envelope", "kcat"], &input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let items = lines(&output.stdout);
    assert_eq!(items.len(), 2, "the tombstone and the copy that its feed drops are not printed");
    let first = &items[0]["wiredesk"];
    assert_eq!(first["origin"], json!({"topic": "raw.metro", "partition": 3, "offset": 7, "item": 0, "key": "k"}));
    assert_eq!(first["received"], "2026-01-01T00:00:00Z");
    let copy = &items[1]["wiredesk"];
    assert_eq!((&copy["feed"], &copy["verdict"]), (&json!("harbour"), &json!("duplicate")));
    assert_eq!((&copy["of"], &copy["root"]), (&items[0]["uri"], &items[0]["uri"]));

    let all = wiredesk(dir.path(), &["process", "--envelope", "kcat", "--all"], &input);
    let items = lines(&all.stdout);
    assert_eq!(items.len(), 3);
    assert_eq!(items[2]["wiredesk"]["routes"], json!([]));
    let forced = wiredesk(dir.path(), &["process", "--envelope", "kcat", "--feed", "harbour"], &input);
    assert!(lines(&forced.stdout).iter().all(|item| item["wiredesk"]["feed"] == "harbour"));
}

#[test]
fn keeps_the_order_over_many_records() {
    let dir = folder(&[]);
    let input: String = (0..1500).map(|n| envelope("raw.metro", n, json!(format!("{n}")))).collect();
    let output = wiredesk(dir.path(), &["process", "--envelope", "kcat", "--all"], &input);
    let offsets: Vec<_> =
        lines(&output.stdout).iter().map(|i| i["wiredesk"]["origin"]["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, (0..1500).collect::<Vec<_>>());
}

#[test]
fn a_closed_output_is_no_error() {
    let dir = folder(&[]);
    let input: String = (0..2000).map(|n| envelope("raw.metro", n, json!(story(n, 200)))).collect();
    fs::write(dir.path().join("in.jsonl"), input).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wiredesk"))
        .args(["process", "--envelope", "kcat", "in.jsonl"])
        .current_dir(dir.path())
        .env("WIREDESK_CONFIG", dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn wrong_usage_is_exit_code_2_with_a_reason() {
    let dir = folder(&[]);
    for (args, input, reason) in [
        (&["process"][..], "", "--feed"),
        (&["process", "--feed", "metr"], "", "there are: harbour, metro"),
        (&["process", "--feed", "metro", "none.txt"], "", "cannot read none.txt"),
        (&["process", "--feed", "metro", "--received", "noon"], "", "RFC 3339"),
        (&["process", "--envelope", "kcat"], "{}\n", "standard input:1: not a record as `kcat -J` prints it"),
        (&["process", "--envelope", "kcat"], &envelope("raw.x", 0, json!("x")), "belongs to no feed"),
        (&["explain", "--feed", "metro"], "", "<FILE>"),
        (&["schema", "nothing"], "", "possible values"),
        (&["--config", "elsewhere", "check"], "", "elsewhere/wiredesk.toml: error: cannot read it"),
    ] {
        let output = wiredesk(dir.path(), args, input);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(reason), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn explains_every_stage() {
    let dir = folder(&[("one.txt", &story(0, 60)), ("copy.txt", &story(0, 60)), ("blank.txt", "")]);
    let output = wiredesk(dir.path(), &["explain", "--feed", "metro", "one.txt", "copy.txt"], "");
    assert_eq!(output.status.code(), Some(0));
    let page = text(&output.stdout);
    for part in ["decode", "normalize", "enrich", "classify", "route", "fingerprint", "decide", "60 words, 57 shingles"]
    {
        assert!(page.contains(part), "{part} is missing:\n{page}");
    }
    assert!(page.contains("duplicate") && page.contains("none: suppressed"), "{page}");
    let refused = wiredesk(dir.path(), &["explain", "--feed", "metro", "blank.txt"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("rejected"), "{}", text(&refused.stdout));
}

#[test]
fn check_tells_which_expectation_fails_and_where() {
    let cases = r#"
[[cases]]
name = "holds"
input = "one.txt"
absent = ["/wiredesk/of"]
[cases.expect]
"/wiredesk/verdict" = "new"
"/wiredesk/origin" = { topic = "raw.quay" }

[[cases]]
name = "fails"
input = "one.txt"
absent = ["/uri"]
[cases.expect]
"/wiredesk/verdict" = "kill"
"/no/such" = 1

[[cases]]
name = "is refused"
input = "blank.txt"
reject = "empty"

[[cases]]
name = "is not refused"
input = "one.txt"
reject = "empty"

[[cases]]
name = "refused without being expected"
input = "blank.txt"
expect = { "/uri" = "x" }

[[cases]]
name = "no such item"
input = "one.txt"
item = 3
expect = { "/uri" = "x" }
"#;
    let one = story(0, 30);
    let files = [("feeds/quay.toml", feed("quay", cases)), ("feeds/one.txt", one), ("feeds/blank.txt", " ".to_owned())];
    let dir = folder(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let output = wiredesk(dir.path(), &["check", "--verbose"], "");
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{page}");
    for line in [
        "quay: case \"holds\": holds",
        "quay: case \"is refused\": holds",
        "feeds/quay.toml:16:11: error: cases.1.absent.0: case \"fails\": expected nothing at /uri, found \"urn:",
        "feeds/quay.toml:18:23: error: cases.1.expect.\"/wiredesk/verdict\": case \"fails\": expected \"kill\", found \"new\"",
        "feeds/quay.toml:19:14: error: cases.1.expect.\"/no/such\": case \"fails\": expected 1, found nothing",
        "feeds/quay.toml:29:10: error: cases.3.reject: case \"is not refused\": expected the reject empty, found an item",
        "feeds/quay.toml:31:1: error: cases.4: case \"refused without being expected\": expected an item, found the reject",
        "feeds/quay.toml:36:1: error: cases.5: case \"no such item\": no item 3 came out: the record holds 1 item",
        "3 feeds, 6 cases, 4 failed",
    ] {
        assert!(page.contains(line), "not told: {line}\n{page}");
    }
    let one_feed = wiredesk(dir.path(), &["check", "--feed", "metro"], "");
    assert_eq!(one_feed.status.code(), Some(0));
}

const TOPICS: &str = r#"
[[topics]]
id = "canals"
name = "Canals"
terms = ["4: Suez Canal", "3: pilot"]
[topics.not]
feeds = ["harbour"]

[[topics]]
id = "never"
name = "Never"
terms = ["1: zeppelin"]

[[cases]]
name = "holds"
text = "A pilot on the Suez Canal."
expect = ["canals"]
absent = ["never"]

[[cases]]
name = "too little"
text = "A pilot."
expect = ["canals"]

[[cases]]
name = "too much"
text = "A pilot on the Suez Canal."
absent = ["canals"]

[[cases]]
name = "of another feed"
text = "A pilot on the Suez Canal."
feed = "harbour"
expect = ["canals"]
"#;

#[test]
fn check_runs_the_cases_of_the_desks_own_topics() {
    let dir = folder(&[("topics.toml", TOPICS)]);
    let output = wiredesk(dir.path(), &["check", "--verbose"], "");
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{page}{}", text(&output.stderr));
    for line in [
        "topics: case \"holds\": holds",
        "topics.toml:23:11: error: cases.1.expect.0: case \"too little\": expected the topic canals; 5.2 points of 7.0 by pilot",
        "topics.toml:28:11: error: cases.2.absent.0: case \"too much\": expected no topic canals; ",
        "topics.toml:34:11: error: cases.3.expect.0: case \"of another feed\": expected the topic canals; ",
        "and its rules do not hold",
        "topics: never: no case expects it",
        "2 feeds, 4 cases, 3 failed",
    ] {
        assert!(page.contains(line), "not told: {line}\n{page}");
    }
    assert!(!page.contains("topics: canals: no case"), "{page}");
}

#[test]
fn the_desks_own_topics_are_published_explained_and_routed_by() {
    let routes = "[[routes]]\ntopic = \"news.canals\"\n[[routes.match]]\nsubjects = [\"desk:canals\"]\n\
                  [[routes]]\ntopic = \"news.sure\"\n[[routes.match]]\n\
                  when = \"subject('desk:canals') >= 60 && 'desk:canals' in subjects\"\n";
    let story =
        "LONDON, March 3 (Metro) - A pilot on the Suez Canal was taken ill on Tuesday, the canal authority said.\n";
    let files = [("topics.toml", TOPICS), ("routes.toml", routes), ("story.txt", story)];
    let dir = folder(&files);
    let output = wiredesk(dir.path(), &["process", "--feed", "metro", "story.txt"], "");
    let items = lines(&output.stdout);
    assert_eq!(items.len(), 1, "{}", text(&output.stderr));
    assert_eq!(ItemValidator::new().unwrap().errors(&items[0]), [""; 0]);
    let own: Vec<_> =
        items[0]["subjects"].as_array().unwrap().iter().filter(|s| s["uri"] == "urn:wiredesk:topic:canals").collect();
    assert_eq!(own.len(), 1, "{}", items[0]["subjects"]);
    assert_eq!(own[0]["name"], "Canals");
    assert!(own[0]["relevance"].as_u64().unwrap() >= 50 && own[0]["confidence"].as_u64().unwrap() > 0);
    assert_eq!(items[0]["wiredesk"]["routes"], json!(["news.canals", "news.sure"]));

    let elsewhere = wiredesk(dir.path(), &["process", "--feed", "harbour", "story.txt"], "");
    assert_eq!(
        lines(&elsewhere.stdout)[0]["wiredesk"]["routes"],
        json!(["news.unrouted"]),
        "its rules keep that feed out"
    );

    let page = text(&wiredesk(dir.path(), &["explain", "--feed", "metro", "story.txt"], "").stdout);
    let row = page.lines().find(|line| line.contains("Canals desk:canals: ")).unwrap_or_else(|| panic!("{page}"));
    assert!(row.contains("points of 7.0") && row.contains("by Suez Canal, pilot"), "{row}");
    assert!(page.contains("subjects desk:canals Canals, relevance "), "{page}");

    let based = TOPICS.replacen("\n[[topics]]", "uri_base = \"http://example.org/topics/\"\n[[topics]]", 1);
    fs::write(dir.path().join("topics.toml"), based).unwrap();
    let output = wiredesk(dir.path(), &["process", "--feed", "metro", "story.txt"], "");
    let items = lines(&output.stdout);
    let uris: Vec<_> = items[0]["subjects"].as_array().unwrap().iter().map(|s| &s["uri"]).collect();
    assert!(uris.contains(&&json!("http://example.org/topics/canals")), "{uris:?}");
}

#[test]
fn check_reports_every_mistake_with_its_line() {
    let dir = folder(&[
        ("wiredesk.toml", "[kafka]\nbootstrap_servers = 9092\n[admn]\n"),
        ("feeds/metro.toml", &feed("metro", "defaults = { time_zone = \"Mars/Olympus\" }\n")),
    ]);
    let output = wiredesk(dir.path(), &["check"], "");
    assert_eq!(output.status.code(), Some(2));
    let page = text(&output.stderr);
    for part in [
        "feeds/metro.toml:4:26: error: defaults.time_zone: ",
        "wiredesk.toml:2:21: error: kafka.bootstrap_servers: found 9092, expected a text in quotes",
        "wiredesk.toml:3:2: error: admn: unknown key; did you mean `admin`?",
        "3 mistakes in the configuration",
    ] {
        assert!(page.contains(part), "not told: {part}\n{page}");
    }
}

#[test]
fn the_shipped_configuration_and_its_cases_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for config in ["config", "config/examples"] {
        let output = wiredesk(root, &["--config", config, "check"], "");
        assert_eq!(output.status.code(), Some(0), "{config}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}

#[test]
fn the_reference_pages_are_those_of_the_types() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    let output = wiredesk(root, &["--config", "config", "schema", "--write", dir.path().to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let names = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let shipped = root.join("docs/reference");
    assert_eq!(names(dir.path()), names(&shipped), "run `wiredesk schema --write docs/reference`");
    for name in names(dir.path()) {
        let made = fs::read_to_string(dir.path().join(&name)).unwrap();
        let kept = fs::read_to_string(shipped.join(&name)).unwrap();
        assert!(made == kept, "docs/reference/{name:?} is stale: run `wiredesk schema --write docs/reference`");
    }
}

#[test]
fn health_tells_an_answer_from_none() {
    let dir = folder(&[]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        for (path, answer) in [("/livez", "200 OK\r\n\r\nalive\n"), ("/readyz", "503 No\r\n\r\ndesk: restoring\n")] {
            let (mut stream, _) = listener.accept().unwrap();
            // A request may come in several pieces.
            let lines = std::io::BufRead::lines(std::io::BufReader::new(&stream)).map(Result::unwrap);
            let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            assert_eq!(request[0], format!("GET {path} HTTP/1.1"));
            write!(stream, "HTTP/1.1 {answer}").unwrap();
        }
    });
    let alive = wiredesk(dir.path(), &["health", "--address", &address], "");
    assert_eq!(alive.status.code(), Some(0));
    let ready = wiredesk(dir.path(), &["health", "--ready", "--address", &address], "");
    assert_eq!(ready.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&ready.stderr), "desk: restoring\n");
    server.join().unwrap();
    let gone = wiredesk(dir.path(), &["health", "--address", &address], "");
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("no answer from"), "{gone:?}");
}
