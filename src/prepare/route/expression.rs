//! CEL expressions over an item: parsed, checked, evaluated.
//!
//! The `cel` crate parses and evaluates; what it does not have, a check of types and names before anything runs, is here. What is
//! let through cannot fail: of CEL's operators and functions those that can (division, indexing, conversions) are refused. An
//! expression that fails all the same does not hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::common::types::{CelDouble, CelInt, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};

use super::compile::RouteContext;
use super::take::Given;
use crate::config::suggest::nearest;
use crate::item::news::Kind;
use crate::item::published::Verdict;
use crate::item::{RegionScheme, TaggedItem};

/// An expression that was checked.
#[derive(Clone)]
pub(super) struct Expression {
    pub source: String,
    /// Calls of `subject`, `region` and `entity` are variables in it, so that an item looks up only what is asked for.
    tree: Arc<IdedExpr>,
    env: Arc<Env>,
    /// It asks for the verdict or the story.
    pub asks_for_verdict: bool,
    /// Stories that it names.
    pub stories: Vec<String>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

impl Expression {
    /// Parses and checks an expression.
    ///
    /// # Errors
    /// Every mistake, with the place in the expression where there is one.
    pub fn compile(source: &str, names: &RouteContext<'_>) -> Result<Self, Vec<String>> {
        let program = Program::compile(source).map_err(|errors| {
            errors.errors.iter().map(|error| format!("column {}: {}", error.pos.1 + 1, error.msg)).collect::<Vec<_>>()
        })?;
        let mut tree = program.expression().clone();
        let mut checker = Checker {
            names,
            info: program.source_info(),
            scope: Vec::new(),
            errors: Vec::new(),
            stories: BTreeSet::new(),
            asks_for_verdict: false,
        };
        let found = checker.check(&mut tree);
        if !matches!(found, Type::Bool | Type::Any) {
            checker.errors.push(format!("it is {}, and must be true or false", found.name()));
        }
        if !checker.errors.is_empty() {
            return Err(checker.errors);
        }
        Ok(Self {
            source: source.to_owned(),
            asks_for_verdict: checker.asks_for_verdict,
            stories: checker.stories.into_iter().collect(),
            tree: Arc::new(tree),
            env: Arc::new(Env::stdlib()),
        })
    }

    pub fn holds(&self, item: &TaggedItem, feed: &str, given: Given<'_>) -> bool {
        let variables = Variables { item, feed, given };
        let mut context = Context::with_env(self.env.clone());
        context.set_variable_resolver(&variables);
        matches!(context.resolve(&self.tree), Ok(Value::Bool(true)))
    }
}

/// Types as far as expressions over an item need them.
#[derive(Clone, Debug, PartialEq)]
enum Type {
    Bool,
    Int,
    Double,
    Text,
    List(Box<Type>),
    /// Of an empty list's elements, and of what a mistake was told about already.
    Any,
}

impl Type {
    fn name(&self) -> String {
        match self {
            Type::Bool => "a bool".to_owned(),
            Type::Int => "an int".to_owned(),
            Type::Double => "a double".to_owned(),
            Type::Text => "a string".to_owned(),
            Type::List(of) => format!("a list (each {})", of.name()),
            Type::Any => "anything".to_owned(),
        }
    }

    fn fits(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::List(a), Type::List(b)) => a.fits(b),
            (a, b) => a == b,
        }
    }
}

/// Variables of an item; `#` begins what calls were made into.
const VARIABLES: [(&str, Type); 11] = [
    ("feed", Type::Text),
    ("kind", Type::Text),
    ("language", Type::Text),
    ("headline", Type::Text),
    ("slug", Type::Text),
    ("credit", Type::Text),
    ("genre", Type::Text),
    ("verdict", Type::Text),
    ("story", Type::Text),
    ("urgency", Type::Int),
    ("words", Type::Int),
];
const LISTS: [&str; 4] = ["keywords", "subjects", "regions", "entities"];

struct Checker<'a> {
    names: &'a RouteContext<'a>,
    info: &'a SourceInfo,
    /// Variables of the macros around.
    scope: Vec<(String, Type)>,
    errors: Vec<String>,
    stories: BTreeSet<String>,
    asks_for_verdict: bool,
}

