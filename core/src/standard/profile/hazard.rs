//! Scales on which hazards are graded.

use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::Text3,
    event::Duty,
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
            source: report.words(Some(&grade.source), "source").unwrap_or_default(),
        });
    }
    Scale { id: raw.id.get_ref().clone(), title: report.text3(&raw.title), grades }
}
