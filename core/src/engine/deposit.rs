//! A deposit goes back against its receipt: the very one, never more than it was for, never twice as far
//! as this phone can know. What another phone gives back meanwhile the server finds (C18, ADR 0014).

use std::collections::BTreeMap;

use super::{
    ActError, Done,
    act::{Desk, done},
    context::VisitView,
    giveback::{Back, issue},
    money::series,
};
use crate::{
    base::{Hash, Id, Money},
    event::Payload,
    log::Subject,
    money::{ChargeLine, DepositBack, MAX_QUANTITY, PaymentMethod, ReceiptNumber},
    order::{OrderState, PaymentState},
    proof::{Proven, ReceiptProof},
    sync::DepositTold,
};

/// What somebody wants back.
pub(super) struct Wanted<'a> {
    /// The number printed on the deposit receipt, or the text of its code.
    pub receipt: &'a str,
    /// Of which item of the receipt; of its only one when absent.
    pub code: Option<&'a str>,
    /// For how many bottles.
    pub count: i64,
    /// How.
    pub method: PaymentMethod,
}

/// A deposit receipt, as this phone knows it.
struct Known {
    series: Id,
    number: u64,
    lines: Vec<ChargeLine>,
    amount: Money,
    /// What went back of it, by the order's event.
    back: BTreeMap<Hash, Money>,
}

/// Gives back what was paid for so many bottles, and issues a refund receipt; in the order at hand.
pub(super) fn give_back(
    desk: &mut Desk<'_>,
    visit: Id,
    wanted: Wanted<'_>,
) -> Result<Done, ActError> {
    let mut view = desk.open_visit(visit)?;
    let known = find(desk, &view, wanted.receipt)?;
    let of_code = |line: &&ChargeLine| wanted.code.is_none_or(|code| line.code() == code);
    let mut lines = known.lines.iter().filter(of_code);
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(ActError::Refund("say which deposit of this receipt goes back"));
    };
    if !(1..=line.quantity().min(MAX_QUANTITY)).contains(&wanted.count) {
        return Err(ActError::Refund("the receipt is not for so many bottles: read it again"));
    }
    let list = desk.books.price_list(&desk.tx.read(), Some(view.price_list))?;
    let rule = list.item(line.code()).and_then(|item| item.deposit.as_ref());
    if rule.is_none_or(|deposit| deposit.back != DepositBack::AtDoor) {
        return Err(ActError::Refund("the office gives this deposit back: ask there"));
    }
    // What each bottle was paid for; where a line was free, nothing.
    let amount = match line.free_reason() {
        Some(_) => Money::zero(line.unit_price().currency),
        None => line.unit_price().times(wanted.count)?,
    };
    let mut left = known.amount;
    for back in known.back.values() {
        left = left.minus(*back)?;
    }
    if amount.minor <= 0 || left.minus(amount)?.minor < 0 {
        return Err(ActError::Refund("it was given back already: give nothing"));
    }
    let payee = view.customer.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    let back = Back {
        of: (known.series, known.number),
        amount,
        method: wanted.method,
        deposit: Some(true),
        was_for: Some(known.amount),
    };
    let (recorded, receipt) =
        issue(desk, (view.order.id, Some(visit)), back, payee, &view.premises)?;
    Ok(Done { receipt: Some(receipt), ..done(&mut view, &recorded) })
}

