//! What a person can do, and what came of it.

use serde::{Deserialize, Serialize};

use super::{DutyReport, FastReading, HandOver, HazardSeen, InvoiceAsked, ReadingTaken};
use crate::{
    base::{Hash, Id, Lang, Money, Personal},
    event::{
        Answer, ConditionsNoted, DetailInput, Pieces, ReadingFlag, ShutOff, SignOffResult,
        SignerRole, Stroke, Value,
    },
    money::PaymentMethod,
};

/// One tap. JSON: `{"do": "record", "visit": "…", "step": "knock", "value": {"count": 3}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Take up the device for the day.
    StartShift {
        /// Cash in the bag.
        float: Money,
    },
    /// Begin a visit to an order in scope; the action's id becomes the visit's.
    StartVisit {
        /// The order.
        order: Id,
    },
    /// Say what is seen: rain, renovation, door, adult.
    Note {
        /// The visit.
        visit: Id,
        /// What is seen.
        #[serde(flatten)]
        conditions: ConditionsNoted,
    },
    /// Record a step.
    Record {
        /// The visit.
        visit: Id,
        /// The step's id in the standard.
        step: String,
        /// Value, text, note.
        #[serde(flatten)]
        answer: Answer,
    },
    /// An entry was wrong: it stays, and another counts in its place.
    Correct {
        /// The visit.
        visit: Id,
        /// An answer, its last correction, or a charge.
        entry: Hash,
        /// What the answer should have been; absent: the entry is taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        /// The words, where the value is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Personal>,
        /// Why it was wrong.
        reason: Personal,
    },
    /// Give the reason for a finding.
    Reason {
        /// The visit.
        visit: Id,
        /// The finding's key.
        finding: String,
        /// The reason.
        text: Personal,
    },
    /// Show the price of the work to come.
    OfferQuote {
        /// The visit.
        visit: Id,
        /// All lines.
        lines: Vec<LineWanted>,
    },
    /// The customer accepted the quote.
    AcceptQuote {
        /// The visit.
        visit: Id,
        /// Which version.
        version: u32,
    },
    /// Charge a line of the price list.
    Charge {
        /// The visit.
        visit: Id,
        /// Item, quantity, reason when free.
        #[serde(flatten)]
        line: LineWanted,
    },
    /// Take the money that is due and issue a receipt.
    Pay {
        /// The visit.
        visit: Id,
        /// Handed over.
        tendered: Money,
        /// How.
        #[serde(default = "cash")]
        method: PaymentMethod,
        /// Only this part of what is due is paid now; the rest stays open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Money>,
        /// A photo of the payer's screen, where the payment is claimed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        photo: Option<Hash>,
    },
    /// The customer signs, declines or can't.
    SignOff {
        /// The visit.
        visit: Id,
        /// How it ended, and the rest of it.
        #[serde(flatten)]
        sign_off: SignOff,
    },
    /// End the visit.
    Finish {
        /// The visit.
        visit: Id,
        /// The standard's outcome id.
        outcome: String,
    },
    /// Count the cash and end the day.
    CloseShift {
        /// As counted.
        counted: Money,
        /// Notes and coins, when they are listed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pieces: Vec<Pieces>,
        /// Why the count differs from what the receipts say, when it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Personal>,
    },
    /// Read a meter.
    ReadMeter {
        /// The visit.
        visit: Id,
        /// What was read.
        #[serde(flatten)]
        taken: ReadingTaken,
    },
    /// Read the meter of an order in passing: begins and ends the visit, too.
    ReadNext {
        /// The order.
        order: Id,
        /// What was read.
        #[serde(flatten)]
        reading: FastReading,
    },
    /// Draw the next number for a notice that stays with the customer.
    DrawNotice {
        /// The visit.
        visit: Id,
    },
    /// Write down a hazard.
    FindHazard {
        /// The visit.
        visit: Id,
        /// Grade, item, words, pictures.
        #[serde(flatten)]
        seen: HazardSeen,
    },
    /// Write down what a hazard asks for: tag, notice, witness, picture; done or refused.
    DoDuty {
        /// The visit.
        visit: Id,
        /// Which, and how.
        #[serde(flatten)]
        report: DutyReport,
    },
    /// Look at a hazard again.
    Recheck {
        /// The visit.
        visit: Id,
        /// The first finding.
        hazard: Hash,
        /// Its grade now; absent: mended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grade: Option<String>,
        /// Pictures.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Hash>,
        /// The order of the first finding, where it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_order: Option<Id>,
    },
    /// Shut gas off.
    ShutOffGas {
        /// The visit.
        visit: Id,
        /// What.
        what: ShutOff,
        /// For which hazard.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hazard: Option<Hash>,
        /// The paper form's number, for a stop of supply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paper: Option<String>,
        /// A picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        photo: Option<Hash>,
    },
    /// Restore gas, after a passed check.
    RestoreGas {
        /// The visit.
        visit: Id,
        /// The event that shut it off.
        shut_off: Hash,
        /// The order of that event, where it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_order: Option<Id>,
    },
    /// Hand cash of the last shift over to somebody else; both sign.
    HandOver {
        /// How much, to whom.
        #[serde(flatten)]
        given: HandOver,
    },
    /// Take cash that a colleague hands over into the bag of the open shift.
    TakeCash {
        /// How much, as counted.
        amount: Money,
        /// The badge of who gives it.
        from_badge: String,
    },
    /// The payer of a receipt wants an invoice: the office issues it.
    WantInvoice {
        /// The receipt's counter in this device's series.
        receipt: u64,
        /// What the invoice needs.
        #[serde(flatten)]
        asked: InvoiceAsked,
    },
    /// Make a receipt of this shift void, both copies taken back.
    VoidReceipt {
        /// Its counter in this device's series.
        receipt: u64,
        /// The customer's copy is back, too.
        copies_back: bool,
        /// Why.
        reason: Personal,
    },
    /// Give back what the office allowed of a receipt.
    Refund {
        /// The order.
        order: Id,
        /// The number printed on the receipt.
        receipt: String,
        /// How.
        #[serde(default = "cash")]
        method: PaymentMethod,
    },
    /// Give a deposit back against its receipt, for bottles that came back.
    ReturnDeposit {
        /// The visit.
        visit: Id,
        /// The number printed on the deposit receipt, or the text of its code.
        receipt: String,
        /// Of which item of the price list; of the receipt's only one when absent.
        #[serde(default)]
        code: Option<String>,
        /// For how many bottles.
        #[serde(default = "one")]
        count: i64,
        /// How.
        #[serde(default = "cash")]
        method: PaymentMethod,
    },
    /// Change a detail of an order in scope: phone, access note, appointment, a warning put up.
    ChangeDetail {
        /// The order.
        order: Id,
        /// Which, and to what.
        #[serde(flatten)]
        change: DetailInput,
    },
}