impl Checker<'_> {
    fn fail(&mut self, at: u64, message: impl std::fmt::Display) -> Type {
        let place = self.info.offset_for(at).map(|(start, _)| format!("column {}: ", start + 1)).unwrap_or_default();
        self.errors.push(format!("{place}{message}"));
        Type::Any
    }

    fn check(&mut self, node: &mut IdedExpr) -> Type {
        let id = node.id;
        match &mut node.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
                LiteralValue::Double(_) => Type::Double,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Bytes(_) | LiteralValue::Null => self.fail(id, "bytes and null mean nothing here"),
            },
            Expr::Ident(name) => self.variable(id, &name.clone()),
            Expr::List(list) => {
                let mut of = Type::Any;
                for element in &mut list.elements {
                    let found = self.check(element);
                    if !found.fits(&of) {
                        return self.fail(element.id, format!("a list of {} and {}", of.name(), found.name()));
                    }
                    of = found;
                }
                Type::List(Box::new(of))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Call(call) => {
                let (found, replacement) = self.call(id, call);
                if let Some(variable) = replacement {
                    node.expr = Expr::Ident(variable);
                }
                found
            }
            Expr::Select(select) => {
                let message = format!("nothing here has fields, and so no \"{}\"", select.field);
                self.fail(id, message)
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => self.fail(id, "maps and messages mean nothing here"),
        }
    }

    fn variable(&mut self, id: u64, name: &str) -> Type {
        if let Some((_, found)) = self.scope.iter().rev().find(|(n, _)| n == name) {
            return found.clone();
        }
        if LISTS.contains(&name) {
            return Type::List(Box::new(Type::Text));
        }
        let Some((_, found)) = VARIABLES.iter().find(|(n, _)| *n == name) else {
            let known = VARIABLES.iter().map(|(n, _)| *n).chain(LISTS);
            let meant = nearest(name, known).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            return self.fail(id, format!("no variable \"{name}\"{meant}"));
        };
        match name {
            "verdict" => self.asks_for_verdict = true,
            // Only compared can a story be told from all others beforehand.
            "story" => return self.fail(id, "a story can only be compared: story == '...', or story in ['...']"),
            _ => {}
        }
        found.clone()
    }

    fn call(&mut self, id: u64, call: &mut CallExpr) -> (Type, Option<String>) {
        let name = call.func_name.clone();
        if call.target.is_none()
            && let ("subject" | "region" | "entity", [argument]) = (&*name, &*call.args)
        {
            return self.look_up(id, &name, &argument.expr);
        }
        if let Some(found) = self.story(&name, &call.args) {
            return (found, None);
        }
        self.known_values(&name, &call.args);
        let mut found: Vec<Type> = Vec::new();
        for argument in call.target.iter_mut().map(|target| &mut **target).chain(&mut call.args) {
            found.push(self.check(argument));
        }
        if name == "matches" {
            self.pattern(call.args.last().or(call.target.as_deref()));
        }
        let result = result_of(&name, &found);
        (result.unwrap_or_else(|| self.misfit(id, &name, &found)), None)
    }

    fn misfit(&mut self, id: u64, name: &str, found: &[Type]) -> Type {
        let operator = name.trim_matches(['_', '@']);
        let given = found.iter().map(Type::name).collect::<Vec<_>>().join(" and ");
        let refused = [operators::DIVIDE, operators::MODULO, operators::MULTIPLY, operators::INDEX];
        let numbers = found.contains(&Type::Int) && found.contains(&Type::Double);
        if refused.contains(&name) {
            self.fail(id, format!("\"{operator}\" can fail on some items, and is not taken here"))
        } else if numbers {
            self.fail(id, format!("\"{operator}\" of {given}: write 1.0, not 1, beside a double, and 1 beside an int"))
        } else {
            self.fail(id, format!("\"{operator}\" does not take {given}"))
        }
    }

    /// `subject('...')` and its like become variables.
    fn look_up(&mut self, id: u64, function: &str, argument: &Expr) -> (Type, Option<String>) {
        let Expr::Literal(LiteralValue::String(written)) = argument else {
            return (self.fail(id, format!("{function} takes one string as it stands: {function}('...')")), None);
        };
        let (checked, found) = match function {
            "subject" => (self.names.subject(written).map(|code| code.to_string()), Type::Int),
            "region" => (self.names.region(written).map(|_| written.to_string()), Type::Double),
            _ => (self.names.entity(written), Type::Double),
        };
        match checked {
            Ok(value) => (found, Some(format!("#{function}:{value}"))),
            Err(message) => (self.fail(id, message), None),
        }
    }

    /// A comparison of the story with strings.
    fn story(&mut self, name: &str, args: &[IdedExpr]) -> Option<Type> {
        let is_story = |node: &IdedExpr| matches!(&node.expr, Expr::Ident(name) if name == "story");
        let literal = |node: &IdedExpr| match &node.expr {
            Expr::Literal(LiteralValue::String(text)) => Some(text.to_string()),
            _ => None,
        };
        let named: Option<Vec<String>> = match (name, args) {
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) if is_story(a) => literal(b).map(|s| vec![s]),
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) if is_story(b) => literal(a).map(|s| vec![s]),
            (operators::IN, [a, b]) if is_story(a) => match &b.expr {
                Expr::List(list) => list.elements.iter().map(literal).collect(),
                _ => None,
            },
            _ => None,
        };
        self.stories.extend(named?.into_iter().filter(|story| !story.is_empty()));
        self.asks_for_verdict = true;
        Some(Type::Bool)
    }

    /// Literals that are compared with what has few values must be among these.
    fn known_values(&mut self, name: &str, args: &[IdedExpr]) {
        let (operators::EQUALS | operators::NOT_EQUALS | operators::IN, [a, b]) = (name, args) else { return };
        let (variable, other) = match (&a.expr, &b.expr) {
            (Expr::Ident(variable), other) => (variable, other),
            (other, Expr::Ident(variable)) => (variable, other),
            _ => return,
        };
        let literals: Vec<(u64, String)> = match other {
            Expr::Literal(LiteralValue::String(text)) => vec![(a.id, text.to_string())],
            Expr::List(list) => list
                .elements
                .iter()
                .filter_map(|e| match &e.expr {
                    Expr::Literal(LiteralValue::String(text)) => Some((e.id, text.to_string())),
                    _ => None,
                })
                .collect(),
            _ => return,
        };
        for (id, text) in literals {
            let one_of = |what: &str, known: &mut dyn Iterator<Item = &'static str>| {
                let known: Vec<_> = known.collect();
                let message = format!("\"{text}\" is no {what}; there are {}", known.join(", "));
                if known.contains(&&*text) { Ok(()) } else { Err(message) }
            };
            let checked = match &**variable {
                "verdict" => one_of("verdict", &mut Verdict::ALL.iter().map(|v| v.as_str())),
                "kind" => one_of("kind", &mut Kind::ALL.iter().map(|k| k.as_str())),
                "feed" => self.names.feed(&text).map(drop),
                "subjects" if !text.starts_with("medtop:") && !text.starts_with("desk:") => {
                    Err(format!("\"{text}\" is not written medtop:11000000 or desk:ID"))
                }
                "subjects" => self.names.subject(&text).map(drop),
                "regions" => self.names.region(&text).map(drop),
                "entities" => self.names.entity(&text).map(drop),
                _ => Ok(()),
            };
            if let Err(message) = checked {
                self.fail(id, message);
            }
        }
    }

    fn pattern(&mut self, node: Option<&IdedExpr>) {
        let Some(node) = node else { return };
        let problem = match &node.expr {
            Expr::Literal(LiteralValue::String(text)) => regex::Regex::new(text).err().map(|error| error.to_string()),
            _ => Some("matches takes its expression as a string that stands there".to_owned()),
        };
        if let Some(problem) = problem {
            self.fail(node.id, problem);
        }
    }

    /// What `all`, `exists`, `exists_one`, `filter` and `map` are made into.
    fn comprehension(&mut self, made: &mut ComprehensionExpr) -> Type {
        let element = match self.check(&mut made.iter_range) {
            Type::List(of) => *of,
            Type::Any => Type::Any,
            other => self.fail(made.iter_range.id, format!("{} has no elements", other.name())),
        };
        let mut carried = self.check(&mut made.accu_init);
        self.scope.push((made.iter_var.clone(), element));
        self.scope.push((made.accu_var.clone(), carried.clone()));
        self.check(&mut made.loop_cond);
        let step = self.check(&mut made.loop_step);
        if !step.fits(&carried) {
            self.fail(made.iter_range.id, format!("what is asked of each element is {}, not a bool", step.name()));
        }
        if carried == Type::List(Box::new(Type::Any)) {
            carried = step;
        }
        self.scope.pop();
        self.scope.push((made.accu_var.clone(), carried));
        let result = self.check(&mut made.result);
        self.scope.truncate(self.scope.len() - 2);
        result
    }
}

