//! Messages that say what was measured: `{leak_after_ppm}` stands for the latest answer to that step.

use super::{Choice, FactValue, Facts, Kind, Standard};
use crate::base::{Lang, Text3};

/// What stands for a step nobody answered.
const NO_ANSWER: &str = "–";

/// The steps a message names, with the byte offset of each name; an error where a bracket is left
/// alone.
pub(super) fn places(text: &str) -> Result<Vec<(usize, &str)>, usize> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find(['{', '}']).map(|at| from + at) {
        let close = text[open..].find('}').map(|at| open + at).ok_or(open)?;
        let name = &text[open + 1..close.max(open + 1)];
        if close == open || name.contains('{') {
            return Err(open);
        }
        places.push((open + 1, name));
        from = close + 1;
    }
    Ok(places)
}

/// Whether an answer of this kind can stand in a message: numbers, and choices by their titles.
/// Words are private.
pub(super) fn can_be_told(kind: &Kind) -> bool {
    matches!(kind, Kind::Number { .. } | Kind::Reading { .. } | Kind::Count | Kind::Choice(_))
}

impl Standard {
    /// A message with what `facts` know in the place of each `{step}`.
    pub fn filled(&self, message: &Text3, facts: &Facts) -> Text3 {
        let fill = |lang| self.fill(message.get(lang), lang, facts);
        Text3 { zh_hans: fill(Lang::ZhHans), zh_hant: fill(Lang::ZhHant), en: fill(Lang::En) }
    }

    fn fill(&self, text: &str, lang: Lang, facts: &Facts) -> String {
        replaced(text, |id| {
            let value = facts.steps.get(id).and_then(|step| step.value.as_ref());
            self.told(id, value, lang)
        })
    }

    fn told(&self, id: &str, value: Option<&FactValue>, lang: Lang) -> String {
        match value {
            Some(FactValue::Decimal(number)) => number.to_string(),
            Some(FactValue::Int(number)) => number.to_string(),
            Some(FactValue::Text(answer)) => {
                let is = |choice: &&Choice| choice.id == *answer;
                let choices = self.step(id).map_or(&[][..], |step| step.kind.choices());
                choices.iter().find(is).map_or(NO_ANSWER, |it| it.title.get(lang)).to_owned()
            }
            _ => NO_ANSWER.to_owned(),
        }
    }

    /// A message as an author reads it: steps by their titles.
    pub fn titled(&self, message: &str, lang: Lang) -> String {
        let title = |id: &str| self.step(id).map_or(id, |step| step.title.get(lang)).to_owned();
        replaced(message, |id| format!("[{}]", title(id)))
    }
}

/// The text with something else in the place of each `{name}`.
fn replaced(text: &str, with: impl Fn(&str) -> String) -> String {
    let (mut replaced, mut from) = (String::new(), 0);
    for (at, name) in places(text).unwrap_or_default() {
        replaced.push_str(&text[from..at - 1]);
        replaced.push_str(&with(name));
        from = at + name.len() + 1;
    }
    replaced.push_str(&text[from..]);
    replaced
}
