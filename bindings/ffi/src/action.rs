//! What a person can do, in types that cross: the core's [`engine::Action`], mirrored.

use doorstep::{
    base::{Currency, Decimal, Hash, Id, Lang, Personal},
    engine,
    event::{self, Answer, ConditionsNoted, DetailInput, ShutOff, SignOffResult, SignerRole},
    money::{self, Claim},
};

use crate::{
    DoorstepError,
    facts::{DutyEntry, Hazard, MeterReading, Pieces},
};

/// One tap.
#[derive(uniffi::Enum)]
pub enum Action {
    /// Take up the device for the day.
    StartShift {
        /// Cash in the bag.
        cash: Money,
    },
    /// Begin a visit to an order in scope; the action's id becomes the visit's.
    StartVisit {
        /// The order.
        order: String,
    },
    /// Say what is seen; what is not said stays as it was.
    Note {
        /// The visit.
        visit: String,
        /// It rains.
        raining: Option<bool>,
        /// The home is being renovated.
        under_renovation: Option<bool>,
        /// An adult is there.
        adult_present: Option<bool>,
        /// The door was opened.
        door_open: Option<bool>,
    },
    /// Record a step.
    Record {
        /// The visit.
        visit: String,
        /// The step's id in the standard.
        step: String,
        /// Its value.
        value: Value,
        /// The words, where the value is `Written`.
        text: Option<String>,
        /// A remark beside any value.
        note: Option<String>,
    },
    /// An entry was wrong: it stays, and another counts in its place.
    Correct {
        /// The visit.
        visit: String,
        /// The step card's entry, or a charge.
        entry: Hash,
        /// What the answer should have been; absent: the entry is taken back.
        value: Option<Value>,
        /// The words, where the value is `Written`.
        text: Option<String>,
        /// Why it was wrong.
        reason: String,
    },
    /// Give the reason for a finding.
    Reason {
        /// The visit.
        visit: String,
        /// The finding's key.
        finding: String,
        /// The reason.
        text: String,
    },
    /// Show the price of the work to come.
    OfferQuote {
        /// The visit.
        visit: String,
        /// All lines.
        lines: Vec<LineWanted>,
    },
    /// The customer accepted the quote.
    AcceptQuote {
        /// The visit.
        visit: String,
        /// Which version.
        version: i64,
    },
    /// Charge a line of the price list.
    Charge {
        /// The visit.
        visit: String,
        /// Which, and how many.
        line: LineWanted,
    },
    /// Take money and issue a receipt.
    Pay {
        /// The visit.
        visit: String,
        /// Handed over.
        tendered: Money,
        /// How.
        method: PaymentMethod,
        /// Only this part of what is due is paid now.
        part: Option<Money>,
        /// A photo of the payer's screen, where the payment is claimed.
        #[uniffi(default = None)]
        photo: Option<Hash>,
    },
    /// The customer signs, declines or can't.
    SignOff {
        /// The visit.
        visit: String,
        /// How it ended, and the rest of it.
        sign_off: SignOff,
    },
    /// End the visit.
    Finish {
        /// The visit.
        visit: String,
        /// The standard's outcome id.
        outcome: String,
    },
    /// Count the cash and end the day.
    CloseShift {
        /// As counted.
        counted: Money,
        /// Notes and coins, when they are listed.
        pieces: Vec<Pieces>,
        /// Why the count differs from what the receipts say, when it does.
        reason: Option<String>,
    },
    /// Take cash that a colleague hands over into the bag of the open shift.
    TakeCash {
        /// How much, as counted.
        amount: Money,
        /// The badge of who gives it.
        from_badge: String,
    },
    /// Hand cash of the last shift over to somebody else; both sign.
    HandOver {
        /// How much.
        amount: Money,
        /// Who takes it.
        to: String,
        /// Their badge.
        to_badge: String,
        /// What else goes along.
        items: Vec<String>,
        /// The giver's signature.
        giver: Vec<Stroke>,
        /// The taker's.
        taker: Vec<Stroke>,
        /// What the next one must know.
        note: Option<String>,
    },
    /// The payer of a receipt wants an invoice: the office issues it.
    WantInvoice {
        /// The receipt's counter in this device's series.
        receipt: i64,
        /// Whom it is made out to.
        title: String,
        /// A firm's taxpayer number.
        taxpayer: Option<String>,
        /// Where it goes.
        send_to: String,
    },
    /// Make a receipt of this shift void, both copies taken back.
    VoidReceipt {
        /// Its counter in this device's series.
        receipt: i64,
        /// The customer's copy is back, too.
        copies_back: bool,
        /// Why.
        reason: String,
    },
    /// Give back what the office allowed of a receipt.
    Refund {
        /// The order.
        order: String,
        /// The number printed on the receipt.
        receipt: String,
        /// How.
        method: PaymentMethod,
    },
    /// Give a deposit back against its receipt, for bottles that came back.
    ReturnDeposit {
        /// The visit.
        visit: String,
        /// The number printed on the deposit receipt, or the text of its code.
        receipt: String,
        /// Of which item of the price list; of the receipt's only one when absent.
        code: Option<String>,
        /// For how many bottles.
        count: i64,
        /// How.
        method: PaymentMethod,
    },
    /// Read a meter.
    ReadMeter {
        /// The visit.
        visit: String,
        /// What was read.
        reading: MeterReading,
    },
    /// Draw the next number for a notice that stays with the customer.
    DrawNotice {
        /// The visit.
        visit: String,
    },
    /// Write down a hazard.
    FindHazard {
        /// The visit.
        visit: String,
        /// Grade, item, words, pictures.
        hazard: Hazard,
    },
    /// Write down what a hazard asks for.
    DoDuty {
        /// The visit.
        visit: String,
        /// Which, and how.
        entry: DutyEntry,
    },
    /// Look at a hazard again.
    Recheck {
        /// The visit.
        visit: String,
        /// The first finding.
        hazard: Hash,
        /// Its grade now; absent: mended.
        grade: Option<String>,
        /// Pictures.
        evidence: Vec<Hash>,
        /// The order of the first finding, where it is another.
        first_order: Option<Id>,
    },
    /// Shut gas off.
    ShutOffGas {
        /// The visit.
        visit: String,
        /// What.
        what: ShutOff,
        /// For which hazard.
        hazard: Option<Hash>,
        /// The paper form's number, for a stop of supply.
        paper: Option<String>,
        /// A picture.
        photo: Option<Hash>,
    },
    /// Restore gas, after a passed check.
    RestoreGas {
        /// The visit.
        visit: String,
        /// The event that shut it off.
        shut_off: Hash,
        /// The order of that event, where it is another.
        first_order: Option<Id>,
    },
    /// Change a detail of an order: phone, access note, appointment, a warning put up.
    ChangeDetail {
        /// The order.
        order: String,
        /// Which, and to what.
        change: DetailInput,
    },
}

