//! The values that can make a difference to conditions: around every number they name, every
//! choice there is, every text they name and one they don't.

use std::collections::{BTreeMap, BTreeSet};

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, operators},
};

use crate::{
    base::Decimal,
    standard::{
        Condition, FactValue, ITEM_ANSWERS, Kind, MAX_COUNT, MAX_PRESS_MS, SIGNATURE_ANSWERS,
    },
};

/// The most choices of which every selection is tried.
const MAX_SELECTED: usize = 8;

/// The most items of a checklist of which every answer is tried.
const MAX_ITEMS: usize = 4;

/// The most answers in a row that are each less than the next.
const MAX_COMPARED: i64 = 12;

/// The most texts looked for within one, of which every order is tried.
const MAX_WITHIN: usize = 3;

/// The most texts, and the longest of them, that are tried.
const MAX_TEXTS: usize = 2_000;
const MAX_LENGTH: i64 = 200;

/// What conditions name, apart from facts.
#[derive(Default)]
pub(super) struct Named {
    numbers: BTreeSet<i64>,
    /// In millionths, the finest a step measures.
    decimals: BTreeSet<i64>,
    texts: BTreeSet<String>,
    /// Parts selected of something: among them the items of checklists.
    parts: BTreeSet<String>,
    /// How many times a list is walked through.
    walks: usize,
    /// Whether something is added or subtracted.
    sums: bool,
    /// How many times two things are compared.
    compared: i64,
    /// How many times a text is looked for within another.
    within: usize,
    /// Whether something's length is asked.
    sized: bool,
}

impl Named {
    pub(super) fn of(conditions: &[&Condition]) -> Named {
        let mut named = Named::default();
        for condition in conditions {
            condition.expression().into_iter().for_each(|expression| named.walk(expression));
        }
        named
    }

    fn walk(&mut self, it: &IdedExpr) {
        match &it.expr {
            Expr::Literal(LiteralValue::Int(number)) => {
                let number = *number.inner();
                self.numbers.insert(number);
                self.decimals.insert(number.saturating_mul(1_000_000));
            }
            Expr::Literal(LiteralValue::Double(number)) => {
                let number = *number.inner();
                self.decimals.insert((number * 1_000_000.0).round() as i64);
                self.numbers.extend([number.floor() as i64, number.ceil() as i64]);
            }
            Expr::Literal(LiteralValue::String(text)) => {
                self.texts.insert(text.inner().to_owned());
            }
            Expr::Select(select) => {
                self.parts.insert(select.field.clone());
                self.walk(&select.operand);
            }
            Expr::Call(call) => {
                self.sums |=
                    [operators::ADD, operators::SUBSTRACT].contains(&call.func_name.as_str());
                match call.func_name.as_str() {
                    operators::LESS
                    | operators::LESS_EQUALS
                    | operators::GREATER
                    | operators::GREATER_EQUALS
                    | operators::NOT_EQUALS => self.compared += 1,
                    "startsWith" | "endsWith" | "contains" => self.within += 1,
                    "size" => self.sized = true,
                    _ => {}
                }
                if call.func_name == operators::NEGATE {
                    // The number is named with its sign.
                    let mut inner = Named::default();
                    call.args.iter().for_each(|argument| inner.walk(argument));
                    self.numbers.extend(inner.numbers.iter().map(|n| n.saturating_neg()));
                    self.decimals.extend(inner.decimals.iter().map(|n| n.saturating_neg()));
                }
                call.target.iter().for_each(|target| self.walk(target));
                call.args.iter().for_each(|argument| self.walk(argument));
            }
            Expr::List(list) => list.elements.iter().for_each(|element| self.walk(element)),
            Expr::Comprehension(all) => {
                self.walks += 1;
                self.walk(&all.iter_range);
                self.walk(&all.loop_step);
            }
            _ => {}
        }
    }

    /// Numbers between which nothing changes, from `least` to `most`.
    pub(super) fn whole(&self, least: i64, most: i64) -> Vec<i64> {
        let near = |n: &i64| [n.saturating_sub(1), *n, n.saturating_add(1)];
        let mut numbers: BTreeSet<i64> = self.numbers.iter().flat_map(near).collect();
        numbers.extend([least, 0, 1, most]);
        // For answers that are compared with each other.
        numbers.extend(2..=self.compared.min(MAX_COMPARED));
        numbers.into_iter().filter(|n| (least..=most).contains(n)).collect()
    }

    /// Texts between which nothing changes, or `None` where there would be too many: what is named,
    /// alone, between others, and one after the other, in each length that makes a difference.
    pub(super) fn text(&self) -> Option<Vec<String>> {
        if self.within > MAX_WITHIN {
            return None;
        }
        let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
        let mut longest = rows.clone();
        for _ in 0..self.within.max(2) {
            longest = longest
                .iter()
                .flat_map(|row| self.texts.iter().map(move |text| (row, text.as_str())))
                .map(|(row, text)| row.iter().copied().chain([text]).collect::<Vec<_>>())
                .collect();
            rows.extend(longest.iter().cloned());
            if rows.len() > MAX_TEXTS {
                return None;
            }
        }
        let mut texts = BTreeSet::from(["~".to_owned(), "~~".to_owned()]);
        let lengths = match self.sized {
            true => self.whole(0, i64::MAX),
            false => Vec::new(),
        };
        for row in &rows {
            texts.insert(row.concat());
            texts.insert(format!("~{}~", row.concat()));
            for length in lengths.iter().filter(|length| **length < i64::MAX) {
                if *length > MAX_LENGTH {
                    return None;
                }
                let short = *length - row.concat().chars().count() as i64;
                let Some(fill) = usize::try_from(short).ok().map(|short| "~".repeat(short)) else {
                    continue;
                };
                for at in 0..=row.len() {
                    texts.insert(format!("{}{fill}{}", row[..at].concat(), row[at..].concat()));
                }
            }
            if texts.len() > MAX_TEXTS {
                return None;
            }
        }
        Some(texts.into_iter().collect())
    }

