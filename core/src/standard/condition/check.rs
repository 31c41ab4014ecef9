//! Names and types of a parsed condition.

use std::collections::BTreeSet;

use cel::{
    IdedExpr,
    common::ast::{
        CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, SourceInfo, operators,
    },
};

use super::{AgeField, ConditionError, Fact, Field, MAX_DEPTH, Name, Scope, Type, exact};
use crate::base::did_you_mean;

/// What a condition that holds together asks about.
pub(super) struct Checked {
    pub(super) names: Vec<Name>,
    /// Whether measured numbers stand in it.
    pub(super) measures: bool,
    /// The nodes with a whole number where a measured one is asked for.
    pub(super) whole: BTreeSet<u64>,
}

/// Checks that `expression` is a yes-or-no question about known names, and lists those.
pub(super) fn check(
    text: &str,
    expression: &IdedExpr,
    source: &SourceInfo,
    scope: &Scope,
) -> Result<Checked, Vec<ConditionError>> {
    let mut checker = Checker {
        text,
        source,
        scope,
        names: Vec::new(),
        measures: false,
        whole: BTreeSet::new(),
        bound: None,
        errors: Vec::new(),
    };
    if let Some(found) = checker.expr(expression, 0)
        && found != Type::Flag
    {
        checker.error(0, format!("a condition must say yes or no, this gives {found}"));
    }
    let Checker { names, measures, whole, errors, .. } = checker;
    if errors.is_empty() { Ok(Checked { names, measures, whole }) } else { Err(errors) }
}

