//! Money at the door, as its screen crosses.

use doorstep::{
    base::Id,
    screen::{
        Amount, CallOut, Choice, ItemLine, PayLine, PayScreen, PaymentLine, QuoteLine, QuoteState,
        ReceiptLine,
    },
};

/// An amount, to read and to compute with.
#[uniffi::remote(Record)]
pub struct Amount {
    /// With its currency, as people write it.
    pub text: String,
    /// In the currency's smallest unit.
    pub minor: i64,
    /// Three capital letters.
    pub currency: String,
}

/// What is said aloud, line by line.
#[uniffi::remote(Record)]
pub struct CallOut {
    /// The lines, in the order they are said.
    pub lines: Vec<String>,
    /// What is due.
    pub due: Amount,
    /// What was handed over.
    pub tendered: Option<Amount>,
    /// What is given back.
    pub change: Option<Amount>,
    /// The sum entered can be taken as it is.
    pub enough: bool,
}

/// One line that was charged.
#[uniffi::remote(Record)]
pub struct PayLine {
    /// The item's code.
    pub code: String,
    /// Its name, in the customer's language.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_price: Amount,
    /// What they come to.
    pub amount: Amount,
    /// Why it is free, when it is.
    pub free: Option<String>,
}

/// The money of one visit.
#[uniffi::remote(Record)]
pub struct PayScreen {
    /// The visit.
    pub visit: Id,
    /// What was charged.
    pub lines: Vec<PayLine>,
    /// What can be charged.
    pub items: Vec<ItemLine>,
    /// Reasons for which something may go free.
    pub free_reasons: Vec<Choice>,
    /// Sum of the lines.
    pub charged: Amount,
    /// Sum of the payments.
    pub paid: Amount,
    /// What is left to pay.
    pub due: Amount,
    /// All payments of the order, first to last: what may be made void or given back.
    pub payments: Vec<PaymentLine>,
    /// The bag holds too much cash: what to do, in words.
    pub bag: Option<String>,
    /// What is paid next is a deposit, with a receipt of its own: so in words.
    pub deposit: Option<String>,
    /// A wallet's or card's payment needs a photo of the screen shown: what to do, in words.
    pub claim_photo: Option<String>,
    /// Where the quote stands.
    pub quote: QuoteLine,
    /// The last receipt of this visit.
    pub receipt: Option<ReceiptLine>,
    /// What to say now: of the sum entered, or else of the last payment, or else what is due.
    pub call_out: CallOut,
}

/// The last quote.
#[uniffi::remote(Record)]
pub struct QuoteLine {
    /// Where it stands.
    pub state: QuoteState,
    /// Its version; 0 when there is none.
    pub version: i64,
    /// Its total.
    pub total: Option<Amount>,
    /// In words.
    pub text: String,
    /// What is charged goes beyond what was accepted.
    pub exceeded: bool,
}

/// Where a quote stands.
#[uniffi::remote(Enum)]
pub enum QuoteState {
    /// None was offered.
    None,
    /// The last one waits for the customer's yes.
    Offered,
    /// The last one was accepted.
    Accepted,
}

/// A receipt that was issued.
#[uniffi::remote(Record)]
pub struct ReceiptLine {
    /// The number printed on it.
    pub number: String,
    /// Its counter in the device's series.
    pub counter: i64,
}
