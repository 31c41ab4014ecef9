//! What was due, what was tendered, what goes back.
//!
//! Decides whether a payment can be recorded. Part payments are a decision of their own, so that
//! a tender below what is due is never taken for one.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Currency, Money, MoneyError};

/// A tender this many minor units above what is due is taken for a typing error: no one hands
/// over 10,000.00 too much.
pub const CHANGE_LIMIT: i64 = 1_000_000;

/// How money was taken.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Notes and coins, counted in front of the customer.
    #[n(0)]
    Cash,
    /// A wallet or card payment the customer showed, which nobody has confirmed yet.
    #[n(1)]
    Claimed(#[n(0)] Claim),
}

/// What a customer's screen said about a payment, unconfirmed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Whose payment service.
    #[n(0)]
    pub provider: String,
    /// The provider's reference for the payment.
    #[n(1)]
    pub reference: String,
}

/// A payment that settles what is due, ready to be recorded.
///
/// `change` is `tendered` less `due`, neither negative, `due` positive. Made by [`tender`] and
/// [`claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tender {
    due: Money,
    tendered: Money,
    change: Money,
}

impl Tender {
    /// What was called out as due.
    pub fn due(&self) -> Money {
        self.due
    }

    /// What the customer handed over.
    pub fn tendered(&self) -> Money {
        self.tendered
    }

    /// What goes back to the customer.
    pub fn change(&self) -> Money {
        self.change
    }
}

/// A part of what is due, agreed to be paid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartPayment {
    /// All that is due.
    pub due: Money,
    /// What is paid now: the amount to [`tender`] for.
    pub part: Money,
    /// What stays open.
    pub open: Money,
}

/// Why money can't be taken like this. Nothing is recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenderError {
    /// Less than is due.
    #[error(
        "{tendered} is less than the {due} due: \
         ask for the rest, or agree a part payment and record that"
    )]
    Short {
        /// What is due.
        due: Money,
        /// What was entered.
        tendered: Money,
    },
    /// There is nothing to pay.
    #[error("nothing is due ({0}): take no money")]
    NothingDue(Money),
    /// An amount below zero, or none at all.
    #[error("{0} can't be tendered: enter the amount that was handed over")]
    NotPositive(Money),
    /// So far above what is due that it must be a typing error.
    #[error("{tendered} is far above the {due} due: count again and enter what was handed over")]
    FarAbove {
        /// What is due.
        due: Money,
        /// What was entered.
        tendered: Money,
    },
    /// A claimed payment gives no change, so it can't be above what is due.
    #[error("a claimed payment of {claimed} for {due} due would overpay: enter what was due")]
    OverClaimed {
        /// What is due.
        due: Money,
        /// What the customer's screen said.
        claimed: Money,
    },
    /// All of it or more is not a part.
    #[error("{part} is not a part of the {due} due: record it as a whole payment")]
    NotAPart {
        /// What is due.
        due: Money,
        /// What was offered as a part.
        part: Money,
    },
    /// Another currency than is due.
    #[error("{due} is due, {tendered} was tendered: take payment in {due}")]
    OtherCurrency {
        /// The currency of what is due.
        due: Currency,
        /// The currency of what was handed over.
        tendered: Currency,
    },
    /// The amount doesn't fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Decides a cash payment: what goes back when `tendered` is handed over for `due`.
pub fn tender(due: Money, tendered: Money) -> Result<Tender, TenderError> {
    check(due, tendered)?;
    let change = tendered.minus(due)?;
    if change.minor < 0 {
        return Err(TenderError::Short { due, tendered });
    }
    if change.minor > CHANGE_LIMIT {
        return Err(TenderError::FarAbove { due, tendered });
    }
    Ok(Tender { due, tendered, change })
}

/// Decides a claimed payment: it settles `due` exactly or is refused.
pub fn claim(due: Money, claimed: Money) -> Result<Tender, TenderError> {
    check(due, claimed)?;
    if claimed.minor > due.minor {
        return Err(TenderError::OverClaimed { due, claimed });
    }
    tender(due, claimed)
}

/// Agrees that only `part` of `due` is paid now. The payment itself is then decided by [`tender`]
/// or [`claim`] with the part as what is due.
pub fn part_payment(due: Money, part: Money) -> Result<PartPayment, TenderError> {
    check(due, part)?;
    let open = due.minus(part)?;
    if open.minor <= 0 {
        return Err(TenderError::NotAPart { due, part });
    }
    Ok(PartPayment { due, part, open })
}

