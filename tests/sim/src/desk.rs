//! What He and Lin do at their desks beside handing out orders: decisions, money, a customer who asks
//! to be forgotten.

use doorstep::{
    base::{Id, Money},
    event::ClaimResult,
    money::ReceiptNumber,
    order::{Payment, PaymentState},
};
use doorstep_server::rules::{
    self, ClaimInput, DecideInput, DeskPaymentInput, EraseInput, RefundInput, ReleaseInput,
};

use crate::{
    history::What,
    office::{self, Called, Office},
    world::{World, told},
};

impl World {
    /// Somebody at a desk does something.
    pub(crate) fn desk(&mut self, n: u32, what: &What) -> String {
        let action = Some(self.id(n, 0));
        match what {
            What::Decide { nth, choice } => self.decide(*nth, *choice),
            What::Release { nth, choice } => self.release(*nth, *choice),
            What::AllowRefund { nth, part } => self.allow_refund(action, *nth, *part),
            What::JudgeClaim { nth, settled } => self.judge_claim(action, *nth, *settled),
            What::PayAtDesk { nth } => self.pay_at_desk(n, *nth),
            What::Erase { order, service } => {
                let order = office::order(self.seed, *order);
                let input = EraseInput { action, service: *service };
                told(self.office.by_he(|tx, ctx, by| rules::erase(tx, ctx, by, order, &input)))
            }
            _ => String::new(),
        }
    }

    fn decide(&mut self, nth: u32, choice: u32) -> String {
        let open = self.office.run(|tx, _| rules::conflicts(tx)).map(|conflicts| {
            conflicts.into_iter().filter(|view| view.conflict.is_open()).collect::<Vec<_>>()
        });
        let Ok(open) = open else { return "down".to_owned() };
        let Some(view) = pick(&open, nth) else { return String::new() };
        let Some(choice) = pick(view.conflict.rule.choices(), choice) else { return String::new() };
        let input = DecideInput {
            action: None,
            conflict: view.conflict.key,
            rule: view.conflict.rule.id().to_owned(),
            choice: choice.id().to_owned(),
        };
        let order = view.order;
        told(self.office.by_he(|tx, ctx, by| rules::decide(tx, ctx, by, order, &input)))
    }

    fn release(&mut self, nth: u32, choice: u32) -> String {
        let open = self.office.run(|tx, _| rules::held(tx));
        let Ok(mut open) = open else { return "down".to_owned() };
        open.retain(|held| held.decided.is_none());
        let Some(held) = pick(&open, nth) else { return String::new() };
        told(self.office.release(held.id, choice))
    }

    fn allow_refund(&mut self, action: Option<Id>, nth: u32, part: bool) -> String {
        let Ok(mut payments) = self.office.payments() else { return "down".to_owned() };
        payments.retain(|(_, payment)| payment.counts().minor > 0);
        let Some((order, payment)) = pick(&payments, nth) else { return String::new() };
        let Some(receipt) = printed(payment) else { return String::new() };
        let amount = match part {
            true => Money::new((payment.counts().minor / 2).max(1), payment.amount.currency),
            false => payment.counts(),
        };
        let (order, input) = (*order, RefundInput { action, receipt, amount });
        told(self.office.by_he(|tx, ctx, by| rules::approve_refund(tx, ctx, by, order, &input)))
    }

    fn judge_claim(&mut self, action: Option<Id>, nth: u32, settled: bool) -> String {
        let Ok(mut payments) = self.office.payments() else { return "down".to_owned() };
        payments.retain(|(_, payment)| payment.state != PaymentState::Taken);
        let Some((order, payment)) = pick(&payments, nth) else { return String::new() };
        let Some(receipt) = printed(payment) else { return String::new() };
        let result = if settled { ClaimResult::Settled } else { ClaimResult::Bounced };
        let (order, input) = (*order, ClaimInput { action, receipt, result });
        told(self.office.by_he(|tx, ctx, by| rules::judge_claim(tx, ctx, by, order, &input)))
    }

    fn pay_at_desk(&mut self, n: u32, nth: u32) -> String {
        let Ok(owing) = self.office.owing() else { return "down".to_owned() };
        let Some((order, visit, amount)) = pick(&owing, nth).copied() else { return String::new() };
        let input = DeskPaymentInput {
            action: Some(self.id(n, 0)),
            visit: Some(visit),
            amount,
            method: doorstep::money::PaymentMethod::Cash,
            receipt: format!("desk {n}"),
        };
        told(self.office.by_lin(|tx, ctx, by| rules::pay_at_desk(tx, ctx, by, order, &input)))
    }
}

impl Office {
    /// He decides about something held back, by one of its choices, counted round.
    pub(crate) fn release(&mut self, held: Id, choice: u32) -> Called<()> {
        self.by_he(|tx, ctx, by| {
            let choices = rules::held_view(tx, held)?.line.choices;
            let Some(choice) = pick(choices, choice).copied() else { return Ok(()) };
            rules::release(tx, ctx, by, held, &ReleaseInput { choice })
        })
    }

    /// Every payment that the office knows of, and its order.
    fn payments(&mut self) -> Called<Vec<(Id, Payment)>> {
        let states = self.states()?;
        let payments = states.into_iter().flat_map(|(order, state)| {
            state.payments.into_iter().map(move |payment| (order, payment))
        });
        Ok(payments.collect())
    }

    /// Visits with anything due, as far as the office knows.
    fn owing(&mut self) -> Called<Vec<(Id, Id, Money)>> {
        let states = self.states()?;
        let visits = states.into_iter().flat_map(|(order, state)| {
            state.visits.into_values().filter_map(move |visit| {
                let due = match (visit.charged?, visit.paid) {
                    (charged, Some(paid)) => charged.minus(paid).ok()?,
                    (charged, None) => charged,
                };
                (due.minor > 0).then_some((order, visit.id, due))
            })
        });
        Ok(visits.collect())
    }

    /// Every order as the server folds it, by id.
    pub(crate) fn states(&mut self) -> Called<Vec<(Id, doorstep::order::OrderState)>> {
        self.run(|tx, _| {
            let mut orders: Vec<_> = tx.orders(false, 100_000)?.iter().map(|row| row.id).collect();
            orders.sort();
            let fold = |order| Ok((order, rules::fold(tx, order)?));
            orders.into_iter().map(fold).collect()
        })
    }
}

fn printed(payment: &Payment) -> Option<String> {
    ReceiptNumber::new(payment.series, payment.number).map(|number| number.to_string())
}

fn pick<T>(all: &[T], nth: u32) -> Option<&T> {
    all.get(nth as usize % all.len().max(1))
}
