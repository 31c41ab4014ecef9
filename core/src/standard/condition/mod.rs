//! Conditions in standards: Common Expression Language, checked when loaded, bounded when run.
//!
//! A condition is at most [`MAX_BYTES`] long and [`MAX_DEPTH`] deep; it may use comparison, logic,
//! `in`, `+`, `-`, `?:`, `size`, `startsWith`, `endsWith`, `contains`, and `all` / `exists` over
//! a list (not inside each other), and names nothing but what [`Facts`] holds. Every name and every
//! type is checked at load, so running can fail only on answers not given yet.
//!
//! What it doesn't do: no clock, no regular expressions, no functions of the host.

mod check;
mod exact;
mod facts;
mod syntax;
mod types;
mod words;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock, OnceLock},
};

use cel::{Context, Env, IdedExpr, Value, objects::Key, parser::Parser};

pub use facts::{AgeLimit, Fact, FactValue, Facts, StepFacts, World};
pub(super) use types::Type;

/// The longest condition, in bytes.
pub const MAX_BYTES: usize = 800;

/// The deepest nesting inside a condition.
pub const MAX_DEPTH: usize = 8;

/// The longest list or text an answer brings into a condition; what is longer is cut there.
const MAX_ITEMS: usize = 200;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A condition, compiled when it is loaded or when it is first asked. Cheap to run, never panics,
/// never loops for long.
#[derive(Clone)]
pub struct Condition {
    text: String,
    scope: Scope,
    /// `None` inside: the text is no condition after all.
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Clone)]
struct Compiled {
    expression: IdedExpr,
    /// As it runs, where it names measured numbers: see [`exact`].
    runs: Option<Box<IdedExpr>>,
    names: Vec<Name>,
}

/// What a condition may name at the place where it stands.
#[derive(Clone)]
pub(super) struct Scope {
    /// Every step of the standard, with the type of its answer.
    pub(super) steps: Arc<BTreeMap<String, Type>>,
    /// The type of `value` and `previous`, where they exist.
    pub(super) value: Option<Type>,
}

/// Something a condition asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::standard) enum Name {
    Step { id: String, field: Field },
    World(Fact),
    Age { item: String, asks: AgeField },
    Value,
    Previous,
}

/// What it asks about the age of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::standard) enum AgeField {
    Oldest,
    UnknownIsHazard,
}

/// What it asks about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::standard) enum Field {
    Done,
    Value,
    At,
    Times,
    Seq,
    Holds,
}

/// What is wrong in a condition, at a byte offset of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionError {
    pub(super) offset: usize,
    pub(super) message: String,
}

/// Why a condition gave neither yes nor no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// It depends on something nobody has answered yet.
    #[error("`{condition}` depends on an answer that is not given yet")]
    Unanswered {
        /// The condition.
        condition: String,
    },
    /// The numbers in it left 64 bits.
    #[error("`{condition}` could not be computed from these answers")]
    Failed {
        /// The condition.
        condition: String,
    },
}

impl Condition {
    /// Compiles `text` for `scope`; all errors found, at least one when it is no condition.
    pub(super) fn compile(text: &str, scope: Scope) -> Result<Condition, Vec<ConditionError>> {
        let compiled = Compiled::new(text, &scope)?;
        Ok(Condition { text: text.to_owned(), scope, compiled: OnceLock::from(Some(compiled)) })
    }

    /// Takes `text` for what it was found to be before, when its file was checked whole: compiled
    /// when it is first asked. A text that is no condition never holds and is never broken.
    pub(super) fn later(text: &str, scope: Scope) -> Condition {
        Condition { text: text.to_owned(), scope, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| Compiled::new(&self.text, &self.scope).ok()).as_ref()
    }

    /// Runs the condition. [`EvalError::Unanswered`] means it depends on an answer nobody gave.
    pub fn eval(&self, facts: &Facts) -> Result<bool, EvalError> {
        let failed = || EvalError::Failed { condition: self.text.clone() };
        let compiled = self.compiled().ok_or_else(failed)?;
        let mut context = Context::with_env(ENV.clone());
        let mut unanswered = false;
        for name in &compiled.names {
            let value = name.value(facts);
            unanswered |= value == Value::Null;
            context.add_variable_from_value(name.to_string(), value);
        }
        match Value::resolve(compiled.runs.as_deref().unwrap_or(&compiled.expression), &context) {
            Ok(Value::Bool(answer)) => Ok(answer),
            _ if unanswered => Err(EvalError::Unanswered { condition: self.text.clone() }),
            _ => Err(failed()),
        }
    }

    /// Whether the condition holds; one that can't be answered yet doesn't.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.eval(facts).unwrap_or(false)
    }

    /// The condition as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it asks about, in the order it does.
    pub(super) fn names(&self) -> &[Name] {
        self.compiled().map_or(&[], |compiled| &compiled.names)
    }

    /// What it says, for whoever reads it otherwise than by running it.
    pub(super) fn expression(&self) -> Option<&IdedExpr> {
        self.compiled().map(|compiled| &compiled.expression)
    }

    /// The steps it asks about, each once or more.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &str> {
        self.names().iter().filter_map(|name| match name {
            Name::Step { id, .. } => Some(id.as_str()),
            _ => None,
        })
    }
}

