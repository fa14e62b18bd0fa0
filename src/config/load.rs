//! Reads a configuration's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check_feeds::{self, FeedFile};
use super::check_service::{self, KafkaProperties};
use super::diagnostic::{Diagnostic, Place};
use super::document::{Document, pointer_of};
use super::feed::FeedConfig;
use super::routes::RoutesConfig;
use super::service::{Secret, ServiceConfig};
use super::topics::TopicsConfig;
use super::validate::validate;
use crate::knowledge::{KnowledgeBase, KnowledgeError};
use crate::pipeline::{FeedBases, Pipeline};
use crate::prepare::classify::{OwnContext, Topics};
use crate::prepare::feed::Feed;
use crate::prepare::route::{NOTICES, RouteContext, Routes, UNROUTED};
use crate::schema;

/// Looks a variable up; tests give their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Environment variables that take the place of a key of `wiredesk.toml`.
pub const OVERRIDES: &[(&str, &str)] = &[
    ("WIREDESK_BOOTSTRAP_SERVERS", "/kafka/bootstrap_servers"),
    ("WIREDESK_INSTANCE_ID", "/kafka/instance_id"),
    ("WIREDESK_ADMIN_LISTEN", "/admin/listen"),
];

/// Quotes and a comma around a name in a JSON list.
const JSON_BYTES: usize = 3;

/// Everything that the files say, checked and compiled.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The folder that it was read from.
    pub dir: PathBuf,
    /// Paths in it are joined to the folder.
    pub service: ServiceConfig,
    /// Further properties for every Kafka client, secrets resolved.
    pub kafka_properties: KafkaProperties,
    /// By id.
    pub feeds: Vec<Arc<Feed>>,
    /// The stages, with knowledge base, topics and routes.
    pub pipeline: Arc<Pipeline>,
    /// The feeds' files by id, to say where a case stands.
    pub files: BTreeMap<String, Document>,
    /// The desk's own topics, with the file that they stand in.
    pub topics: (Document, TopicsConfig),
}

impl Configuration {
    pub fn feed(&self, id: &str) -> Option<&Arc<Feed>> {
        self.feeds.iter().find(|feed| &*feed.id == id)
    }

    /// The feed that a raw topic belongs to.
    pub fn feed_of_topic(&self, topic: &str) -> Option<&Arc<Feed>> {
        self.feeds.iter().find(|feed| feed.config.topics.iter().any(|t| t == topic))
    }
}

/// Reads a folder: `wiredesk.toml`, `feeds/*.toml`, and `topics.toml` and `routes.toml` where there are such.
///
/// # Errors
/// Every mistake in all files, in the order of files and lines.
pub fn load(dir: &Path) -> Result<Configuration, Vec<Diagnostic>> {
    load_with(dir, &|name| std::env::var(name).ok())
}

/// [`load`] with an environment of its own.
///
/// # Errors
/// As [`load`].
pub fn load_with(dir: &Path, environment: Environment<'_>) -> Result<Configuration, Vec<Diagnostic>> {
    let mut loader = Loader { dir, environment, found: Vec::new(), meaning: Vec::new(), replaced: BTreeMap::new() };
    let (service, kafka_properties) = match loader.service() {
        Some((document, service)) => {
            let properties = check_service::check(&document, &service, environment, &mut loader.meaning);
            (service, properties)
        }
        None => (ServiceConfig::default(), KafkaProperties::default()),
    };
    let files = loader.feeds();
    let feeds: Vec<_> =
        files.iter().filter_map(|file| check_feeds::check(file, &service, &mut loader.meaning)).collect();
    let topics_file = loader.optional::<TopicsConfig>("topics.toml");
    let routes_file = loader.optional::<RoutesConfig>("routes.toml");
    let streams = routes_file.as_ref().map(|(_, routes)| streams(routes)).unwrap_or_default();
    check_feeds::check_topics(&files, &service, &streams, &mut loader.meaning);
    let pipeline = loader.pipeline(&service, &files, topics_file.as_ref(), routes_file);

    let found = loader.into_diagnostics();
    let (Some(pipeline), Some(topics), true) = (pipeline, topics_file, found.is_empty()) else { return Err(found) };
    let files = files.into_iter().map(|file| (file.config.id, file.document)).collect();
    let (dir, pipeline) = (dir.to_owned(), Arc::new(pipeline));
    Ok(Configuration { dir, service, kafka_properties, feeds, pipeline, files, topics })
}

/// The service's file alone, with the secrets resolved: for commands that need the broker or the admin port and no feeds.
///
/// # Errors
/// Every mistake in that file.
pub fn load_service(dir: &Path) -> Result<(ServiceConfig, KafkaProperties), Vec<Diagnostic>> {
    let environment = |name: &str| std::env::var(name).ok();
    let mut loader =
        Loader { dir, environment: &environment, found: Vec::new(), meaning: Vec::new(), replaced: BTreeMap::new() };
    let read = loader.service().map(|(document, service)| {
        let properties = check_service::check(&document, &service, &environment, &mut loader.meaning);
        (service, properties)
    });
    let found = loader.into_diagnostics();
    read.filter(|_| found.is_empty()).ok_or(found)
}