/// Type of an operator or function, if it takes these.
fn result_of(name: &str, types: &[Type]) -> Option<Type> {
    use Type::{Any, Bool, Double, Int, List, Text};
    let all = |of: &Type| types.iter().all(|t| t.fits(of));
    match (name, types) {
        (operators::LOGICAL_AND | operators::LOGICAL_OR, [_, _]) if all(&Bool) => Some(Bool),
        (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [_]) if all(&Bool) => Some(Bool),
        (operators::EQUALS | operators::NOT_EQUALS, [a, b]) if a.fits(b) => Some(Bool),
        (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, [a, b])
            if a.fits(b) && (all(&Int) || all(&Double) || all(&Text)) =>
        {
            Some(Bool)
        }
        (operators::ADD, [a, b]) if a.fits(b) && !all(&Bool) => Some(if *a == Any { b.clone() } else { a.clone() }),
        (operators::ADD, [Any, _] | [_, Any]) => Some(Any),
        (operators::SUBSTRACT, [a, b]) if a.fits(b) && (all(&Int) || all(&Double)) => Some(a.clone()),
        (operators::NEGATE, [a]) if all(&Int) || all(&Double) => Some(a.clone()),
        (operators::CONDITIONAL, [condition, a, b]) if condition.fits(&Bool) && a.fits(b) => Some(a.clone()),
        (operators::IN, [a, List(of)]) if a.fits(of) => Some(Bool),
        ("size", [Text | List(_) | Any]) => Some(Int),
        ("contains" | "startsWith" | "endsWith" | "matches", [_, _]) if all(&Text) => Some(Bool),
        _ => None,
    }
}