fn check(due: Money, tendered: Money) -> Result<(), TenderError> {
    if due.currency != tendered.currency {
        let (due, tendered) = (due.currency, tendered.currency);
        return Err(TenderError::OtherCurrency { due, tendered });
    }
    if due.minor <= 0 {
        return Err(TenderError::NothingDue(due));
    }
    if tendered.minor <= 0 {
        return Err(TenderError::NotPositive(tendered));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(text: &str) -> Money {
        Money::parse(text, Currency::CNY).unwrap()
    }

    #[test]
    fn mrs_chan_hands_over_200_for_123_40_and_gets_76_60_back() {
        let paid = tender(cny("123.40"), cny("200")).unwrap();
        assert_eq!(paid.change(), cny("76.60"));
        assert_eq!(tender(cny("123.40"), cny("123.40")).unwrap().change(), cny("0"));
    }

    #[test]
    fn a_tender_below_what_is_due_is_refused_and_both_are_named() {
        let error = tender(cny("123.40"), cny("100")).unwrap_err();
        assert_eq!(error, TenderError::Short { due: cny("123.40"), tendered: cny("100") });
        let words = error.to_string();
        assert!(words.contains("100.00") && words.contains("123.40"), "{words}");
    }

    #[test]
    fn what_cannot_be_a_payment_is_refused() {
        let euro = Money::new(20_000, Currency::new("EUR").unwrap());
        assert!(matches!(tender(cny("1"), euro), Err(TenderError::OtherCurrency { .. })));
        assert_eq!(tender(cny("0"), cny("5")), Err(TenderError::NothingDue(cny("0"))));
        assert_eq!(tender(cny("-1"), cny("5")), Err(TenderError::NothingDue(cny("-1"))));
        assert_eq!(tender(cny("5"), cny("-5")), Err(TenderError::NotPositive(cny("-5"))));
        assert_eq!(tender(cny("5"), cny("0")), Err(TenderError::NotPositive(cny("0"))));
        let most = Money::new(i64::MAX, Currency::CNY);
        let least = Money::new(i64::MIN, Currency::CNY);
        assert!(matches!(tender(cny("1"), most), Err(TenderError::FarAbove { .. })));
        assert_eq!(tender(most, least), Err(TenderError::NotPositive(least)));
    }

    #[test]
    fn a_slip_of_two_zeros_is_taken_for_a_typing_error() {
        assert!(tender(cny("123.40"), cny("10123.40")).is_ok());
        let error = tender(cny("123.40"), cny("10123.41")).unwrap_err();
        assert!(matches!(error, TenderError::FarAbove { .. }), "{error}");
    }

    #[test]
    fn a_claimed_payment_gives_no_change() {
        assert_eq!(claim(cny("84"), cny("84")).unwrap().change(), cny("0"));
        assert!(matches!(claim(cny("84"), cny("85")), Err(TenderError::OverClaimed { .. })));
        assert!(matches!(claim(cny("84"), cny("83")), Err(TenderError::Short { .. })));
    }

    #[test]
    fn of_525_mrs_chan_pays_200_now_and_325_stay_open() {
        let part = part_payment(cny("525"), cny("200")).unwrap();
        assert_eq!(part.open, cny("325"));
        assert_eq!(tender(part.part, cny("200")).unwrap().change(), cny("0"));
        assert!(matches!(part_payment(cny("525"), cny("525")), Err(TenderError::NotAPart { .. })));
        assert!(matches!(part_payment(cny("525"), cny("0")), Err(TenderError::NotPositive(_))));
    }

    #[test]
    fn methods_travel_as_cbor_and_json() {
        for method in [
            PaymentMethod::Cash,
            PaymentMethod::Claimed(Claim { provider: "wechat".into(), reference: "4200".into() }),
        ] {
            let bytes = minicbor::to_vec(&method).unwrap();
            assert_eq!(minicbor::decode::<PaymentMethod>(&bytes).unwrap(), method);
            let json = serde_json::to_string(&method).unwrap();
            assert_eq!(serde_json::from_str::<PaymentMethod>(&json).unwrap(), method);
        }
    }
}