/// The deposit receipt that is meant: proven by its code, or known here by its number.
fn find(desk: &Desk<'_>, view: &VisitView, text: &str) -> Result<Known, ActError> {
    const NO_DEPOSIT: ActError =
        ActError::Refund("this is no deposit receipt: look for the one that says so");
    let here = Here::read(desk, view)?;
    let mut known = if text.trim_start().starts_with("DS1.") {
        let proof =
            ReceiptProof::parse(text).and_then(|it| it.verify(&desk.me.company_signing_key));
        let proven = proof.map_err(|_| {
            ActError::Refund("the code of this receipt does not hold: ask the office")
        })?;
        let series = proven.series();
        let Proven::Receipt(receipt) = proven.paper else { return Err(NO_DEPOSIT) };
        if !receipt.is_deposit() {
            return Err(NO_DEPOSIT);
        }
        Known {
            series,
            number: receipt.number,
            amount: receipt.amount,
            lines: receipt.lines,
            back: BTreeMap::new(),
        }
    } else {
        let printed: ReceiptNumber = text
            .parse()
            .map_err(|_| ActError::Refund("this is no receipt number: read it again"))?;
        here.by_number(printed)
            .ok_or(ActError::Refund("this phone does not know the receipt: scan its code"))?
    };
    if known.lines.is_empty() {
        return Err(NO_DEPOSIT);
    }
    look_back(desk, &here, &mut known)?;
    Ok(known)
}

/// What this phone knows of the customer's premises: the orders there with the one at hand, as they stand, and
/// what the server told.
struct Here {
    orders: Vec<OrderState>,
    told: Vec<DepositTold>,
}

impl Here {
    fn read(desk: &Desk<'_>, view: &VisitView) -> Result<Here, ActError> {
        let reader = desk.tx.read();
        let mut ids = reader.orders_at(view.premises.id)?;
        if !ids.contains(&view.order.id) {
            ids.push(view.order.id);
        }
        let fold = |id| Ok(OrderState::fold(&reader.events_about(&Subject::work_order(id))?));
        let orders = ids.into_iter().map(fold).collect::<Result<_, ActError>>()?;
        let told = reader.bottles_told(view.premises.id)?.deposits.unwrap_or_default();
        Ok(Here { orders, told })
    }

    /// A receipt whose number was typed: of an order here, or told with the premises.
    fn by_number(&self, printed: ReceiptNumber) -> Option<Known> {
        let payment = self.orders.iter().find_map(|state| state.payment_of(printed));
        if let Some(payment) = payment {
            return Some(Known {
                series: payment.series,
                number: payment.number,
                lines: payment.deposits.clone(),
                amount: payment.counts(),
                back: BTreeMap::new(),
            });
        }
        let of = |it: &&DepositTold| {
            ReceiptNumber::new(it.series, it.number)
                .is_some_and(|number| number.to_string() == printed.to_string())
        };
        self.told.iter().find(of).map(|it| Known {
            series: it.series,
            number: it.number,
            lines: it.lines.clone(),
            amount: it.amount,
            back: BTreeMap::new(),
        })
    }
}

/// All that this phone knows of what went back of it: by its own series, whatever became of the
/// orders; by the orders at these premises; by what the server told.
fn look_back(desk: &Desk<'_>, here: &Here, known: &mut Known) -> Result<(), ActError> {
    let is = |series: Id, number: u64| series == known.series && number == known.number;
    if let Some(row) = series(desk)? {
        for recorded in desk.tx.read().events(&row, 1)? {
            match recorded.event.payload {
                Payload::RefundIssued(it) if is(it.of_series, it.of_number) => {
                    known.back.insert(it.order_event, it.amount);
                }
                Payload::ReceiptVoided(it) if is(row.stream.subject.id, it.number) => {
                    return Err(ActError::Refund("this receipt was made void: give nothing"));
                }
                _ => {}
            }
        }
    }
    for state in &here.orders {
        for it in state.deposits_back.iter().filter(|it| is(it.of_series, it.of_number)) {
            known.back.insert(it.event, it.amount);
        }
        for payment in state.payments.iter().filter(|it| is(it.series, it.number)) {
            if payment.state == PaymentState::Void || payment.state == PaymentState::Bounced {
                return Err(ActError::Refund("this receipt was made void: give nothing"));
            }
            known.amount = payment.counts();
        }
    }
    for it in here.told.iter().filter(|it| is(it.series, it.number)) {
        known.back.extend(it.back.iter().map(|back| (back.event, back.amount)));
        known.amount = if it.amount.minor < known.amount.minor { it.amount } else { known.amount };
    }
    Ok(())
}