    /// Whether something is added or subtracted: then values that nobody names could matter.
    pub(super) fn adds_up(&self) -> bool {
        self.sums
    }

    /// The answers to a step of this kind, or `None` where others could make a difference.
    pub(super) fn answers(&self, kind: &Kind) -> Option<Vec<FactValue>> {
        let whole = |most| self.whole(0, most).into_iter().map(FactValue::Int).collect();
        let texts = |ids: Vec<&str>| ids.into_iter().map(FactValue::from).collect();
        Some(match kind {
            Kind::Done | Kind::Text { .. } | Kind::Hazard | Kind::Handover => {
                vec![FactValue::Flag(true), FactValue::Flag(false)]
            }
            Kind::Count | Kind::Parts => whole(MAX_COUNT),
            Kind::Quote | Kind::Charges | Kind::Payment => whole(i64::MAX),
            Kind::Presses => return self.presses(),
            Kind::Choice(choices) | Kind::Opinion(choices) => {
                texts(choices.iter().map(|choice| choice.id.as_str()).collect())
            }
            Kind::Many(choices) => {
                let ids: Vec<&str> = choices.iter().map(|choice| choice.id.as_str()).collect();
                return selections(&ids);
            }
            Kind::Number { decimals, .. } => self.measured(*decimals, i64::MIN),
            Kind::Reading { decimals } => self.measured(*decimals, 0),
            Kind::Checklist(items) => {
                let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
                return self.checklists(&ids);
            }
            Kind::Signature => texts(SIGNATURE_ANSWERS.to_vec()),
            Kind::Photo | Kind::Scan => self.text()?.into_iter().map(FactValue::from).collect(),
        })
    }

    fn measured(&self, decimals: u8, least: i64) -> Vec<FactValue> {
        let step = 10_i64.pow(6 - u32::from(decimals.min(6)));
        let near = |n: &i64| {
            let down = n.div_euclid(step);
            [down.saturating_sub(1), down, down.saturating_add(1), down.saturating_add(2)]
        };
        let mut units: BTreeSet<i64> = self.decimals.iter().flat_map(near).collect();
        units.extend(-1..=self.compared.clamp(1, MAX_COMPARED));
        let fits = |units: &i64| *units >= least;
        units
            .into_iter()
            .filter(fits)
            .map(|units| FactValue::Decimal(Decimal { units, decimals }))
            .collect()
    }

    /// Lists of one length and one or two lengths of press: all there is to see for conditions that
    /// walk through a list once.
    fn presses(&self) -> Option<Vec<FactValue>> {
        let long =
            self.numbers.iter().any(|n| (12..=crate::standard::MAX_PRESSES as i64).contains(n));
        if self.walks > 1 || long {
            return None;
        }
        let lengths = self.whole(0, MAX_PRESS_MS);
        let sizes = self.whole(1, 12);
        let mut values = Vec::new();
        for size in sizes {
            for (at, first) in lengths.iter().enumerate() {
                for second in &lengths[at..] {
                    let mut list = vec![FactValue::Int(*first); size as usize];
                    if let Some(last) = list.last_mut() {
                        *last = FactValue::Int(*second);
                    }
                    values.push(FactValue::List(list));
                }
            }
        }
        Some(values)
    }

    fn checklists(&self, items: &[&str]) -> Option<Vec<FactValue>> {
        let (asked, rest): (Vec<&str>, Vec<&str>) =
            items.iter().partition(|item| self.parts.contains(**item));
        if asked.len() > MAX_ITEMS {
            return None;
        }
        let passed = |item: &&str| ((*item).to_owned(), ITEM_ANSWERS[0].to_owned());
        let others: BTreeMap<String, String> = rest.iter().map(passed).collect();
        let count = ITEM_ANSWERS.len().pow(asked.len() as u32);
        let values = (0..count).map(|number| {
            let mut answers = others.clone();
            let mut number = number;
            for item in &asked {
                answers.insert(
                    (**item).to_owned(),
                    ITEM_ANSWERS[number % ITEM_ANSWERS.len()].to_owned(),
                );
                number /= ITEM_ANSWERS.len();
            }
            FactValue::Items(answers)
        });
        Some(values.collect())
    }
}

/// Every selection of some choices, where there are few enough.
fn selections(ids: &[&str]) -> Option<Vec<FactValue>> {
    if ids.len() > MAX_SELECTED {
        return None;
    }
    let list = |ids: Vec<&str>| FactValue::List(ids.into_iter().map(FactValue::from).collect());
    let chosen = |number: usize| {
        ids.iter().enumerate().filter(move |(at, _)| number >> at & 1 == 1).map(|(_, id)| *id)
    };
    let values = (0..1_usize << ids.len()).map(|number| list(chosen(number).collect()));
    Some(values.collect())
}