/// All streams that the routes name, those that are switched off included, and the two that they need not name.
fn streams(routes: &RoutesConfig) -> Vec<String> {
    routes.routes.iter().map(|route| route.topic.clone()).chain([NOTICES, UNROUTED].map(str::to_owned)).collect()
}

/// Reads files, and gathers what is wrong with them.
struct Loader<'a> {
    dir: &'a Path,
    environment: Environment<'a>,
    /// Mistakes of form.
    found: Vec<Diagnostic>,
    /// Mistakes of meaning, found in what is left after those of form are replaced.
    meaning: Vec<Diagnostic>,
    /// Pointers of what was replaced, by file.
    replaced: BTreeMap<PathBuf, Vec<String>>,
}

impl Loader<'_> {
    fn service(&mut self) -> Option<(Document, ServiceConfig)> {
        let mut document = self.parse(&self.dir.join("wiredesk.toml"))?;
        for (variable, pointer) in OVERRIDES {
            if let Some(value) = (self.environment)(variable).filter(|value| !value.is_empty()) {
                document.override_with(pointer, variable, value);
            }
        }
        let mut service: ServiceConfig = self.typed(&document, &schema::read::<ServiceConfig>())?;
        let files = service.kafka.secrets.values_mut().filter_map(|secret| match secret {
            Secret::File(path) => Some(path),
            Secret::Env(_) => None,
        });
        for path in files.chain(&mut service.knowledge.path).chain(&mut service.knowledge.tables) {
            *path = self.dir.join(&*path);
        }
        Some((document, service))
    }

    fn feeds(&mut self) -> Vec<FeedFile> {
        let dir = self.dir.join("feeds");
        let paths = match toml_files(&dir) {
            Ok(paths) => paths,
            Err(error) => {
                self.found.push(Diagnostic::of_path(&dir, format!("cannot read the feeds' folder: {error}")));
                return Vec::new();
            }
        };
        if paths.is_empty() {
            self.found.push(Diagnostic::of_path(&dir, "no feed: expected at least one file <id>.toml"));
        }
        let schema = schema::read::<FeedConfig>();
        let mut files = Vec::new();
        for path in paths {
            let Some(document) = self.parse(&path) else { continue };
            let Some(mut config) = self.typed::<FeedConfig>(&document, &schema) else { continue };
            for table in &mut config.knowledge.tables {
                *table = dir.join(&*table);
            }
            files.push(FeedFile { document, config });
        }
        files
    }

    /// A file that may be missing: then it says nothing.
    fn optional<T: DeserializeOwned + Default + JsonSchema>(&mut self, name: &str) -> Option<(Document, T)> {
        let path = self.dir.join(name);
        if !path.exists() {
            return Some((Document::parse(&path, String::new()).0, T::default()));
        }
        let document = self.parse(&path)?;
        let config = self.typed(&document, &schema::read::<T>())?;
        Some((document, config))
    }

    /// Compiles the desk's own topics and the routes, against the knowledge base that the service names.
    fn pipeline(
        &mut self,
        service: &ServiceConfig,
        files: &[FeedFile],
        topics_file: Option<&(Document, TopicsConfig)>,
        routes_file: Option<(Document, RoutesConfig)>,
    ) -> Option<Pipeline> {
        let knowledge = self.knowledge(service, files);
        let topics = Topics::builtin().map_err(|errors| {
            let found = errors.iter().map(|error| Diagnostic::of_path(self.dir, format!("built-in topics: {error}")));
            self.found.extend(found);
        });
        let ((kb, feed_kbs), topics, (document, config)) = (knowledge?, topics.ok()?, routes_file?);
        let feeds: Vec<&str> = files.iter().map(|file| file.config.id.as_str()).collect();
        let topics = self.own_topics(topics, topics_file?, &OwnContext { regions: &*kb, feeds: &feeds })?;
        let context = RouteContext { topics: &topics, regions: &*kb, feeds: &feeds };
        let routes = Routes::compile(&config, &context).map_err(|errors| {
            let found = errors.into_iter().map(|error| document.error_at_path(&error.key, error.message));
            self.meaning.extend(found);
        });
        let routes = routes.ok()?;
        let prefix_bytes = service.kafka.topic_prefix.len();
        Some(Pipeline {
            streams_bytes: routes.streams().map(|stream| stream.len() + prefix_bytes + JSON_BYTES).sum(),
            kb,
            feed_kbs,
            topics: Arc::new(topics),
            routes: Arc::new(routes),
            max_message_bytes: service.kafka.max_message_bytes,
        })
    }

    /// The base with the service's tables; and by feed, for feeds with tables of their own, the one with theirs too.
    fn knowledge(&mut self, service: &ServiceConfig, files: &[FeedFile]) -> Option<(Arc<KnowledgeBase>, FeedBases)> {
        // What is missing is told already.
        let base = match service.knowledge.path.as_ref().filter(|path| path.is_file()) {
            Some(path) => KnowledgeBase::load(path).map(Arc::new),
            None => KnowledgeBase::embedded(),
        };
        let base = base.map_err(|error| self.knowledge_error(&error)).ok()?;
        let common = there(&service.knowledge.tables);
        let kb = Arc::clone(&base).with_tables(&common).map_err(|error| self.knowledge_error(&error));
        let mut made: BTreeMap<Vec<PathBuf>, Arc<KnowledgeBase>> = BTreeMap::new();
        let mut feed_kbs = FeedBases::new();
        for FeedFile { config, .. } in files {
            let own = there(&config.knowledge.tables);
            if own.is_empty() {
                continue;
            }
            if !made.contains_key(&own) {
                let tables: Vec<PathBuf> = common.iter().chain(&own).cloned().collect();
                match Arc::clone(&base).with_tables(&tables) {
                    Ok(kb) => drop(made.insert(own.clone(), kb)),
                    Err(error) => self.knowledge_error(&error),
                }
            }
            feed_kbs.extend(made.get(&own).map(|kb| (Arc::from(config.id.as_str()), Arc::clone(kb))));
        }
        Some((kb.ok()?, feed_kbs))
    }

    /// A mistake in a table stands in that table; one in a base, in no line.
    fn knowledge_error(&mut self, error: &KnowledgeError) {
        self.found.push(match error {
            KnowledgeError::Table { file, line, message } => {
                let place = Place::Line { file: PathBuf::from(file), line: *line, column: 1 };
                Diagnostic { place, key: String::new(), message: message.clone() }
            }
            other => Diagnostic::of_path(self.dir, format!("knowledge base: {other}")),
        });
    }

    /// Without them no route that names one could be checked.
    fn own_topics(
        &mut self,
        builtin: Topics,
        (document, config): &(Document, TopicsConfig),
        context: &OwnContext<'_>,
    ) -> Option<Topics> {
        let topics = builtin.with_own(config, context).map_err(|errors| {
            let found = errors.into_iter().map(|error| document.error_at_path(&error.key, error.message));
            self.meaning.extend(found);
        });
        topics.ok()
    }

    fn parse(&mut self, path: &Path) -> Option<Document> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.found.push(Diagnostic::of_path(path, format!("cannot read it: {error}")));
                return None;
            }
        };
        let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let (document, errors) = Document::parse(path, String::from_utf8_lossy(&bytes).into_owned());
        self.found.extend(errors);
        if valid < bytes.len() {
            self.found.push(document.error_at_byte(valid, "not UTF-8, as TOML must be"));
            return None;
        }
        Some(document)
    }

    /// Checks a file against its schema and reads it into its type, with mistakes replaced by what the type can hold.
    fn typed<T: DeserializeOwned>(&mut self, document: &Document, schema: &Value) -> Option<T> {
        let checked = validate(document, schema);
        let is_valid = checked.diagnostics.is_empty() && !document.has_syntax_errors();
        self.found.extend(checked.diagnostics);
        self.replaced.insert(document.path.clone(), checked.replaced);
        match serde_json::from_value(checked.repaired) {
            Ok(value) => Some(value),
            Err(error) => {
                // The schema let through what the type does not take: TOML's own reader knows the place.
                if is_valid {
                    let place = toml::from_str::<T>(document.text()).err().and_then(|e| e.span());
                    let byte = place.map_or(0, |span| span.start);
                    self.found.push(document.error_at_byte(byte, error.to_string()));
                }
                None
            }
        }
    }

    /// All mistakes in order, without those of meaning that only follow from one of form.
    fn into_diagnostics(self) -> Vec<Diagnostic> {
        let Loader { mut found, meaning, replaced, .. } = self;
        let follows = |diagnostic: &Diagnostic| {
            let pointer = pointer_of(&diagnostic.key);
            let replaced = diagnostic.file().and_then(|file| replaced.get(file));
            replaced.into_iter().flatten().any(|r| is_within(&pointer, r) || is_within(r, &pointer))
        };
        found.extend(meaning.into_iter().filter(|diagnostic| !follows(diagnostic)));
        found.sort();
        found.dedup();
        found
    }
}

/// The tables that can be read.
fn there(tables: &[PathBuf]) -> Vec<PathBuf> {
    tables.iter().filter(|path| path.is_file()).cloned().collect()
}

fn is_within(pointer: &str, part: &str) -> bool {
    pointer.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn toml_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let is_hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|name| name.starts_with('.'));
        if !is_hidden && path.extension().is_some_and(|e| e == "toml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
