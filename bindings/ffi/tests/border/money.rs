//! Money that is taken, taken back and given back, with what the pay screen shows.

use doorstep::{
    base::{Currency, Lang, Money},
    document::Form,
    event::{ClaimResult, VisitKind},
    order::PaymentState,
    screen::PaymentLine,
};
use doorstep_ffi::{Action, LineWanted, Paper, PaymentMethod};
use doorstep_server::rules;

use crate::{
    visit::Visit,
    world::{World, cny, done},
};

/// The customer accepts one line of labour, and it is charged.
fn charge(visit: &Visit) {
    let id = || visit.id.clone();
    let code = visit.pay().items.remove(0).code;
    let line = || LineWanted { code: code.clone(), quantity: 1, free: None };
    let offer = Action::OfferQuote { visit: id(), lines: vec![line()] };
    let version = visit.act(offer).unwrap().quote.unwrap();
    visit.act(Action::AcceptQuote { visit: id(), version }).unwrap();
    visit.act(Action::Charge { visit: id(), line: line() }).unwrap();
}

fn pay(visit: &Visit, method: PaymentMethod) -> PaymentLine {
    let tendered = cny(visit.pay().due.minor);
    let pay = Action::Pay { visit: visit.id.clone(), tendered, method, part: None, photo: None };
    visit.act(pay).unwrap();
    visit.pay().payments.pop().unwrap()
}

#[test]
fn a_payment_is_made_void_taken_again_and_given_back_once_the_office_allows_it() {
    let world = World::new();
    let (office, phone) =
        world.ready(|office| office.order(VisitKind::Repair, "gz-repair", "R-417"));
    let visit = Visit::begin(&phone);
    visit.act(Action::StartShift { cash: cny(499_900) }).unwrap();
    charge(&visit);
    assert_eq!((visit.pay().payments.len(), visit.pay().bag), (0, None));

    let first = pay(&visit, PaymentMethod::Cash);
    assert_eq!((first.state, first.state_text.as_str()), (PaymentState::Taken, "Taken in cash"));
    assert!(first.may_void && first.refundable.is_none());
    // The bag is too full now, and both screens say where it belongs.
    let bag = visit.pay().bag.unwrap();
    assert!(bag.ends_with("take it to the bank."), "{bag}");
    let evening = done(phone.evening_screen(Lang::En)).unwrap();
    assert!(evening.over.is_some() && evening.to_do.contains(&bag), "{:?}", evening.to_do);

    let receipt = first.counter.unwrap();
    let reason = "Mrs Chan looks for smaller notes".to_owned();
    visit.act(Action::VoidReceipt { receipt, copies_back: true, reason }).unwrap();
    let void = visit.pay().payments.remove(0);
    assert_eq!((void.state, void.may_void), (PaymentState::Void, false));
    let second = pay(&visit, PaymentMethod::Cash);

    // It is printed on a small printer, and printed again.
    let print = || {
        let paper = Paper::Receipt { counter: second.counter.unwrap() };
        let bytes = done(phone.paper(paper, Form::Escpos58, Lang::En)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (original, copy, third) = (print(), print(), print());
    assert!(original.contains(&second.receipt) && !original.contains("Copy"), "{original}");
    assert!(copy.contains("Copy 2") && third.contains("Copy 3"));
    let shown = Paper::Receipt { counter: second.counter.unwrap() };
    let shown = done(phone.paper(shown, Form::Text, Lang::En)).unwrap();
    assert!(!String::from_utf8(shown).unwrap().contains("Copy"), "a screen hands nothing out");

    // Nothing goes back that the office hasn't allowed; then the screen says how much.
    done(phone.sync(Lang::En)).unwrap();
    let order = visit.screen(Lang::En).order;
    let refund = || Action::Refund {
        order: order.to_string(),
        receipt: second.receipt.clone(),
        method: PaymentMethod::Cash,
    };
    assert_eq!(visit.refused(refund()), "refund");
    let amount = Money { minor: 1_000, currency: Currency::CNY };
    let allowed = rules::RefundInput { action: None, receipt: second.receipt.clone(), amount };
    office.by_he(|tx, ctx, by| rules::approve_refund(tx, ctx, by, order, &allowed));
    done(phone.sync(Lang::En)).unwrap();
    let line = visit.pay().payments.pop().unwrap();
    assert_eq!(line.refundable.unwrap().text, "CNY 10.00");
    let back = visit.act(refund()).unwrap().receipt.unwrap();
    assert_eq!(back.change, cny(1_000));
    // Its paper has a code, as a receipt's has.
    let counter = back.counter;
    let code = done(phone.paper(Paper::Receipt { counter }, Form::Qr, Lang::En)).unwrap();
    assert!(code.starts_with(b"DS1."), "{code:?}");
    let line = visit.pay().payments.pop().unwrap();
    assert_eq!((line.state_text.as_str(), line.may_void), ("Given back: CNY 10.00", false));
    assert!(line.refundable.is_none());
    assert_eq!(visit.refused(refund()), "refund");
    done(phone.shut_down());
}

#[test]
fn a_wallet_that_never_paid_is_the_desks_to_collect_once_the_visit_has_ended() {
    let world = World::new();
    let (office, phone) =
        world.ready(|office| office.order(VisitKind::Repair, "gz-repair", "R-418"));
    let visit = Visit::begin(&phone);
    visit.act(Action::StartShift { cash: cny(20_000) }).unwrap();
    charge(&visit);
    let wallet =
        PaymentMethod::Claimed { provider: "wallet".to_owned(), reference: "4200-17".to_owned() };
    let line = pay(&visit, wallet);
    assert_eq!(line.state, PaymentState::Promised);
    visit.act(visit.finish("cancelled")).unwrap();
    done(phone.sync(Lang::En)).unwrap();
    let order = visit.screen(Lang::En).order;
    let judged =
        rules::ClaimInput { action: None, receipt: line.receipt, result: ClaimResult::Bounced };
    office.by_he(|tx, ctx, by| rules::judge_claim(tx, ctx, by, order, &judged));
    let owed = || done(phone.today(Lang::En)).unwrap().rows.remove(0).owed;
    assert_eq!(owed(), None, "nobody has told the phone yet");
    done(phone.sync(Lang::En)).unwrap();
    assert!(owed().unwrap().ends_with("The office collects it at its desk"));
    let shown = visit.pay();
    assert!(shown.payments[0].state_text.ends_with("the office collects it at its desk"));
    assert_eq!(
        shown.call_out.lines[1],
        "The visit has ended: take nothing. The office collects it at its desk."
    );
    assert!(!shown.call_out.enough);
    done(phone.shut_down());
}

#[test]
fn cash_of_a_colleague_comes_into_the_bag_of_an_open_shift() {
    let world = World::new();
    let (_, phone) = world.ready(|office| office.order(VisitKind::Repair, "gz-repair", "R-419"));
    let visit = Visit::begin(&phone);
    let take = || Action::TakeCash { amount: cny(15_800), from_badge: "0900".to_owned() };
    assert_eq!(visit.refused(take()), "shift");
    visit.act(Action::StartShift { cash: cny(20_000) }).unwrap();
    visit.act(take()).unwrap();
    let evening = done(phone.evening_screen(Lang::En)).unwrap();
    assert_eq!(evening.expected.unwrap().minor, 35_800);
    let report = done(phone.paper(Paper::DayReport, Form::Text, Lang::En)).unwrap();
    let report = String::from_utf8(report).unwrap();
    assert!(report.contains("Taken over from badge 0900"), "{report}");
    done(phone.shut_down());
}
