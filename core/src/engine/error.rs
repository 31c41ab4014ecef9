//! Why an action is refused. Nothing is recorded then.

use super::{HandingError, PhotoError};
use crate::{
    base::{Lang, Text3},
    event::{DetailError, MAX_EVENT_BYTES, ReadingFlag},
    money::{LineError, TenderError},
    screen::flag_words,
    store::StoreError,
    text::tr,
    visit::{FinishError, StepError},
};

/// Why an action is refused.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The phone has no certificate yet.
    #[error("this phone is not enrolled: enter the code from the office")]
    NotEnrolled,
    /// The order isn't here, or not in scope.
    #[error("this order is not on this phone: exchange with the office, or ask who has it")]
    NoSuchOrder,
    /// The order was never opened by the office, as far as this phone knows.
    #[error(
        "the standard `{0}` of this order is not on this phone: exchange with the office first"
    )]
    NoStandard(String),
    /// There is no price list on this phone.
    #[error("there is no price list on this phone: exchange with the office first")]
    NoPriceList,
    /// The visit's prices hold from a later day: the phone's clock was set back, or no list of today
    /// is here.
    #[error("version {version} of the price list holds from {from} on: begin another visit")]
    PricesNotYet {
        /// The list's version.
        version: u32,
        /// Its first day.
        from: chrono::NaiveDate,
    },
    /// No such visit here.
    #[error("there is no such visit on this phone")]
    NoSuchVisit,
    /// The visit is another device's: it may be read, not written.
    #[error("this visit is written by another device: begin your own")]
    NotOurs,
    /// The visit ended.
    #[error("the visit has ended: begin another one")]
    Ended,
    /// This device has an open visit to the order.
    #[error("a visit to this order is open on this phone already: continue it")]
    AlreadyOpen,
    /// The step or its value.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The end.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// A price-list line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Charged beyond what the customer accepted.
    #[error("the customer has not accepted this: offer a quote that contains it first")]
    NotAccepted,
    /// No such quote, or not the last one.
    #[error("there is no open quote of version {0}: offer it again")]
    NoSuchQuote(u32),
    /// The payment.
    #[error(transparent)]
    Tender(#[from] TenderError),
    /// Money that can't be summed.
    #[error(transparent)]
    Money(#[from] crate::base::MoneyError),
    /// The lent number range is used up.
    #[error("the receipt numbers lent to this phone are used up: exchange with the office")]
    NoNumbers,
    /// The series was written on by another copy of this phone: its numbers are in doubt.
    #[error(
        "a copy of this phone issued receipts of the same series: tell the office, and take no \
         money on it"
    )]
    SeriesForked,
    /// The series holds what only a newer version understands.
    #[error("this phone's receipts were written by a newer version: update the app")]
    NeedsNewerApp,
    /// Payer and premises of a receipt were erased.
    #[error("the payer of receipt {0} is erased: it can no longer be drawn")]
    Erased(u64),
    /// What was signed was erased with its key.
    #[error("what was signed is erased: there is no report any more")]
    Forgotten,
    /// The visit has no sign-off yet.
    #[error("nobody has signed for this visit: show the statement first")]
    NotSigned,
    /// No receipt has this counter.
    #[error("there is no receipt {0} in this phone's series")]
    NoSuchReceipt(u64),
    /// The sign-off.
    #[error(transparent)]
    SignOff(#[from] SignOffError),
    /// No finding has this key.
    #[error("there is no finding `{0}` in this visit")]
    NoSuchFinding(String),
    /// A shift is open, or none is.
    #[error("{0}")]
    Shift(&'static str),
    /// The count differs from what the receipts say, and nobody said why.
    #[error("{counted} was counted, {expected} is expected: count again, or say why")]
    Difference {
        /// What was counted.
        counted: crate::base::Money,
        /// What float and receipts come to.
        expected: crate::base::Money,
    },
    /// A receipt can't be made void like this.
    #[error("{0}")]
    Void(&'static str),
    /// There is no profile on this phone.
    #[error("the profile of the region is not on this phone: exchange with the office first")]
    NoProfile,
    /// A reading can't be recorded like this.
    #[error("{0}")]
    Reading(&'static str),
    /// By the profile's rule this is estimated otherwise, or not at all.
    #[error("{0}")]
    Estimate(&'static str),
    /// What was read stands out: it must be looked at again, and confirmed.
    #[error("this reading stands out: look again, then confirm it")]
    Doubtful(Vec<ReadingFlag>),
    /// A hazard can't be written down like this.
    #[error("{0}")]
    Hazard(&'static str),
    /// A hazard of this visit asks for more before it may end.
    #[error("a hazard found in this visit asks for more: do it, or record who refused it")]
    HazardOpen,
    /// A photo can't be kept or shown like this.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// Cash can't be handed over like this.
    #[error("{0}")]
    Handover(&'static str),
    /// A visit can't go from one phone to another like this.
    #[error(transparent)]
    Handing(#[from] HandingError),
    /// An invoice can't be asked for like this.
    #[error("{0}")]
    Invoice(&'static str),
    /// A wallet's screen is not believed for so much before its provider has spoken.
    #[error("{claimed} by a wallet is over the limit of {limit}: take cash, or exchange first")]
    Risk {
        /// What would be claimed: this payment, or all that is not settled.
        claimed: crate::base::Money,
        /// The profile's limit.
        limit: crate::base::Money,
    },
    /// A gas bottle would be in two places.
    #[error("{0}")]
    Cylinder(&'static str),
    /// More gas bottles would come back than the customer holds.
    #[error("{0}")]
    NotHeld(&'static str),
    /// An entry can't be corrected like this.
    #[error("{0}")]
    Correction(&'static str),
    /// A deposit is taken whole: its receipt is what it goes back against.
    #[error("a deposit is paid whole, on a receipt of its own: take all of it")]
    PartOfDeposit,
    /// Money can't be given back like this.
    #[error("{0}")]
    Refund(&'static str),
    /// A detail can't be changed like this.
    #[error(transparent)]
    Detail(#[from] DetailError),
    /// Too much in one action.
    #[error("{what} is too long: at most {limit} {unit}")]
    TooLong {
        /// What.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// Of what.
        unit: &'static str,
    },
    /// The phone's file can't be removed: it holds what is nowhere else.
    #[error(
        "{events} events and {photos} photos of this phone are in no backup of the office: take the \
         files first, or wait for the backup"
    )]
    NotSafe {
        /// Events, or keys to them.
        events: u64,
        /// Photos.
        photos: u64,
    },
    /// The same action id came with another action before.
    #[error("this action was recorded before and cannot be read back: {0}")]
    Repeated(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a sign-off is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignOffError {
    /// A minor can't sign.
    #[error("a minor cannot sign: ask an adult, or record that nobody could sign")]
    Minor,
    /// No consent to sign electronically.
    #[error("the customer must agree to sign electronically first")]
    NoConsent,
    /// Nothing was drawn.
    #[error("there is no signature: let the customer draw it")]
    NoStrokes,
    /// Not signed, and no reason.
    #[error("say why it was not signed")]
    NoReason,
    /// The statement changed since it was shown.
    #[error("the statement has changed since it was shown: show it again")]
    Changed,
}

impl ActError {
    /// A stable name, by what an app would do differently.
    pub fn kind(&self) -> &'static str {
        match self {
            ActError::NotEnrolled => "not_enrolled",
            ActError::NoSuchOrder => "no_such_order",
            ActError::NoStandard(_) | ActError::NoPriceList | ActError::NoProfile => {
                "needs_exchange"
            }
            ActError::PricesNotYet { .. } => "prices_not_yet",
            ActError::NoSuchVisit | ActError::NotOurs => "no_such_visit",
            ActError::Ended | ActError::Step(StepError::Ended) => "visit_ended",
            ActError::Finish(FinishError::Ended { .. }) => "visit_ended",
            ActError::AlreadyOpen => "already_open",
            ActError::Step(StepError::Refused { .. }) => "rule_stops",
            ActError::Finish(FinishError::Refused { .. }) => "gate_closed",
            ActError::Step(StepError::Value(_)) => "bad_value",
            ActError::Finish(FinishError::UnknownOutcome { .. }) => "bad_value",
            ActError::NoSuchFinding(_) | ActError::TooLong { .. } => "bad_value",
            ActError::Line(_) => "not_in_price_list",
            ActError::NotAccepted | ActError::NoSuchQuote(_) => "not_accepted",
            ActError::Tender(_) | ActError::Money(_) => "bad_amount",
            ActError::NoNumbers => "no_numbers",
            ActError::NoSuchReceipt(_) => "no_such_receipt",
            ActError::Erased(_) | ActError::Forgotten => "erased",
            ActError::NotSigned => "not_signed",
            ActError::SeriesForked => "series_forked",
            ActError::NeedsNewerApp => "needs_newer_app",
            ActError::SignOff(_) => "sign_off",
            ActError::Shift(_) => "shift",
            ActError::Difference { .. } => "difference",
            ActError::Reading(_) => "reading",
            ActError::Estimate(_) => "estimate",
            ActError::Doubtful(_) => "doubtful",
            ActError::Hazard(_) => "hazard",
            ActError::HazardOpen => "hazard_open",
            ActError::Photo(error) => error.kind(),
            ActError::Void(_) => "void",
            ActError::Correction(_) => "correction",
            ActError::Cylinder(_) => "cylinder",
            ActError::NotHeld(_) => "not_held",
            ActError::PartOfDeposit => "part_of_deposit",
            ActError::Handover(_) => "handover",
            ActError::Handing(error) => error.kind(),
            ActError::Invoice(_) => "invoice",
            ActError::Risk { .. } => "over_limit",
            ActError::Refund(_) => "refund",
            ActError::Detail(_) => "detail",
            ActError::NotSafe { .. } => "not_safe",
            ActError::Repeated(_) => "repeated",
            ActError::Store(StoreError::DiskFull) => "disk_full",
            ActError::Store(_) => "store",
        }
    }

    /// What the person who tapped reads: why, and what to do.
    pub fn text(&self, lang: Lang) -> String {
        let rule = |message: &Text3, rule: &Option<String>| {
            let rule = rule.as_deref().unwrap_or("–");
            let args = [("message", message.get(lang).into()), ("rule", rule.into())];
            tr(lang, "refused-rule", &args)
        };
        match self {
            ActError::Step(StepError::Refused { message, rule: name, .. })
            | ActError::Finish(FinishError::Refused { message, rule: name, .. }) => {
                rule(message, name)
            }
            ActError::TooLong { limit, .. } => {
                tr(lang, "refused-too-long", &[("limit", limit.to_string().into())])
            }
            ActError::PricesNotYet { from, .. } => {
                tr(lang, "refused-prices-not-yet", &[("day", from.to_string().into())])
            }
            ActError::Doubtful(flags) => {
                let words: Vec<_> = flags.iter().map(|flag| flag_words(*flag, lang)).collect();
                let words = words.join(&tr(lang, "answer-comma", &[]));
                tr(lang, "refused-doubtful", &[("flags", words.into())])
            }
            ActError::NotSafe { events, photos } => {
                let count = |count: &u64| count.to_string().into();
                let args = [("events", count(events)), ("photos", count(photos))];
                tr(lang, "refused-not-safe", &args)
            }
            ActError::SignOff(error) => tr(lang, error.key(), &[]),
            _ => tr(lang, &format!("refused-{}", self.kind().replace('_', "-")), &[]),
        }
    }

    pub(super) fn too_large() -> ActError {
        ActError::TooLong { what: "what was entered", limit: MAX_EVENT_BYTES, unit: "bytes" }
    }
}

impl SignOffError {
    fn key(self) -> &'static str {
        match self {
            SignOffError::Minor => "refused-minor",
            SignOffError::NoConsent => "refused-no-consent",
            SignOffError::NoStrokes => "refused-no-strokes",
            SignOffError::NoReason => "refused-no-reason",
            SignOffError::Changed => "refused-changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::MAX_QUANTITY;

    #[test]
    fn every_refusal_has_words_in_every_language() {
        let too_many = LineError::Quantity(MAX_QUANTITY + 1);
        let text = Text3 { zh_hans: "请先".into(), zh_hant: "請先".into(), en: "First".into() };
        let gate = FinishError::Refused {
            outcome: "completed".to_owned(),
            message: Box::new(text),
            rule: Some("S-PAY-1".to_owned()),
            source_text: None,
        };
        let errors = [
            ActError::NotEnrolled,
            ActError::NoSuchOrder,
            ActError::NoPriceList,
            ActError::PricesNotYet { version: 13, from: chrono::NaiveDate::MIN },
            ActError::NotOurs,
            ActError::Ended,
            ActError::AlreadyOpen,
            ActError::NoSuchFinding("too_often:knock:4".to_owned()),
            too_many.into(),
            ActError::NotAccepted,
            crate::base::MoneyError::TooLarge.into(),
            ActError::NoNumbers,
            ActError::NoSuchReceipt(2),
            ActError::Forgotten,
            ActError::NotSigned,
            ActError::SeriesForked,
            ActError::NeedsNewerApp,
            SignOffError::Minor.into(),
            SignOffError::NoConsent.into(),
            SignOffError::NoStrokes.into(),
            SignOffError::NoReason.into(),
            SignOffError::Changed.into(),
            ActError::Shift("no shift is open on this phone"),
            ActError::Difference {
                counted: crate::base::Money::zero(crate::base::Currency::CNY),
                expected: crate::base::Money::zero(crate::base::Currency::CNY),
            },
            ActError::NoProfile,
            ActError::Reading("read again"),
            ActError::Estimate("leave it unread"),
            ActError::Doubtful(vec![ReadingFlag::High, ReadingFlag::Zero]),
            ActError::Hazard("take the picture"),
            ActError::HazardOpen,
            PhotoError::Empty.into(),
            PhotoError::TooLarge.into(),
            PhotoError::ThumbnailTooLarge.into(),
            PhotoError::OfClaim.into(),
            PhotoError::Unknown.into(),
            PhotoError::Damaged.into(),
            ActError::Void("say why"),
            ActError::Correction("say why it was wrong"),
            ActError::Cylinder("scan the one that is for this"),
            ActError::NotHeld("count again"),
            ActError::PartOfDeposit,
            ActError::Handover("both sign"),
            HandingError::File(crate::sync::HandedError::Torn).into(),
            HandingError::File(crate::sync::HandedError::OtherCompany).into(),
            HandingError::File(crate::sync::HandedError::OtherPhone).into(),
            HandingError::File(crate::sync::HandedError::Newer).into(),
            HandingError::ThisPhone.into(),
            HandingError::Expired.into(),
            HandingError::Gone.into(),
            HandingError::False.into(),
            ActError::Invoice("say where it goes"),
            ActError::Risk {
                claimed: crate::base::Money::zero(crate::base::Currency::CNY),
                limit: crate::base::Money::zero(crate::base::Currency::CNY),
            },
            ActError::Refund("ask the office"),
            ActError::too_large(),
            ActError::NotSafe { events: 3, photos: 1 },
            ActError::Repeated(String::new()),
            StoreError::DiskFull.into(),
            StoreError::Damaged(String::new()).into(),
            gate.into(),
        ];
        for (lang, error) in Lang::ALL.iter().flat_map(|it| errors.iter().map(move |e| (it, e))) {
            let text = error.text(*lang);
            assert!(!text.contains('⟨'), "{lang} {}: {text}", error.kind());
        }
    }
}