impl Compiled {
    fn new(text: &str, scope: &Scope) -> Result<Compiled, Vec<ConditionError>> {
        let fail = |offset, message: String| Err(vec![ConditionError { offset, message }]);
        if text.len() > MAX_BYTES {
            let message = format!(
                "the condition has {} bytes, at most {MAX_BYTES} are allowed: move part of it to another step",
                text.len()
            );
            return fail(MAX_BYTES, message);
        }
        if let Some(offset) = too_deep(text) {
            return fail(offset, format!("the condition is nested more than {MAX_DEPTH} deep"));
        }
        let parser = Parser::new().max_recursion_depth(MAX_DEPTH as u16).error_recovery_limit(8);
        let (expression, source) = match parser.parse_with_source_info(text) {
            Ok(parsed) => parsed,
            Err(errors) => {
                // What the parser tells after the first follows from it.
                let at = errors.errors.first().map_or(0, |error| place(text, error));
                return Err(vec![syntax::slip(text, at)]);
            }
        };
        let checked = check::check(text, &expression, &source, scope)?;
        let runs = checked.measures.then(|| Box::new(exact::exact(&expression, &checked.whole)));
        Ok(Compiled { expression, runs, names: checked.names })
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({:?})", self.text)
    }
}

impl Name {
    fn value(&self, facts: &Facts) -> Value {
        match self {
            Name::Step { id, field } => {
                let step = facts.steps.get(id);
                match field {
                    Field::Done => Value::Bool(step.is_some_and(|step| step.times > 0)),
                    Field::Holds => {
                        Value::Bool(step.is_some_and(|step| step.times > 0 && step.holds))
                    }
                    Field::Times => Value::Int(step.map_or(0, |step| step.times)),
                    Field::At => step.map_or(Value::Null, |step| Value::Int(step.at)),
                    Field::Seq => step.map_or(Value::Null, |step| Value::Int(step.seq)),
                    Field::Value => answer(step.and_then(|step| step.value.as_ref())),
                }
            }
            Name::World(fact) => match (facts.world.get(*fact), fact.kind()) {
                (None, Type::Flag) => Value::Bool(false),
                (None, Type::Int) => Value::Int(0),
                (known, _) => answer(known.as_ref()),
            },
            Name::Age { item, asks } => {
                let limit = facts.world.ages.get(item).copied().unwrap_or_default();
                match asks {
                    AgeField::Oldest => Value::Int(limit.oldest),
                    AgeField::UnknownIsHazard => Value::Bool(limit.unknown_is_hazard),
                }
            }
            Name::Value => answer(facts.value.as_ref()),
            Name::Previous => answer(facts.previous.as_ref()),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Step { id, field } => write!(f, "step.{id}.{}", field.name()),
            Name::World(fact) => f.write_str(fact.name()),
            Name::Age { item, asks } => write!(f, "age.{item}.{}", asks.name()),
            Name::Value => f.write_str("value"),
            Name::Previous => f.write_str("previous"),
        }
    }
}

impl AgeField {
    const ALL: [AgeField; 2] = [AgeField::Oldest, AgeField::UnknownIsHazard];

    fn name(self) -> &'static str {
        match self {
            AgeField::Oldest => "oldest",
            AgeField::UnknownIsHazard => "unknown_is_hazard",
        }
    }
}

impl Field {
    const ALL: [Field; 6] =
        [Field::Done, Field::Value, Field::At, Field::Times, Field::Seq, Field::Holds];

    fn name(self) -> &'static str {
        match self {
            Field::Done => "done",
            Field::Value => "value",
            Field::At => "at",
            Field::Times => "times",
            Field::Seq => "seq",
            Field::Holds => "holds",
        }
    }
}

fn answer(answer: Option<&FactValue>) -> Value {
    match answer {
        None => Value::Null,
        Some(FactValue::Flag(flag)) => Value::Bool(*flag),
        Some(FactValue::Int(int)) => Value::Int(*int),
        Some(FactValue::Decimal(number)) => Value::Int(exact::parts(*number)),
        Some(FactValue::Text(text)) => {
            Value::String(Arc::new(text.chars().take(2 * MAX_BYTES).collect()))
        }
        Some(FactValue::List(list)) => {
            let items = list.iter().take(MAX_ITEMS).map(|item| match item {
                // Lists of lists don't occur; what is inside one is no longer looked at.
                FactValue::List(_) | FactValue::Items(_) => Value::Null,
                plain => self::answer(Some(plain)),
            });
            Value::List(Arc::new(items.collect()))
        }
        Some(FactValue::Items(items)) => {
            let entries = items.iter().take(MAX_ITEMS).map(|(id, answer)| {
                (Key::from(id.as_str()), Value::String(Arc::new(answer.clone())))
            });
            Value::Map(entries.collect::<std::collections::HashMap<_, _>>().into())
        }
    }
}

/// Where brackets or a run of signs go deeper than the parser should be asked to follow.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut signs, mut dots) = (0_usize, 0_usize, 0_usize);
    for (offset, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' | ':' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if c == '!' || c == '-' { signs + 1 } else { 0 };
        dots = match c {
            '.' => dots + 1,
            _ if c.is_alphanumeric() || c == '_' || c.is_whitespace() => dots,
            _ => 0,
        };
        if depth.max(signs).max(dots) > MAX_DEPTH {
            return Some(offset);
        }
    }
    None
}

/// The byte where the parser gave up. It tells bytes for nodes it built, and lines and columns from 1, in
/// characters, for tokens it didn't expect.
fn place(text: &str, error: &cel::ParseError) -> usize {
    let node = error.source_info.as_ref().and_then(|source| source.offset_for(error.expr_id));
    match node {
        Some((start, _)) if error.expr_id != 0 => start as usize,
        _ => {
            let line = usize::try_from(error.pos.0 - 1).unwrap_or(0);
            let column = usize::try_from(error.pos.1 - 1).unwrap_or(0);
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            let rest = text.get(start..).unwrap_or("");
            start + rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset)
        }
    }
}

#[cfg(test)]
mod tests;
