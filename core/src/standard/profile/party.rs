//! Who has to mend what: the firm, the user, or whom else a city names.

use serde::Deserialize;

use super::Profile;
use crate::{
    base::Text3,
    standard::{
        raw::{RawText, Str},
        report::{Report, Seen},
    },
};

/// A party that hazards are left to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// What it has to mend, unless somebody says otherwise: checklists, `pipe`, or items of one,
    /// `valve.before_meter`.
    pub items: Vec<String>,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawParty {
    id: Str,
    title: RawText,
    #[serde(default)]
    items: Vec<Str>,
    source: Str,
}

impl Profile {
    /// The party with this id.
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == id)
    }

    /// Who has to mend an item, unless somebody says otherwise: whoever is named for it, or else for
    /// its checklist. `None` where nobody is.
    pub fn party_for(&self, item: &str) -> Option<&Party> {
        let named = |name: &str| {
            self.parties.iter().find(|party| party.items.iter().any(|known| known == name))
        };
        named(item).or_else(|| named(item.split_once('.')?.0))
    }
}

pub(super) fn read(report: &mut Report<'_>, raw: &[RawParty]) -> Vec<Party> {
    let (mut seen, mut named, mut all) = (Seen::new(), Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.id, "party");
        for item in &raw.items {
            report.unique(&mut named, item, "item");
        }
        all.push(Party {
            id: report.identifier(&raw.id),
            title: report.text3(&raw.title),
            items: raw.items.iter().map(|item| item.get_ref().clone()).collect(),
            source: report.words(Some(&raw.source), "source").unwrap_or_default(),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::standard::{Profile, SHIPPED_PROFILE};

    #[test]
    fn an_item_is_left_to_whoever_is_named_for_it_before_its_checklist() {
        let profile = Profile::load(SHIPPED_PROFILE.text).unwrap();
        let party = |item: &str| profile.party_for(item).map(|party| party.id.as_str());
        assert_eq!(party("pipe.rust"), Some("firm"));
        assert_eq!(party("valve.before_meter"), Some("firm"));
        assert_eq!(party("valve.before_stove"), Some("user"));
        assert_eq!(party("hose.clamps"), Some("user"));
        assert_eq!(party("the gasket before the meter"), None, "other words: somebody says who");
        let twice = SHIPPED_PROFILE.text.replacen("\"hose\", ", "\"hose\", \"pipe\", ", 1);
        let errors = Profile::load(&twice).unwrap_err();
        assert!(errors[0].message.contains("pipe"), "{errors:?}");
    }
}