/// What an item says, looked up when it is asked for.
struct Variables<'a> {
    item: &'a TaggedItem,
    feed: &'a str,
    given: Given<'a>,
}

impl Variables<'_> {
    fn looked_up<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (function, value) = variable.strip_prefix('#')?.split_once(':')?;
        let share = match function {
            "subject" => {
                let code: u32 = value.parse().ok()?;
                let found = self.item.subjects.iter().find(|s| s.topic.code == code);
                return Some(CowVal::owned(CelInt::from(found.map_or(0, |s| i64::from(s.relevance)))));
            }
            "region" => {
                let (scheme, code) = value.split_once(':')?;
                let same = |s: RegionScheme, c: &str| s.as_str() == scheme && c == code;
                self.item.regions.iter().find(|r| same(r.scheme, &r.code)).map(|r| r.relevance)
            }
            _ => {
                let named = |uri: &str| uri == value;
                let is_it = |e: &&crate::item::Entity| named(&e.uri) || e.same_as.iter().any(|uri| named(uri));
                self.item.entities.iter().find(is_it).map(|e| e.relevance)
            }
        };
        // Two decimals, as they are published: 0.7 as an f32 is a little less than 0.7.
        let share = f64::from(share.unwrap_or_default());
        Some(CowVal::owned(CelDouble::from((share * 100.0).round() / 100.0)))
    }
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let news = &self.item.news;
        let text = |value: &'b str| Some(CowVal::owned(CelString::from(value)));
        let optional = |value: &'b Option<String>| text(value.as_deref().unwrap_or_default());
        let list = |values: Vec<String>| {
            let value: Box<dyn Val> = Value::from(values).try_into().ok()?;
            Some(CowVal::from(value))
        };
        match variable {
            "feed" => text(self.feed),
            "kind" => text(news.kind.as_str()),
            "verdict" => text(self.given.verdict.as_str()),
            "story" => text(self.given.story.unwrap_or_default()),
            "language" => optional(&news.language),
            "headline" => optional(&news.headline),
            "slug" => optional(&news.slug),
            "credit" => optional(&news.credit),
            "genre" => optional(&news.genre),
            "urgency" => Some(CowVal::owned(CelInt::from(i64::from(news.urgency.unwrap_or_default())))),
            "words" => {
                let words = news.body.split_whitespace().count();
                Some(CowVal::owned(CelInt::from(i64::try_from(words).unwrap_or(i64::MAX))))
            }
            "keywords" => list(news.keywords.clone()),
            "subjects" => list(self.item.subjects.iter().map(|s| s.topic.qcode.clone()).collect()),
            "regions" => list(self.item.regions.iter().map(|r| format!("{}:{}", r.scheme.as_str(), r.code)).collect()),
            "entities" => {
                let all = self.item.entities.iter();
                list(all.flat_map(|e| e.same_as.iter().chain([&e.uri])).map(ToString::to_string).collect())
            }
            _ => self.looked_up(variable),
        }
    }
}

#[cfg(test)]
mod tests;
