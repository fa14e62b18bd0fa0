//! Conditions by themselves, for what is asked of an item before it is routed.

use super::take::{Given, Held};
use super::{RouteContext, RouteError, Routes};
use crate::config::routes::{Conditions, OutputConfig, RouteConfig, RoutesConfig};
use crate::item::TaggedItem;
use crate::item::published::Verdict;

/// What one owner of rules asks for: that any of the tables `matches` describes the item, if there are any, and that no key of
/// `not` holds.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet<'a> {
    pub matches: &'a [Conditions],
    pub not: Option<&'a Conditions>,
}

impl RuleSet<'_> {
    /// Asks for nothing: holds for every item.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty() && self.not.is_none()
    }
}

/// Compiled rules, each set told by its place.
#[derive(Clone, Debug)]
pub struct Rules {
    /// One route for each set, each with a stream of its own.
    routes: Routes,
    sets: usize,
}

impl Rules {
    /// Compiles rule sets.
    ///
    /// # Errors
    /// Every value that means nothing, with its path below the set: `3.match.0.subjects.1`. What asks for the verdict or the story
    /// is refused, since neither is known yet.
    pub fn compile(sets: &[RuleSet<'_>], context: &RouteContext<'_>) -> Result<Self, Vec<RouteError>> {
        let routes = (0..).zip(sets).map(|(at, set)| route(at, set)).collect();
        let config = RoutesConfig { max_streams: None, routes };
        let mut errors = late_keys(sets);
        let compiled = Routes::compile(&config, context);
        match &compiled {
            Ok(routes) => errors.extend(late_expressions(routes)),
            Err(found) => errors.extend(found.iter().map(below_set)),
        }
        match compiled {
            Ok(routes) if errors.is_empty() => Ok(Self { routes, sets: sets.len() }),
            _ => Err(errors),
        }
    }

    /// The sets that hold for an item, in their order.
    pub fn holding(&self, item: &TaggedItem, feed: &str) -> impl Iterator<Item = usize> + use<> {
        let given = Given { verdict: Verdict::New, story: None };
        let taken = self.routes.take(item, feed, given, &mut Held::of(&self.routes, item, feed));
        let sets = self.sets;
        // The last stream stands for none.
        taken.streams.into_iter().filter(move |stream| *stream < sets)
    }
}

fn route(at: usize, set: &RuleSet<'_>) -> RouteConfig {
    let matches = if set.matches.is_empty() { vec![Conditions::default()] } else { set.matches.to_vec() };
    RouteConfig {
        topic: format!("set-{at}"),
        name: None,
        description: None,
        enabled: true,
        matches,
        not: set.not.cloned(),
        priority: 0,
        group: None,
        yields_to: None,
        output: None::<OutputConfig>,
    }
}

fn below_set(error: &RouteError) -> RouteError {
    let key = error.key.strip_prefix("routes.").unwrap_or(&error.key);
    RouteError { key: key.to_owned(), message: error.message.clone() }
}

const TOO_EARLY: &str = "only the desk finds that, after the item's topics";

/// Keys that ask for what is not known yet.
fn late_keys(sets: &[RuleSet<'_>]) -> Vec<RouteError> {
    let mut errors = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let tables = (0..).zip(set.matches).map(|(n, table)| (format!("{at}.match.{n}"), table));
        for (key, table) in tables.chain(set.not.map(|not| (format!("{at}.not"), not))) {
            for (name, is_given) in [("verdicts", table.verdicts.is_some()), ("stories", table.stories.is_some())] {
                if is_given {
                    errors.push(RouteError { key: format!("{key}.{name}"), message: TOO_EARLY.to_owned() });
                }
            }
        }
    }
    errors
}

/// The same of expressions.
fn late_expressions(routes: &Routes) -> Vec<RouteError> {
    let mut errors = Vec::new();
    for (at, route) in routes.routes.iter().enumerate() {
        for (n, clause) in routes.clauses[route.clauses.clone()].iter().enumerate() {
            if clause.when.is_some_and(|when| routes.expressions[when].asks_for_verdict) {
                let table = if clause.excludes { "not".to_owned() } else { format!("match.{n}") };
                errors.push(RouteError { key: format!("{at}.{table}.when"), message: TOO_EARLY.to_owned() });
            }
        }
    }
    errors
}