/// An amount in a currency's smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// Three capital letters.
    pub currency: String,
}

/// The answer to a step, by the step's kind.
#[derive(uniffi::Enum)]
pub enum Value {
    /// Done.
    Done,
    /// So many.
    Count {
        /// How many.
        count: i64,
    },
    /// Presses of a bell, each in milliseconds.
    Presses {
        /// Their lengths.
        ms: Vec<i64>,
    },
    /// One choice.
    Choice {
        /// Its id.
        choice: String,
    },
    /// Several choices.
    Many {
        /// Their ids.
        choices: Vec<String>,
    },
    /// A measurement.
    Number {
        /// As read, like `2.08`.
        number: String,
    },
    /// A picture.
    Photo {
        /// SHA-256 of its bytes, in hex.
        sha256: String,
    },
    /// A code that was scanned.
    Scan {
        /// Its text.
        code: String,
    },
    /// Items of a checklist.
    Checklist {
        /// Each with its answer.
        items: Vec<ItemMark>,
    },
    /// Words: they stand in the action's `text`.
    Written,
}

/// One item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ItemMark {
    /// Its id.
    pub item: String,
    /// Its answer.
    pub answer: ItemAnswer,
}

/// The answer to one item: never a bare yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ItemAnswer {
    /// In order.
    Pass,
    /// A hazard.
    Hazard,
    /// Nothing there to check.
    NotApplicable,
    /// There, but could not be checked.
    NotCheckable,
}

/// A line of the price list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LineWanted {
    /// The item's code.
    pub code: String,
    /// How many.
    pub quantity: i64,
    /// The code of the reason why it is free, when it is.
    pub free: Option<String>,
}

/// How money is taken.
#[derive(uniffi::Enum)]
pub enum PaymentMethod {
    /// Notes and coins.
    Cash,
    /// A wallet or card payment the customer showed.
    Claimed {
        /// Whose payment service.
        provider: String,
        /// Its reference.
        reference: String,
    },
}

/// What a sign-off says. Personal: it has no Debug.
#[derive(uniffi::Record)]
pub struct SignOff {
    /// How it ended.
    pub result: SignOffResult,
    /// The language of the statement shown; the customer's when absent.
    pub lang: Option<Lang>,
    /// The hash the sign screen gave.
    pub shown: String,
    /// Who signs.
    pub role: Option<SignerRole>,
    /// The signer's name.
    pub signer: Option<String>,
    /// An adult signs.
    pub adult: bool,
    /// They agreed to sign electronically.
    pub consent: bool,
    /// The strokes.
    pub strokes: Vec<Stroke>,
    /// Why not signed.
    pub reason: Option<String>,
    /// Who saw it.
    pub witness: Option<String>,
}

