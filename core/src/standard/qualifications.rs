//! Which certificates people hold, as the office keeps them: by the person's id, with no name; with a
//! number only where papers are to show it. Certificates that ended stay, so that a visit is judged by its own day for ever.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::{MAX_FILE, raw::Str, report::Report};
use crate::base::{Id, Instant, SourceError, Zone, parse_toml};

/// Everybody's certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qualifications {
    certificates: Vec<Certificate>,
}

/// One certificate of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose.
    pub person: Id,
    /// Its kind, as the profile names it.
    pub kind: String,
    /// Valid from this day on.
    pub from: NaiveDate,
    /// Up to and with this day.
    pub until: NaiveDate,
    /// Its number, for notices; empty where the office keeps none.
    pub number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQualifications {
    #[serde(default)]
    certificate: Vec<RawCertificate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCertificate {
    person: Str,
    kind: Str,
    from: Str,
    until: Spanned<String>,
    number: Option<Str>,
}

impl Qualifications {
    /// Reads and checks the list. All errors found, each with its line and column.
    pub fn load(text: &str) -> Result<Qualifications, Vec<SourceError>> {
        let raw: RawQualifications = parse_toml(text, MAX_FILE).map_err(|error| vec![error])?;
        let mut report = Report::with(text, Vec::new());
        let mut certificates = Vec::new();
        for raw in &raw.certificate {
            let kind = report.identifier(&raw.kind);
            let person = raw.person.get_ref().parse::<Id>();
            if person.is_err() {
                report.error(raw.person.span(), "a person is named by an id of 32 digits");
            }
            let mut day = |raw: &Str| {
                let day = NaiveDate::parse_from_str(raw.get_ref(), "%Y-%m-%d").ok();
                if day.is_none() {
                    report.error(raw.span(), "write a day like \"2026-10-01\"");
                }
                day
            };
            let (from, until) = (day(&raw.from), day(&raw.until));
            if from > until && until.is_some() {
                report.error(raw.until.span(), "it ends before it begins");
            }
            if let (Ok(person), Some(from), Some(until)) = (person, from, until) {
                let number = report.words(raw.number.as_ref(), "number").unwrap_or_default();
                certificates.push(Certificate { person, kind, from, until, number });
            }
        }
        report.finish()?;
        Ok(Qualifications { certificates })
    }

    /// The person's certificate of a kind that lasts longest, whether it holds or not.
    pub fn last<'a>(&'a self, person: Id, kind: &'a str) -> Option<&'a Certificate> {
        self.of(person, kind).max_by_key(|certificate| certificate.until)
    }

    /// Whether the person held a certificate of this kind at `at`, on the day of `zone`.
    pub fn held(&self, person: Id, kind: &str, at: Instant, zone: Zone) -> bool {
        self.valid(person, kind, at, zone).is_some()
    }

    /// The certificate of this kind that the person held at `at`, on the day of `zone`: of several the
    /// one that lasts longest.
    pub fn valid<'a>(
        &'a self,
        person: Id,
        kind: &'a str,
        at: Instant,
        zone: Zone,
    ) -> Option<&'a Certificate> {
        let day = at.local(zone)?.date_naive();
        let held = self.of(person, kind).filter(|it| it.from <= day && day <= it.until);
        held.max_by_key(|it| it.until)
    }

    fn of<'a>(&'a self, person: Id, kind: &'a str) -> impl Iterator<Item = &'a Certificate> {
        self.certificates.iter().filter(move |it| it.person == person && it.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_holds_on_its_days_and_errors_are_told_by_line() {
        let mei = Id::new([2; 16]);
        let text = format!(
            "[[certificate]]\nperson = \"{mei}\"\nkind = \"gas_repair\"\n\
             from = \"2024-12-01\"\nuntil = \"2026-11-30\"\n"
        );
        let known = Qualifications::load(&text).unwrap();
        // 1 December 2026, 00:30 in Guangzhou: still November in London.
        let at = Instant(1_796_056_200_000);
        assert!(!known.held(mei, "gas_repair", at, Zone(480)));
        assert!(known.held(mei, "gas_repair", at, Zone(0)));
        assert!(!known.held(mei, "welding", at, Zone(0)));
        assert!(known.last(mei, "gas_repair").is_some());
        let errors = Qualifications::load(&text.replace("2024-12-01", "2027-12-01")).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(Qualifications::load(&text.replace("-11-30", "-11-31")).is_err());
    }
}
