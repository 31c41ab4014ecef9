//! Two flats read in passing: one number, next.

use doorstep::{
    base::{Id, Instant, Lang},
    event::VisitKind,
    meter::MeterRecord,
    screen::FastScreen,
};
use doorstep_ffi::{DoorstepError, FastEntry, new_action_id};
use doorstep_server::rules;

use crate::{
    office::Office,
    world::{World, done},
};

fn meter(office: &Office, premises: Id, number: &str, last: u64) {
    let record = MeterRecord {
        number: number.to_owned(),
        digits: 5,
        last,
        last_at: Instant(0),
        last_actual: None,
        estimates: 0,
        usual: Some(30),
        used_this_year: 0,
        people: 3,
        seal: None,
        card_sold: None,
    };
    let input = rules::MetersInput { premises, meters: vec![record] };
    office.by_he(|tx, ctx, _| rules::add_meters(tx, ctx, &input));
}

fn entry(value: &str, confirmed: bool) -> FastEntry {
    FastEntry { value: value.to_owned(), meter: None, photo: None, confirmed, rolled_over: false }
}

#[test]
fn meters_are_read_one_after_the_other_with_what_the_fast_screen_shows() {
    let world = World::new();
    let (_, phone) = world.ready(|office| {
        for (number, plate, last) in [("M-1", "PLATE-1", 1_310), ("M-2", "PLATE-2", 700)] {
            let premises = office.order(VisitKind::MeterReading, "gz-meter-reading", number);
            meter(office, premises, plate, last);
        }
    });
    let read = |screen: &FastScreen, value: &str, confirmed| {
        let order = screen.stop.as_ref().unwrap().order.to_string();
        let tap = new_action_id().unwrap();
        done(phone.read_next(tap, order, entry(value, confirmed), Lang::En))
    };
    let first = done(phone.fast_screen(Lang::En)).unwrap();
    assert_eq!((first.meters[0].number.as_str(), first.meters[0].digits), ("PLATE-1", 5));

    // A number that stands out is told before anything is recorded.
    let order = first.stop.as_ref().unwrap().order.to_string();
    let check = done(phone.check_reading(order, entry("1990", false), Lang::En)).unwrap();
    assert_eq!(check.text, "680 m³ since the last reading");
    assert_eq!(check.flags, ["far above the usual use"]);
    match read(&first, "1990", false) {
        Err(DoorstepError::AskUser { reason, .. }) => assert_eq!(reason, "doubtful"),
        other => panic!("{other:?}"),
    }
    let second = read(&first, "1340", false).unwrap();
    assert_eq!(second.told.as_ref().unwrap().text, "30 m³ since the last reading");
    assert_eq!(second.told.unwrap().preview.unwrap().text, "CNY 103.50");
    assert_eq!(second.meters[0].number, "PLATE-2");
    let last = read(&done(phone.fast_screen(Lang::En)).unwrap(), "860", true).unwrap();
    assert!(last.stop.is_none() && last.meters.is_empty());
    assert!(last.progress.contains('2'), "{}", last.progress);
    done(phone.sync(Lang::En)).unwrap();
    assert!(done(phone.sync_screen(Lang::En)).unwrap().nothing_unsent);
    done(phone.shut_down());
}