/// One stroke of a signature.
#[derive(uniffi::Record)]
pub struct Stroke {
    /// Its points, in order.
    pub points: Vec<Point>,
}

/// A point in 1/10,000 of the pad's width and height.
#[derive(uniffi::Record)]
pub struct Point {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
}

pub(crate) fn id(text: &str) -> Result<Id, DoorstepError> {
    text.parse().map_err(DoorstepError::bad_value)
}

fn personal(text: Option<String>) -> Option<Personal> {
    text.map(Personal::new)
}

impl TryFrom<Action> for engine::Action {
    type Error = DoorstepError;

    fn try_from(action: Action) -> Result<engine::Action, DoorstepError> {
        use engine::Action as Core;
        Ok(match action {
            Action::StartShift { cash } => Core::StartShift { float: cash.try_into()? },
            Action::StartVisit { order } => Core::StartVisit { order: id(&order)? },
            Action::Note { visit, raining, under_renovation, adult_present, door_open } => {
                let conditions =
                    ConditionsNoted { raining, under_renovation, adult_present, door_open };
                Core::Note { visit: id(&visit)?, conditions }
            }
            Action::Record { visit, step, value, text, note } => {
                let (text, note) = (personal(text), personal(note));
                let answer = Answer { value: value.try_into()?, text, note };
                Core::Record { visit: id(&visit)?, step, answer }
            }
            Action::Correct { visit, entry, value, text, reason } => Core::Correct {
                visit: id(&visit)?,
                entry,
                value: value.map(TryInto::try_into).transpose()?,
                text: personal(text),
                reason: Personal::new(reason),
            },
            Action::Reason { visit, finding, text } => {
                Core::Reason { visit: id(&visit)?, finding, text: Personal::new(text) }
            }
            Action::OfferQuote { visit, lines } => Core::OfferQuote {
                visit: id(&visit)?,
                lines: lines.into_iter().map(Into::into).collect(),
            },
            Action::AcceptQuote { visit, version } => {
                let version = u32::try_from(version).map_err(DoorstepError::bad_value)?;
                Core::AcceptQuote { visit: id(&visit)?, version }
            }
            Action::Charge { visit, line } => {
                Core::Charge { visit: id(&visit)?, line: line.into() }
            }
            Action::Pay { visit, tendered, method, part, photo } => Core::Pay {
                visit: id(&visit)?,
                tendered: tendered.try_into()?,
                method: method.into(),
                part: part.map(TryInto::try_into).transpose()?,
                photo,
            },
            Action::SignOff { visit, sign_off } => {
                Core::SignOff { visit: id(&visit)?, sign_off: sign_off.try_into()? }
            }
            Action::Finish { visit, outcome } => Core::Finish { visit: id(&visit)?, outcome },
            Action::CloseShift { counted, pieces, reason } => Core::CloseShift {
                counted: counted.try_into()?,
                pieces: pieces.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
                reason: personal(reason),
            },
            Action::HandOver { amount, to, to_badge, items, giver, taker, note } => {
                Core::HandOver {
                    given: engine::HandOver {
                        amount: amount.try_into()?,
                        to: Personal::new(to),
                        to_badge,
                        items,
                        giver: drawn(giver)?,
                        taker: drawn(taker)?,
                        note: personal(note),
                    },
                }
            }
            Action::TakeCash { amount, from_badge } => {
                Core::TakeCash { amount: amount.try_into()?, from_badge }
            }
            Action::WantInvoice { receipt, title, taxpayer, send_to } => Core::WantInvoice {
                receipt: u64::try_from(receipt).map_err(DoorstepError::bad_value)?,
                asked: engine::InvoiceAsked {
                    title: Personal::new(title),
                    taxpayer: personal(taxpayer),
                    send_to: Personal::new(send_to),
                },
            },
            Action::VoidReceipt { receipt, copies_back, reason } => Core::VoidReceipt {
                receipt: u64::try_from(receipt).map_err(DoorstepError::bad_value)?,
                copies_back,
                reason: Personal::new(reason),
            },
            Action::Refund { order, receipt, method } => {
                Core::Refund { order: id(&order)?, receipt, method: method.into() }
            }
            Action::ReturnDeposit { visit, receipt, code, count, method } => Core::ReturnDeposit {
                visit: id(&visit)?,
                receipt,
                code,
                count,
                method: method.into(),
            },
            Action::ChangeDetail { order, change } => {
                Core::ChangeDetail { order: id(&order)?, change }
            }
            Action::ReadMeter { visit, reading } => {
                Core::ReadMeter { visit: id(&visit)?, taken: reading.try_into()? }
            }
            Action::DrawNotice { visit } => Core::DrawNotice { visit: id(&visit)? },
            Action::FindHazard { visit, hazard } => {
                Core::FindHazard { visit: id(&visit)?, seen: hazard.into() }
            }
            Action::DoDuty { visit, entry } => {
                Core::DoDuty { visit: id(&visit)?, report: entry.into() }
            }
            Action::Recheck { visit, hazard, grade, evidence, first_order } => {
                Core::Recheck { visit: id(&visit)?, hazard, grade, evidence, first_order }
            }
            Action::ShutOffGas { visit, what, hazard, paper, photo } => {
                Core::ShutOffGas { visit: id(&visit)?, what, hazard, paper, photo }
            }
            Action::RestoreGas { visit, shut_off, first_order } => {
                Core::RestoreGas { visit: id(&visit)?, shut_off, first_order }
            }
        })
    }
}