fn one() -> i64 {
    1
}

fn cash() -> PaymentMethod {
    PaymentMethod::Cash
}

/// A line of the price list by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineWanted {
    /// The item's code.
    pub code: String,
    /// How many.
    pub quantity: i64,
    /// The code of the reason why it is free, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<String>,
}

/// What a sign-off says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// How it ended.
    pub result: SignOffResult,
    /// The language of the statement shown; the customer's when absent.
    #[serde(default)]
    pub lang: Option<Lang>,
    /// SHA-256 of the statement's text as shown: nobody signs what was not seen.
    pub shown: Hash,
    /// Who signs.
    #[serde(default)]
    pub role: Option<SignerRole>,
    /// The signer's name.
    #[serde(default)]
    pub signer: Option<Personal>,
    /// An adult signs; a minor can't.
    #[serde(default = "yes")]
    pub adult: bool,
    /// They agreed to sign electronically.
    #[serde(default)]
    pub consent: bool,
    /// The strokes.
    #[serde(default)]
    pub strokes: Vec<Stroke>,
    /// Why not signed.
    #[serde(default)]
    pub reason: Option<Personal>,
    /// Who saw it.
    #[serde(default)]
    pub witness: Option<Personal>,
}

fn yes() -> bool {
    true
}

impl Action {
    /// The visit it is about, if any.
    pub fn visit(&self) -> Option<Id> {
        match self {
            Action::Note { visit, .. }
            | Action::Record { visit, .. }
            | Action::Correct { visit, .. }
            | Action::Reason { visit, .. }
            | Action::OfferQuote { visit, .. }
            | Action::AcceptQuote { visit, .. }
            | Action::Charge { visit, .. }
            | Action::Pay { visit, .. }
            | Action::ReturnDeposit { visit, .. }
            | Action::SignOff { visit, .. }
            | Action::Finish { visit, .. }
            | Action::ReadMeter { visit, .. }
            | Action::DrawNotice { visit }
            | Action::FindHazard { visit, .. }
            | Action::DoDuty { visit, .. }
            | Action::Recheck { visit, .. }
            | Action::ShutOffGas { visit, .. }
            | Action::RestoreGas { visit, .. } => Some(*visit),
            Action::StartShift { .. }
            | Action::StartVisit { .. }
            | Action::CloseShift { .. }
            | Action::ReadNext { .. }
            | Action::HandOver { .. }
            | Action::TakeCash { .. }
            | Action::WantInvoice { .. }
            | Action::VoidReceipt { .. }
            | Action::Refund { .. }
            | Action::ChangeDetail { .. } => None,
        }
    }
}

/// What came of an action. The same action id gives the same again, and records nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Done {
    /// The visit it was about or began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<Id>,
    /// Keys of findings that this action brought about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// The quote's version, when one was offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<u32>,
    /// The notice's number, when one was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The hazard, when one was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<Hash>,
    /// The shut-off, when gas was shut off: what restoring it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut_off: Option<Hash>,
    /// What a reading comes to, when one was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingDone>,
    /// The receipt, when one was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptRef>,
    /// The photo's address, when one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Hash>,
}

/// What a reading comes to: the customer is told the quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingDone {
    /// Used since the last real reading.
    pub usage: Option<u64>,
    /// Billed too much by an estimate before.
    pub credit: u64,
    /// What stands out.
    pub flags: Vec<ReadingFlag>,
    /// What it would cost by the profile's tiers. The bill is the office's.
    pub preview: Option<Money>,
}

/// A receipt that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptRef {
    /// Its counter in the device's series.
    pub counter: u64,
    /// The number printed on it.
    pub number: String,
    /// What was due.
    pub due: Money,
    /// What was handed over.
    pub tendered: Money,
    /// What is given back.
    pub change: Money,
}
