//! The way of working as data: standards, the office's promises, the calendar.
//!
//! A standard is a TOML file in three languages, checked when it is loaded; after that, nothing in
//! it can fail but conditions on answers nobody gave yet. What it doesn't do: follow a visit (that
//! is `visit`), or decide which version is in force.

mod calendar;
mod condition;
mod deadline;
mod filled;
mod lint;
mod load;
mod model;
mod names;
mod profile;
mod promises;
mod qualifications;
mod raw;
mod report;
mod shape;
mod shipped;

pub use calendar::Calendar;
pub use condition::{
    AgeLimit, Condition, EvalError, Fact, FactValue, Facts, MAX_BYTES, MAX_DEPTH, StepFacts, World,
};
pub use deadline::{Clockwork, Pause, Standing};
pub use lint::{Checked, LimitChange, Remark, Severity, check, compare_limits};
pub use load::{MAX_FILE, MAX_NOTE, MAX_STEPS};
pub use model::{
    Choice, HANDED_OVER, ITEM_ANSWERS, Kind, KitItem, KitKind, MAX_COUNT, MAX_PRESS_MS,
    MAX_PRESSES, MAX_SCAN, OnBreak, Outcome, Phase, Repeat, Require, Required, SIGNATURE_ANSWERS,
    Standard, Step,
};
pub use profile::{
    Access, AgeRule, AttemptVerdict, EstimateRule, Grade, InspectionRule, Party, Profile,
    ReadingRules, RequiredCertificate, RetentionRule, Risk, Scale, Target, Tariff, Tier,
    WithinRule,
};
pub use promises::{OpensComplaint, Promise, ServicePromises, Within};
pub use qualifications::{Certificate, Qualifications};
pub(crate) use raw::{RawText, Str};
pub(crate) use report::{Report, Seen};
pub(crate) use shape::read as shape_read;
pub use shape::{Field, FileKind, Shape, What};
pub use shipped::{
    SHIPPED_CALENDAR, SHIPPED_PROFILE, SHIPPED_PROMISES, SHIPPED_STANDARDS, ShippedFile, shipped,
};

#[cfg(test)]
mod tests;