impl TryFrom<Money> for doorstep::base::Money {
    type Error = DoorstepError;

    fn try_from(money: Money) -> Result<doorstep::base::Money, DoorstepError> {
        let currency = Currency::new(&money.currency)
            .ok_or_else(|| DoorstepError::bad_value("a currency is three capital letters"))?;
        Ok(doorstep::base::Money { minor: money.minor, currency })
    }
}

impl From<doorstep::base::Money> for Money {
    fn from(money: doorstep::base::Money) -> Money {
        Money { minor: money.minor, currency: money.currency.code().to_owned() }
    }
}

impl TryFrom<Value> for event::Value {
    type Error = DoorstepError;

    fn try_from(value: Value) -> Result<event::Value, DoorstepError> {
        Ok(match value {
            Value::Done => event::Value::Done,
            Value::Count { count } => event::Value::Count(count),
            Value::Presses { ms } => event::Value::Presses(ms),
            Value::Choice { choice } => event::Value::Choice(choice),
            Value::Many { choices } => event::Value::Many(choices),
            Value::Number { number } => {
                let number: Decimal = number.parse().map_err(DoorstepError::bad_value)?;
                event::Value::Number(number)
            }
            Value::Photo { sha256 } => {
                event::Value::Photo(sha256.parse().map_err(DoorstepError::bad_value)?)
            }
            Value::Scan { code } => event::Value::Scan(code),
            Value::Checklist { items } => {
                let items = items.into_iter().map(|mark| (mark.item, mark.answer.into()));
                event::Value::Checklist(items.collect())
            }
            Value::Written => event::Value::Written,
        })
    }
}

impl From<ItemAnswer> for event::ItemAnswer {
    fn from(answer: ItemAnswer) -> event::ItemAnswer {
        match answer {
            ItemAnswer::Pass => event::ItemAnswer::Pass,
            ItemAnswer::Hazard => event::ItemAnswer::Hazard,
            ItemAnswer::NotApplicable => event::ItemAnswer::NotApplicable,
            ItemAnswer::NotCheckable => event::ItemAnswer::NotCheckable,
        }
    }
}

impl From<LineWanted> for engine::LineWanted {
    fn from(line: LineWanted) -> engine::LineWanted {
        engine::LineWanted { code: line.code, quantity: line.quantity, free: line.free }
    }
}

impl From<PaymentMethod> for money::PaymentMethod {
    fn from(method: PaymentMethod) -> money::PaymentMethod {
        match method {
            PaymentMethod::Cash => money::PaymentMethod::Cash,
            PaymentMethod::Claimed { provider, reference } => {
                money::PaymentMethod::Claimed(Claim { provider, reference })
            }
        }
    }
}

fn drawn(strokes: Vec<Stroke>) -> Result<Vec<event::Stroke>, DoorstepError> {
    let coordinate = |at: i64| u16::try_from(at).map_err(DoorstepError::bad_value);
    let point = |point: Point| Ok((coordinate(point.x)?, coordinate(point.y)?));
    let stroke = |stroke: Stroke| stroke.points.into_iter().map(point).collect();
    strokes.into_iter().map(stroke).collect()
}

impl TryFrom<SignOff> for engine::SignOff {
    type Error = DoorstepError;

    fn try_from(sign_off: SignOff) -> Result<engine::SignOff, DoorstepError> {
        Ok(engine::SignOff {
            result: sign_off.result,
            lang: sign_off.lang,
            shown: sign_off.shown.parse().map_err(DoorstepError::bad_value)?,
            role: sign_off.role,
            signer: personal(sign_off.signer),
            adult: sign_off.adult,
            consent: sign_off.consent,
            strokes: drawn(sign_off.strokes)?,
            reason: personal(sign_off.reason),
            witness: personal(sign_off.witness),
        })
    }
}