struct Checker<'a> {
    text: &'a str,
    source: &'a SourceInfo,
    scope: &'a Scope,
    names: Vec<Name>,
    measures: bool,
    whole: BTreeSet<u64>,
    /// The variable of the `all` or `exists` we are inside, and its type.
    bound: Option<(&'a str, Type)>,
    errors: Vec<ConditionError>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, offset: usize, message: impl Into<String>) -> Option<Type> {
        self.errors.push(ConditionError { offset, message: message.into() });
        None
    }

    /// Byte offset of a node.
    fn offset(&self, id: u64) -> usize {
        self.source.offset_for(id).map_or(0, |(start, _)| start as usize)
    }

    /// The type of `expr`; `None` when an error was already noted inside it.
    fn expr(&mut self, expr: &'a IdedExpr, depth: usize) -> Option<Type> {
        // A flat chain of one operator is a deep tree too, so this bound is wider than the
        // written nesting; it only keeps the walk off the end of a small stack.
        if depth > 8 * MAX_DEPTH {
            return self.error(self.offset(expr.id), "the condition is too long a chain");
        }
        match &expr.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Some(Type::Flag),
                LiteralValue::Int(_) => Some(Type::Int),
                LiteralValue::Double(number) => {
                    self.measures = true;
                    if exact::written(*number.inner()).is_none() {
                        return self.error(self.offset(expr.id), "a number has at most 6 decimals");
                    }
                    Some(Type::Decimal)
                }
                LiteralValue::String(_) => Some(Type::Text),
                LiteralValue::Null => Some(Type::Null),
                LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                    self.error(self.offset(expr.id), "write plain numbers and texts")
                }
            },
            Expr::Ident(name) => self.ident(expr.id, name),
            Expr::Select(select) => self.select(expr.id, select),
            Expr::Call(call) => self.call(expr.id, call, depth + 1),
            Expr::List(list) => self.list(expr.id, &list.elements, depth + 1),
            Expr::Comprehension(all) => self.comprehension(expr.id, all, depth + 1),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.error(self.offset(expr.id), "a condition can't build maps or messages")
            }
        }
    }

    fn ident(&mut self, id: u64, name: &str) -> Option<Type> {
        let offset = self.offset(id);
        if let Some((bound, kind)) = &self.bound
            && *bound == name
        {
            return Some(kind.clone());
        }
        match (name, &self.scope.value) {
            ("value" | "previous", Some(kind)) => {
                let known = if name == "value" { Name::Value } else { Name::Previous };
                self.names.push(known);
                self.measures |= *kind == Type::Decimal;
                Some(kind.clone())
            }
            ("value" | "previous", None) => {
                self.error(offset, format!("`{name}` is known only where an answer is judged"))
            }
            ("age", _) => self.error(offset, "name a thing and what of it, like `age.hose.oldest`"),
            ("step", _) => self.error(offset, "name a step and what of it, like `step.knock.done`"),
            _ if roots().any(|root| root == name) => self
                .error(offset, format!("`{name}` needs a name after it, like `{}`", example(name))),
            _ => {
                let known = roots().chain(["value", "previous", "step", "age"]);
                self.error(offset, format!("unknown name `{name}`{}", did_you_mean(name, known)))
            }
        }
    }

    fn select(&mut self, id: u64, select: &'a SelectExpr) -> Option<Type> {
        let offset = self.offset(id);
        if select.test {
            return self.error(offset, "ask `.done` instead of `has(…)`");
        }
        // Walk down to the root: the fields in reverse, each with the offset of its name.
        let mut fields = vec![(self.field_offset(id), select.field.as_str())];
        let mut operand = &select.operand;
        while let Expr::Select(inner) = &operand.expr {
            if inner.test || fields.len() > MAX_DEPTH {
                return self.error(offset, "only names have parts");
            }
            fields.push((self.field_offset(operand.id), inner.field.as_str()));
            operand = &inner.operand;
        }
        fields.reverse();
        let Expr::Ident(root) = &operand.expr else {
            return self.error(offset, "only names have parts");
        };
        match root.as_str() {
            "step" => self.step(&fields),
            "age" => self.age(&fields),
            "value" | "previous" => {
                let kind = self.ident(operand.id, root)?;
                self.item(&kind, &fields)
            }
            root => self.world(operand.id, root, &fields),
        }
    }

    /// Where the name after a dot stands.
    fn field_offset(&self, select: u64) -> usize {
        let dot = self.offset(select);
        let after = self.text.get(dot + 1..).unwrap_or("");
        dot + 1 + (after.len() - after.trim_start().len())
    }

    fn step(&mut self, fields: &[(usize, &str)]) -> Option<Type> {
        let (offset, id) = fields[0];
        let Some(kind) = self.scope.steps.get(id) else {
            let known = self.scope.steps.keys().map(String::as_str);
            return self.error(offset, format!("unknown step `{id}`{}", did_you_mean(id, known)));
        };
        let fields_known = || Field::ALL.into_iter().map(Field::name);
        let Some((offset, name)) = fields.get(1).copied() else {
            let message = format!("say what of step `{id}`, like `step.{id}.done`");
            return self.error(offset, message);
        };
        let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) else {
            let known = fields_known().collect::<Vec<_>>().join(", ");
            let hint = did_you_mean(name, fields_known());
            return self.error(offset, format!("a step has {known}, not `{name}`{hint}"));
        };
        self.names.push(Name::Step { id: id.to_owned(), field });
        let kind = match field {
            Field::Done | Field::Holds => Type::Flag,
            Field::At | Field::Times | Field::Seq => Type::Int,
            Field::Value => kind.clone(),
        };
        self.measures |= kind == Type::Decimal;
        self.item(&kind, &fields[2..])
    }

    /// What a profile says of the age of something: any id, since profiles differ in what they name.
    fn age(&mut self, fields: &[(usize, &str)]) -> Option<Type> {
        let (offset, item) = fields[0];
        let Some((offset, name)) = fields.get(1).copied() else {
            let message = format!("say what of the age of `{item}`, like `age.{item}.oldest`");
            return self.error(offset, message);
        };
        let Some(asks) = AgeField::ALL.into_iter().find(|asks| asks.name() == name) else {
            let known = || AgeField::ALL.into_iter().map(AgeField::name);
            let hint = did_you_mean(name, known());
            let known = known().collect::<Vec<_>>().join(", ");
            return self.error(offset, format!("an age has {known}, not `{name}`{hint}"));
        };
        self.names.push(Name::Age { item: item.to_owned(), asks });
        let kind = match asks {
            AgeField::Oldest => Type::Int,
            AgeField::UnknownIsHazard => Type::Flag,
        };
        self.item(&kind, &fields[2..])
    }

    /// What is left to select on a value: an item of a checklist.
    fn item(&mut self, kind: &Type, fields: &[(usize, &str)]) -> Option<Type> {
        let Some((offset, name)) = fields.first().copied() else { return Some(kind.clone()) };
        let Type::Items(items, answers) = kind else {
            return self.error(offset, format!("{kind} has no part `{name}`"));
        };
        if !items.iter().any(|item| item == name) {
            let hint = did_you_mean(name, items.iter().map(String::as_str));
            return self.error(offset, format!("the checklist has no item `{name}`{hint}"));
        }
        self.item(&Type::Choice(answers.clone()), &fields[1..])
    }

    fn world(&mut self, root_id: u64, root: &str, fields: &[(usize, &str)]) -> Option<Type> {
        if !roots().any(|known| known == root) {
            return self.ident(root_id, root);
        }
        let (offset, field) = fields[0];
        let Some(fact) = Fact::named(&format!("{root}.{field}")) else {
            let hint = did_you_mean(field, fields_of(root));
            return self.error(offset, format!("unknown name `{root}.{field}`{hint}"));
        };
        self.names.push(Name::World(fact));
        self.item(&fact.kind(), &fields[1..])
    }

    fn list(&mut self, id: u64, elements: &'a [IdedExpr], depth: usize) -> Option<Type> {
        let mut kind: Option<Type> = None;
        let mut found_kinds = Vec::new();
        for element in elements {
            let found = self.expr(element, depth)?;
            if kind.as_ref().is_some_and(|kind| !kind.comparable(&found)) {
                return self.error(self.offset(element.id), "a list holds one kind of values");
            }
            kind.get_or_insert_with(|| found.clone());
            found_kinds.push(found);
        }
        if kind.as_ref().is_some_and(Type::is_number) {
            let numbers: Vec<_> = elements.iter().zip(&found_kinds).collect();
            kind = Some(self.alike(&numbers));
        }
        match kind {
            Some(kind) => Some(Type::List(Box::new(kind))),
            None => self.error(self.offset(id), "an empty list is of no use in a condition"),
        }
    }

    /// Has whole numbers count as measured ones beside one that is measured.
    fn alike(&mut self, numbers: &[(&'a IdedExpr, &Type)]) -> Type {
        if !numbers.iter().any(|(_, kind)| **kind == Type::Decimal) {
            return Type::Int;
        }
        self.measures = true;
        let whole = numbers.iter().filter(|(_, kind)| **kind == Type::Int);
        self.whole.extend(whole.map(|(it, _)| it.id));
        Type::Decimal
    }

    /// The same of something and a list it is looked for in.
    fn alike_in(&mut self, it: (&'a IdedExpr, &Type), list: &'a IdedExpr, of: &Type) -> Option<()> {
        if it.1.is_number() && of == &Type::Decimal {
            self.alike(&[it, (list, of)]);
        } else if it.1 == &Type::Decimal && of == &Type::Int {
            let Expr::List(list) = &list.expr else {
                self.error(self.offset(it.0.id), "a measured number is none of whole ones");
                return None;
            };
            self.measures = true;
            self.whole.extend(list.elements.iter().map(|element| element.id));
        }
        Some(())
    }

    fn call(&mut self, id: u64, call: &'a CallExpr, depth: usize) -> Option<Type> {
        let offset = self.offset(id);
        let mut kinds = Vec::new();
        let mut failed = false;
        let operands: Vec<&'a IdedExpr> =
            call.target.as_deref().into_iter().chain(&call.args).collect();
        for operand in &operands {
            match self.expr(operand, depth) {
                Some(kind) => kinds.push(kind),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        match (call.func_name.as_str(), kinds.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, kinds) => {
                let wrong = kinds.iter().position(|kind| *kind != Type::Flag);
                match wrong {
                    None => Some(Type::Flag),
                    Some(at) => {
                        let message =
                            format!("`&&` and `||` join yes-or-no questions, not {}", kinds[at]);
                        self.error(self.offset(operands[at].id), message)
                    }
                }
            }
            (operators::LOGICAL_NOT, [Type::Flag]) => Some(Type::Flag),
            (operators::LOGICAL_NOT, [kind]) => {
                self.error(offset, format!("`!` turns yes into no, it can't turn {kind}"))
            }
            (operators::NEGATE, [kind]) if kind.is_number() => Some(kind.clone()),
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
                if !a.comparable(b) {
                    return self.error(offset, format!("{a} never equals {b}"));
                }
                match (a, b) {
                    (Type::List(_), Type::List(_)) if a.measured() != b.measured() => {
                        return self.error(offset, "measured numbers are none of whole ones");
                    }
                    (a, b) if a.is_number() && b.is_number() => {
                        self.alike(&[(operands[0], a), (operands[1], b)]);
                    }
                    _ => {}
                }
                self.known_choice(a, operands[1])?;
                self.known_choice(b, operands[0])
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [a, b],
            ) => {
                let fits = a.is_number() && b.is_number();
                if fits {
                    self.alike(&[(operands[0], a), (operands[1], b)]);
                    Some(Type::Flag)
                } else {
                    self.error(offset, format!("{a} and {b} have no order"))
                }
            }
            (operators::ADD | operators::SUBSTRACT, [a, b]) if a.is_number() && b.is_number() => {
                Some(self.alike(&[(operands[0], a), (operands[1], b)]))
            }
            (operators::CONDITIONAL, [Type::Flag, a, b]) if a.is_number() && b.is_number() => {
                Some(self.alike(&[(operands[1], a), (operands[2], b)]))
            }
            (operators::CONDITIONAL, [Type::Flag, a, b]) if a == b => Some(a.clone()),
            (operators::IN, [a, Type::List(b)]) => {
                if !a.comparable(b) {
                    return self.error(offset, format!("{a} is never in a list of {b}"));
                }
                self.alike_in((operands[0], a), operands[1], b)?;
                if let Expr::List(list) = &operands[1].expr {
                    for element in &list.elements {
                        self.known_choice(a, element)?;
                    }
                }
                self.known_choice(b, operands[0])
            }
            ("size", [Type::List(_) | Type::Text | Type::Items(..)]) => Some(Type::Int),
            ("startsWith" | "endsWith" | "contains", [a, b]) if a.is_text() && b.is_text() => {
                Some(Type::Flag)
            }
            (operators::NOT_STRICTLY_FALSE, [kind]) => Some(kind.clone()),
            (name, kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Type::to_string).collect();
                let shown = shown(name);
                let message = format!(
                    "`{shown}` of {} is not known here: use && || ! == != < <= > >= in + - ?: size \
                     startsWith endsWith contains all exists",
                    if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(" and ") }
                );
                self.error(offset, message)
            }
        }
    }

    /// A literal that is compared with a choice must be one of it.
    fn known_choice(&mut self, kind: &Type, with: &IdedExpr) -> Option<Type> {
        if let (Type::Choice(ids), Expr::Literal(LiteralValue::String(text))) = (kind, &with.expr)
            && !ids.iter().any(|id| id == text.inner())
        {
            let hint = did_you_mean(text.inner(), ids.iter().map(String::as_str));
            let message = format!("`{}` is not one of the choices{hint}", text.inner());
            return self.error(self.offset(with.id), message);
        }
        Some(Type::Flag)
    }

    /// `list.all(x, …)` and `list.exists(x, …)` as the parser spells them out; `map`, `filter` and
    /// `exists_one` are refused, so work grows with the list and no faster.
    fn comprehension(&mut self, id: u64, it: &'a ComprehensionExpr, depth: usize) -> Option<Type> {
        let offset = self.offset(id);
        if self.bound.is_some() {
            return self.error(offset, "`all` and `exists` can't stand inside each other");
        }
        let Expr::Literal(LiteralValue::Boolean(_)) = &it.accu_init.expr else {
            return self.error(offset, "only `all` and `exists` walk through a list here");
        };
        let Expr::Call(step) = &it.loop_step.expr else {
            return self.error(offset, "only `all` and `exists` walk through a list here");
        };
        let (Some(question), None) = (step.args.get(1), &it.iter_var2) else {
            return self.error(offset, "write `list.all(x, …)`");
        };
        let kind = self.expr(&it.iter_range, depth)?;
        let Type::List(element) = kind else {
            return self
                .error(offset, format!("`all` and `exists` walk through a list, not {kind}"));
        };
        self.bound = Some((&it.iter_var, *element));
        let found = self.expr(question, depth);
        self.bound = None;
        match found? {
            Type::Flag => Some(Type::Flag),
            kind => self.error(
                self.offset(question.id),
                format!("this must say yes or no, not give {kind}"),
            ),
        }
    }
}

/// An operator as it is written.
fn shown(name: &str) -> String {
    name.trim_matches('@').replace('_', "")
}

/// The first halves of the facts' names, each once.
fn roots() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    Fact::ALL.iter().filter_map(move |fact| {
        let root = fact.name().split('.').next().unwrap_or("");
        let new = root != last;
        last = root;
        new.then_some(root)
    })
}

fn fields_of(root: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    Fact::ALL.iter().filter_map(move |fact| fact.name().strip_prefix(root)?.strip_prefix('.'))
}

fn example(root: &str) -> &'static str {
    Fact::ALL.iter().map(|fact| fact.name()).find(|name| name.starts_with(root)).unwrap_or("")
}
