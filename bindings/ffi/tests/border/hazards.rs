//! A leak found at Mrs Chan's and made safe, by somebody who knows nothing but what screens show.

use doorstep::{
    base::{Hash, Lang},
    event::{Duty, ShutOff, VisitKind},
    screen::{HazardCard, VisitScreen},
};
use doorstep_ffi::{Action, Done, DoorstepError, DutyEntry, Hazard};

use crate::{
    visit::Visit,
    world::{World, done},
};

fn hazard(visit: &Visit) -> HazardCard {
    visit.screen(Lang::En).hazards.remove(0)
}

fn duty(visit: &Visit, hazard: Hash, duty: Duty) -> Result<Done, DoorstepError> {
    let pictured = matches!(duty, Duty::PhotoBefore | Duty::PhotoAfter);
    let photo = pictured.then(|| visit.photo("the joint behind the stove"));
    let (number, text, witness, refused) = (None, None, None, false);
    let entry = DutyEntry { hazard, duty, refused, number, photo, text, witness };
    visit.act(Action::DoDuty { visit: visit.id.clone(), entry })
}

fn stops(screen: &VisitScreen, outcome: &str) -> Vec<String> {
    let card = screen.outcomes.iter().find(|card| card.outcome == outcome).unwrap();
    assert_eq!(card.possible, card.stops.is_empty());
    card.stops.iter().map(|stop| stop.text.clone()).collect()
}

#[test]
fn a_leak_is_found_made_safe_checked_and_the_gas_restored_with_what_the_screens_show() {
    let world = World::new();
    let (_, phone) =
        world.ready(|office| office.order(VisitKind::Inspection, "gz-inspection", "I-1704"));
    let visit = Visit::begin(&phone);

    // What can be said of a hazard is offered.
    let screen = visit.screen(Lang::En);
    let gravest = &screen.grades[0];
    assert_eq!((gravest.code.as_str(), gravest.rank), ("1", 1));
    assert!(gravest.asks.contains("hang the warning tag"), "{}", gravest.asks);
    assert!(gravest.asks.ends_with("mended within 7 days"), "{}", gravest.asks);
    let item = screen.hazard_items.iter().find(|item| item.title == "Hose – No cracks").unwrap();
    assert_eq!(stops(&screen, "cancelled"), [""; 0]);
    let found = visit.act(Action::FindHazard {
        visit: visit.id.clone(),
        hazard: Hazard {
            grade: gravest.code.clone(),
            item: item.id.clone(),
            text: Some("1,850 ppm at the joint behind the stove".to_owned()),
            evidence: Vec::new(),
            first: None,
            first_order: None,
        },
    });
    let found = found.unwrap().hazard.unwrap();

    // The card says all of it in words, and so does what stops the visit from ending.
    let screen = visit.screen(Lang::ZhHans);
    let card = &screen.hazards[0];
    assert_eq!((card.event, card.here, card.closed), (found, true, false));
    assert_eq!(
        (card.item.as_str(), card.grade.as_str()),
        ("连接管 – 无老化龟裂", "一级：立即停气")
    );
    assert!(card.text.as_ref().unwrap().reveal().starts_with("1,850 ppm"));
    assert!(card.due_text.as_ref().unwrap().starts_with("整改期限"), "{:?}", card.due_text);
    let duties: Vec<_> = card.undone.iter().map(|line| line.title.as_str()).collect();
    assert_eq!(duties.len(), 6);
    assert!(card.state.contains("悬挂警示牌"), "{}", card.state);
    let stop = stops(&screen, "cancelled").remove(0);
    assert!(stop.contains("无老化龟裂") && stop.contains("报告主管"), "{stop}");
    assert_eq!(visit.refused(visit.finish("cancelled")), "hazard_open");

    // Gas goes off, and the tap says what restoring it names; so does the screen.
    let off = visit.act(Action::ShutOffGas {
        visit: visit.id.clone(),
        what: ShutOff::Valve,
        hazard: Some(found),
        paper: None,
        photo: Some(visit.photo("the valve, closed")),
    });
    let off = off.unwrap().shut_off.unwrap();
    let screen = visit.screen(Lang::En);
    let [stop] = &screen.stops[..] else { panic!("{:?}", screen.stops) };
    assert_eq!((stop.event, stop.hazard, stop.off), (off, Some(found), true));
    assert!(
        stop.text.ends_with("the flat's valve was shut off. It is still off."),
        "{}",
        stop.text
    );
    assert!(!stop.may_restore);
    let restore =
        || Action::RestoreGas { visit: visit.id.clone(), shut_off: stop.event, first_order: None };
    assert_eq!(visit.refused(restore()), "hazard");

    // Each duty the card names is done; the notice takes the number drawn for it.
    let number = visit.act(Action::DrawNotice { visit: visit.id.clone() }).unwrap().notice;
    for line in hazard(&visit).undone {
        duty(&visit, found, line.duty).unwrap();
    }
    let card = hazard(&visit);
    assert_eq!((card.undone.len(), card.state.as_str()), (0, "Not mended"));
    assert_eq!(Some(&card.notices), number.map(|number| vec![number]).as_ref());
    assert_eq!(stops(&visit.screen(Lang::En), "cancelled"), [""; 0]);

    visit
        .act(Action::Recheck {
            visit: visit.id.clone(),
            hazard: card.event,
            grade: None,
            evidence: vec![visit.photo("0 ppm")],
            first_order: None,
        })
        .unwrap();
    let screen = visit.screen(Lang::En);
    assert!(screen.hazards[0].closed && screen.hazards[0].due_text.is_none());
    assert_eq!(screen.hazards[0].state, "Mended, and checked");
    assert!(screen.stops[0].may_restore);
    visit.act(restore()).unwrap();
    let stop = visit.screen(Lang::En).stops.remove(0);
    assert!(!stop.off && !stop.may_restore && stop.alarm.is_none(), "{stop:?}");
    visit.act(visit.finish("cancelled")).unwrap();
    assert!(!visit.screen(Lang::En).open);
    done(phone.sync(Lang::En)).unwrap();
    done(phone.shut_down());
}
