//! What a jurisdiction and a utility set for themselves, as data: hazard scales, what a grade asks
//! for, how old things may be, how often premises are inspected, how long records are kept, how often nobody home is tried again and what follows, limits of meter readings, tiers of prices, limits for money,
//! certificates.
//!
//! None of it is code, and no number here has a default in code: what a profile leaves out, nobody
//! checks. Grades are always named with their scale: the same word means different things in two
//! companies.

mod access;
mod age;
mod certificate;
mod hazard;
mod inspection;
mod party;
mod reading;
mod retention;
mod risk;
mod target;
mod tariff;

use serde::Deserialize;
use toml::Spanned;

pub use access::{Access, AttemptVerdict};
pub use age::AgeRule;
pub use certificate::RequiredCertificate;
pub use hazard::{Grade, Scale, WithinRule};
pub use inspection::InspectionRule;
pub use party::Party;
pub use reading::{EstimateRule, ReadingRules};
pub use retention::RetentionRule;
pub use risk::Risk;
pub use target::Target;
pub use tariff::{Tariff, Tier};
#[cfg(test)]
pub(super) use {
    access::RawAccess,
    age::RawAge,
    certificate::RawCertificate,
    hazard::{RawGrade, RawScale, RawWithin},
    inspection::RawInspection,
    party::RawParty,
    reading::{RawEstimate, RawReading},
    retention::RawRetention,
    risk::RawRisk,
    tariff::{RawTariff, RawTier},
};

use super::{
    MAX_FILE,
    raw::{RawText, Str},
    report::{Report, Seen},
    shape::{self, FileKind},
};
use crate::base::{SourceError, Text3};

/// A profile, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Which.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// What people call it.
    pub title: Text3,
    /// Whether it ships as a starting point: the utility has not made it its own.
    pub is_default: bool,
    /// The scale that new hazards are graded on.
    pub scale: String,
    /// All scales, old ones too.
    pub scales: Vec<Scale>,
    /// Who can have to mend a hazard, and what by default.
    pub parties: Vec<Party>,
    /// What happens when nobody is home.
    pub access: Option<Access>,
    /// Limits of meter readings.
    pub readings: Option<ReadingRules>,
    /// Tiers of prices.
    pub tariff: Option<Tariff>,
    /// What is risked with money.
    pub risk: Option<Risk>,
    /// How old hoses and appliances may be.
    pub ages: Vec<AgeRule>,
    /// How often whose premises are inspected.
    pub inspections: Vec<InspectionRule>,
    /// How long what is known of customers is kept.
    pub retentions: Vec<RetentionRule>,
    /// Which certificates a technician needs, for which kinds of visit.
    pub certificates: Vec<RequiredCertificate>,
    /// What a day is to reach, by kind of visit.
    pub targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    id: String,
    version: Spanned<u32>,
    title: RawText,
    #[serde(default)]
    default: bool,
    scale: Str,
    #[serde(default)]
    scales: Vec<hazard::RawScale>,
    #[serde(default)]
    party: Vec<party::RawParty>,
    access: Option<access::RawAccess>,
    reading: Option<reading::RawReading>,
    tariff: Option<tariff::RawTariff>,
    risk: Option<risk::RawRisk>,
    #[serde(default)]
    age: Vec<age::RawAge>,
    #[serde(default)]
    inspection: Vec<inspection::RawInspection>,
    #[serde(default)]
    retention: Vec<retention::RawRetention>,
    #[serde(default)]
    certificate: Vec<certificate::RawCertificate>,
    #[serde(default)]
    target: Vec<target::RawTarget>,
}

impl Profile {
    /// Reads and checks a profile. All errors found, each with its line and column.
    pub fn load(text: &str) -> Result<Profile, Vec<SourceError>> {
        let (raw, wrong) = shape::read(text, MAX_FILE, FileKind::Profile.shape());
        let raw: RawProfile = match raw {
            Some(raw) => raw,
            None => return Err(wrong),
        };
        let mut report = Report::with(text, wrong);
        let mut seen = Seen::new();
        for scale in &raw.scales {
            report.unique(&mut seen, &scale.id, "scale");
        }
        let profile = Profile {
            id: raw.id,
            version: report.within(&raw.version, "version", 1, u32::MAX),
            title: report.text3(&raw.title),
            is_default: raw.default,
            scale: raw.scale.get_ref().clone(),
            scales: raw.scales.iter().map(|scale| hazard::read(&mut report, scale)).collect(),
            parties: party::read(&mut report, &raw.party),
            access: raw.access.as_ref().map(|access| access::read(&mut report, access)),
            readings: raw.reading.as_ref().map(|reading| reading::read(&mut report, reading)),
            tariff: raw.tariff.as_ref().and_then(|tariff| tariff::read(&mut report, tariff)),
            risk: raw.risk.as_ref().and_then(|risk| risk::read(&mut report, risk)),
            ages: age::read(&mut report, &raw.age),
            inspections: inspection::read(&mut report, &raw.inspection),
            retentions: retention::read(&mut report, &raw.retention),
            certificates: certificate::read(&mut report, &raw.certificate),
            targets: target::read(&mut report, &raw.target),
        };
        if !profile.scales.iter().any(|scale| scale.id == profile.scale) {
            let message = format!("there is no scale `{}` among [[scales]]", profile.scale);
            report.error(raw.scale.span(), message);
        }
        report.finish()?;
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Duty, standard::SHIPPED_PROFILE};

    #[test]
    fn what_ships_says_that_it_is_a_default_for_the_utility_to_edit() {
        let profile = Profile::load(SHIPPED_PROFILE.text).unwrap();
        assert!(profile.is_default);
        let gravest = profile.grade(&profile.scale, "1").unwrap();
        assert_eq!(gravest.rank, 1);
        assert!(gravest.duties.contains(&Duty::ShutOff) && gravest.duties.contains(&Duty::Notice));
        assert_eq!(profile.grade(&profile.scale, "一般"), None, "a bare word is no grade");
    }

    #[test]
    fn a_profile_that_contradicts_itself_is_told_by_line() {
        let text = SHIPPED_PROFILE.text.replacen("dayparts = [6, 12, 18]", "dayparts = [12, 6]", 1);
        let errors = Profile::load(&text).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let text = SHIPPED_PROFILE.text.replacen("scale = \"gd-3\"", "scale = \"gd-4\"", 1);
        assert!(Profile::load(&text).unwrap_err()[0].message.contains("gd-4"));
    }
}
