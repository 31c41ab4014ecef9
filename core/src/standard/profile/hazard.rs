//! Scales on which hazards are graded.

use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::Text3,
    event::{Duty, DutyWithin},
    standard::{
        raw::{RawText, Str},
        report::{Report, Seen},
    },
};

/// A scale of hazards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// Its grades, the gravest first.
    pub grades: Vec<Grade>,
}

/// One grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// Its code in the scale.
    pub code: String,
    /// 1 is the gravest.
    pub rank: u32,
    /// What people call it.
    pub title: Text3,
    /// Days until it must be mended; none: advice only.
    pub deadline_days: Option<u32>,
    /// What must happen before the visit may end.
    pub duties: Vec<Duty>,
    /// How soon after the finding some of them are to be done.
    pub within: Vec<WithinRule>,
    /// Days until it is looked at again; none: no day is set.
    pub recheck_days: Option<u32>,
    /// What whoever has to mend it is asked to do.
    pub action: Option<Text3>,
    /// Where this is written.
    pub source: String,
}

/// How soon a duty is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithinRule {
    /// What is pinned in a finding: which duty, minutes, rule.
    pub limit: DutyWithin,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawScale {
    pub(super) id: Str,
    title: RawText,
    grade: Vec<RawGrade>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawGrade {
    code: Str,
    title: RawText,
    deadline_days: Option<Spanned<u32>>,
    #[serde(default)]
    duties: Vec<Duty>,
    #[serde(default)]
    within: Vec<Spanned<RawWithin>>,
    recheck_days: Option<Spanned<u32>>,
    action: Option<RawText>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawWithin {
    duty: Duty,
    minutes: Spanned<u32>,
    rule: Str,
    source: Str,
}

impl Profile {
    /// The grade with this code on a scale.
    pub fn grade(&self, scale: &str, code: &str) -> Option<&Grade> {
        let scale = self.scales.iter().find(|known| known.id == scale)?;
        scale.grades.iter().find(|grade| grade.code == code)
    }
}

pub(super) fn read(report: &mut Report<'_>, raw: &RawScale) -> Scale {
    let (mut seen, mut grades) = (Seen::new(), Vec::new());
    for (place, grade) in raw.grade.iter().enumerate() {
        report.unique(&mut seen, &grade.code, "grade");
        grades.push(Grade {
            code: grade.code.get_ref().clone(),
            rank: u32::try_from(place + 1).unwrap_or(u32::MAX),
            title: report.text3(&grade.title),
            deadline_days: grade
                .deadline_days
                .as_ref()
                .map(|days| report.within(days, "deadline_days", 0, 3_650)),
            duties: grade.duties.clone(),
            within: within(report, grade),
            recheck_days: grade
                .recheck_days
                .as_ref()
                .map(|days| report.within(days, "recheck_days", 0, 3_650)),
            action: grade.action.as_ref().map(|action| report.text3(action)),
            source: report.words(Some(&grade.source), "source").unwrap_or_default(),
        });
    }
    Scale { id: raw.id.get_ref().clone(), title: report.text3(&raw.title), grades }
}

/// The limits of a grade: each of a duty that it asks for, once.
fn within(report: &mut Report<'_>, grade: &RawGrade) -> Vec<WithinRule> {
    let mut rules: Vec<WithinRule> = Vec::new();
    for raw in &grade.within {
        let (span, raw) = (raw.span(), raw.get_ref());
        if !grade.duties.contains(&raw.duty) {
            report.error(span, "this grade does not ask for that duty");
        } else if rules.iter().any(|rule| rule.limit.duty == raw.duty) {
            report.error(span, "this duty has a limit already");
        } else {
            let minutes = report.within(&raw.minutes, "minutes", 1, 100_000);
            let rule = report.words(Some(&raw.rule), "rule").unwrap_or_default();
            rules.push(WithinRule {
                limit: DutyWithin { duty: raw.duty, minutes, rule },
                source: report.words(Some(&raw.source), "source").unwrap_or_default(),
            });
        }
    }
    rules
}
