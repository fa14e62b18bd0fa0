//! Against a small server that speaks the registry's interface.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;

use super::*;

/// `(subject, content type, body)` of each request, and the answers that come before the usual one.
#[derive(Clone, Default)]
struct Desk {
    asked: Arc<Mutex<Vec<(String, String, Value)>>>,
    first: Arc<Mutex<Vec<(u16, &'static str)>>>,
}

/// A server, and its URL. It ends with its runtime.
fn serve(first: &[(u16, &'static str)]) -> (tokio::runtime::Runtime, Desk, String) {
    let desk = Desk { first: Arc::new(Mutex::new(first.to_vec())), ..Desk::default() };
    let answer = |State(desk): State<Desk>, Path(subject): Path<String>, headers: HeaderMap, body: String| async move {
        let mut first = desk.first.lock().unwrap();
        if !first.is_empty() {
            let (status, text) = first.remove(0);
            return (axum::http::StatusCode::from_u16(status).unwrap(), text);
        }
        let media_type = headers["content-type"].to_str().unwrap().to_owned();
        desk.asked.lock().unwrap().push((subject, media_type, serde_json::from_str(&body).unwrap()));
        (axum::http::StatusCode::OK, r#"{"id":66051}"#)
    };
    let routes = Router::new().route("/subjects/{subject}/versions", post(answer)).with_state(desk.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, routes).await });
    (runtime, desk, url)
}

fn ask(url: &str, framing: bool) -> Result<Framing, RegistryError> {
    let config = SchemaRegistryConfig { url: url.to_owned(), framing };
    let topics = ["news.world".to_owned(), "news.unrouted".to_owned()];
    register(&config, &topics, &Health::new(), &Shutdown::default())
}

#[test]
fn each_stream_has_the_schema_of_an_item_as_its_subject() {
    let (_runtime, desk, url) = serve(&[]);
    assert_eq!(ask(&format!("{url}/"), false).unwrap(), Framing::new(), "no framing unless it is asked for");
    let asked = desk.asked.lock().unwrap();
    let subjects: Vec<_> = asked.iter().map(|(subject, ..)| subject.as_str()).collect();
    assert_eq!(subjects, ["news.world-value", "news.unrouted-value"]);
    for (_, media_type, body) in asked.iter() {
        assert_eq!(media_type, MEDIA_TYPE);
        assert_eq!(body["schemaType"], "JSON");
        let schema: Value = serde_json::from_str(body["schema"].as_str().unwrap()).unwrap();
        assert_eq!(schema, item::bundled());
    }
}

#[test]
fn a_registry_that_starts_is_waited_for() {
    let (_runtime, _desk, url) = serve(&[(503, "starting"), (429, "")]);
    let ids = ask(&url, true).unwrap();
    assert_eq!(ids, Framing::from([("news.unrouted".to_owned(), 66051), ("news.world".to_owned(), 66051)]));
}

#[test]
fn what_it_refuses_ends_the_start_with_what_to_do() {
    for (status, answer, expected) in [
        (
            409,
            r#"{"error_code":409,"message":"incompatible"}"#,
            "409 Conflict: incompatible; the subject holds another",
        ),
        (422, r#"{"error_code":42201,"message":"Invalid schema"}"#, "Invalid schema; take [schema_registry] out"),
        (401, "no", "401 Unauthorized: no; reach it through a proxy"),
        (404, "", "look whether schema_registry.url is right"),
        (200, "<html>", "is no schema registry: no id in <html>"),
    ] {
        let (_runtime, _desk, url) = serve(&[(status, answer)]);
        let error = ask(&url, true).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn shutdown_ends_the_waiting() {
    let shutdown = Shutdown::default();
    shutdown.request();
    let config = SchemaRegistryConfig { url: "http://127.0.0.1:1".to_owned(), framing: true };
    let ids = register(&config, &["news.world".to_owned()], &Health::new(), &shutdown).unwrap();
    assert_eq!(ids, Framing::new());
}
