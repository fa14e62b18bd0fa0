//! Speed of classifying and routing: `cargo bench --bench topics`.
//!
//! Items of 2.3 KB are cut from the classifier's own set, which is denser in topics than real copy; 200 routes are configured.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use wiredesk::config::feed::FeedConfig;
use wiredesk::config::routes::RoutesConfig;
use wiredesk::item::{NewsItem, Region, RegionScheme, TaggedItem};
use wiredesk::prepare::classify::Topics;
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::route::{RegionCatalog, RouteContext, Routes, route};

const ITEMS: &str = include_str!("../tests/topics/items.txt");
const ITEM_BYTES: usize = 2300;
const ROUTES: usize = 200;

struct AnyRegion;

impl RegionCatalog for AnyRegion {
    fn knows(&self, _: RegionScheme, _: &str) -> bool {
        true
    }
}

fn items() -> Vec<NewsItem> {
    let text: String = ITEMS.lines().filter(|line| !line.starts_with(['#', '='])).collect::<Vec<_>>().join("\n");
    let cut = |chunk: &[u8]| NewsItem {
        headline: Some("Ministers discuss report".to_owned()),
        body: String::from_utf8_lossy(chunk).into_owned(),
        ..NewsItem::default()
    };
    text.as_bytes().chunks_exact(ITEM_BYTES).map(cut).collect()
}

/// Routes on a topic and a region each, all topics in turn.
fn routes(topics: &Topics) -> Option<Routes> {
    let codes: Vec<u32> = topics.taxonomy().iter().map(|topic| topic.code).collect();
    let toml: String = (0..ROUTES)
        .map(|at| {
            let code = codes[at * codes.len() / ROUTES];
            format!("[[routes]]\ntopic = 't{at}'\n[[routes.match]]\nsubjects = ['{code:08}']\n[[routes.match]]\nregions = ['m49:{at}']\n")
        })
        .collect();
    let config: RoutesConfig = toml::from_str(&toml).ok()?;
    Routes::compile(&config, &RouteContext { topics, regions: &AnyRegion, feeds: &[] }).ok()
}

fn bench(criterion: &mut Criterion) {
    let feed: Option<FeedConfig> = toml::from_str("id = 'bench'\nformat = 'text'\ntopics = ['raw']").ok();
    let (Ok(topics), Some(feed)) = (Topics::builtin(), feed.and_then(|feed| Feed::compile(feed).ok())) else { return };
    let Some(routes) = routes(&topics) else { return };
    let topics = Arc::new(topics);
    let items = items();
    let regions: Vec<Region> = (0..10)
        .map(|at| Region {
            scheme: RegionScheme::M49,
            code: at.to_string(),
            name: "a region".to_owned(),
            relevance: 0.6,
            evidence: Vec::new(),
        })
        .collect();
    let mut next = items.iter().cycle();
    criterion.bench_function("classify, 2.3 KB", |bencher| {
        bencher.iter(|| next.next().map(|item| black_box(topics.subjects(item))));
    });
    let tagged: Vec<TaggedItem> = items
        .iter()
        .map(|item| TaggedItem { subjects: topics.subjects(item), regions: regions.clone(), ..TaggedItem::default() })
        .collect();
    let mut next = tagged.iter().cycle();
    criterion.bench_function("route, 10 regions, 200 routes", |bencher| {
        bencher.iter(|| next.next().map(|item| black_box(route(item, &feed, &routes))));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
