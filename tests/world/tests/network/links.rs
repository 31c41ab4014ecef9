//! Slow links, links that drop, and what goes first over them. Time is virtual: a link carries so many
//! bytes a second, and cuts what takes too long or is too large.

use doorstep::{
    base::Lang,
    engine::Exchanged,
    log::{SubjectKind, Writer},
    sync::{Lane, Next, RequestPacket, Trouble},
};
use doorstep_server::Clock;
use doorstep_tests::{World, id, repair};

/// What a link carries.
struct Link {
    bytes_per_second: i64,
    /// A request and its answer take no longer, or both are given up.
    patience_ms: i64,
    /// Neither is larger, or it never arrives.
    cut_after: usize,
}

/// One exchange over the link; what it brought, unless it was cut.
fn over(world: &mut World, name: &str, link: &Link) -> Option<Exchanged> {
    let packet = world.request(name).bytes;
    let mut took = 0;
    let answer = [Some(packet), None].into_iter().try_fold(Vec::new(), |asked, packet| {
        let bytes = packet.unwrap_or_else(|| world.office.exchange(&asked).unwrap());
        took += bytes.len() as i64 * 1_000 / link.bytes_per_second;
        (bytes.len() <= link.cut_after && took <= link.patience_ms).then_some(bytes)
    });
    world.pass(took.min(link.patience_ms));
    let phone = world.phone(name);
    let reading = phone.reading();
    match answer {
        Some(answer) => Some(phone.engine().sync_answer(&reading, &answer).unwrap()),
        None => {
            phone.engine().sync_failed(reading.wall, Trouble::Offline, None);
            None
        }
    }
}

/// Exchanges over the link until nothing is left: how many came through, and how many were cut.
fn all_over(world: &mut World, name: &str, link: &Link) -> (usize, usize) {
    let (mut through, mut cut) = (0, 0);
    for _ in 0..200 {
        match over(world, name, link) {
            Some(exchanged) => {
                through += 1;
                if !exchanged.more {
                    return (through, cut);
                }
            }
            None => cut += 1,
        }
    }
    panic!("{name}: {through} came through, {cut} were cut, and it never ends");
}

/// A world in which Wu worked for days on an order that is Mei's meanwhile; she hasn't heard of it.
fn long_story() -> World {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    for name in ["Mei", "Wu"] {
        world.exchange(name);
    }
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    world.office.assign(order, "Mei").unwrap();
    for day in 0..8 {
        world.work("Wu", &repair(order, id(&format!("Wu's visit {day}"))));
        world.exchange("Wu");
    }
    world
}

#[test]
fn what_is_urgent_goes_before_what_is_old() {
    let mut world = World::with_phones();
    let [old, new] = ["R-1", "R-2"].map(|number| {
        let order = world.office.open(number);
        world.office.assign(order, "Mei").unwrap();
        order
    });
    world.exchange("Mei");
    // Money is taken at the second door, after a few steps at the first.
    let first = repair(old, id("first visit"));
    world.work("Mei", &first[..9]);
    let second = repair(new, id("second visit"));
    let signed = second.iter().position(|tap| format!("{:?}", tap.action).contains("SignOff"));
    world.work("Mei", &second[..signed.unwrap()]);
    let reading = world.phone("Mei").reading();
    let shown = world.phone("Mei").engine().sync_screen(&reading, Lang::En).unwrap();
    let lanes: Vec<_> = shown.lanes.iter().map(|line| (line.lane, line.events)).collect();
    assert_eq!(lanes[0], (Lane::Money, 2));
    assert_eq!(lanes[1].0, Lane::SignOff, "the quote that was accepted");
    assert_eq!(lanes[2].0, Lane::Rest);
    assert_eq!(shown.unsent, lanes.iter().map(|line| line.1).sum::<i64>());
    assert!(shown.since.unwrap() < shown.lanes[0].since, "the oldest is not the most urgent");

    let packet = world.request("Mei").bytes;
    let key = world.phone("Mei").engine().identity().unwrap().certificate().fields().signing_key;
    let request = RequestPacket::parse(&packet).unwrap().open(&key).unwrap();
    let subjects: Vec<_> = request.tails.iter().map(|tail| tail.stream.subject).collect();
    assert_eq!(subjects.len(), 3);
    assert_eq!(subjects[2].id, old, "its steps are in no hurry");
    assert!(subjects[..2].iter().any(|subject| subject.kind == SubjectKind::ReceiptSeries));
    assert!(subjects[..2].iter().any(|subject| subject.id == new));
}

#[test]
fn a_day_gets_through_at_a_kilobyte_a_second() {
    let mut world = long_story();
    let order = id("R-1");
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    for day in 0..6 {
        let order = world.office.open(&format!("R-9{day}"));
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Wu");
    }
    let link = Link { bytes_per_second: 1_024, patience_ms: 30_000, cut_after: usize::MAX };
    let (through, cut) = all_over(&mut world, "Mei", &link);
    assert!(cut <= 6, "{cut} were cut, {through} came through");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    // How fast the link is, the screen knows by now.
    world.work("Mei", &repair(id("R-90"), id("Mei's next visit")));
    let reading = world.phone("Mei").reading();
    let shown = world.phone("Mei").engine().sync_screen(&reading, Lang::En).unwrap();
    assert!(shown.time_left_text.is_some());
}

#[test]
fn an_order_that_enters_comes_in_pieces_that_survive_a_dropped_link() {
    let mut world = long_story();
    let order = id("R-1");
    let whole: u64 = world.office.order(order).streams.iter().map(|stream| stream.seq).sum();
    // Nothing larger than this ever arrives; all of the order is several times as much.
    let link = Link { bytes_per_second: 1 << 20, patience_ms: 30_000, cut_after: 9 * 1024 };
    let mut held = vec![0];
    let mut cut = 0;
    while held.last() != Some(&whole) {
        if over(&mut world, "Mei", &link).is_none() {
            cut += 1;
            assert!(cut < 40, "{held:?}");
            continue;
        }
        let state = world.phone("Mei").engine().state().unwrap();
        let of_order = state.streams.iter().filter(|row| row.stream.subject.id == order);
        held.push(of_order.map(|row| row.seq).sum());
    }
    assert!(held.is_sorted(), "what came stays: {held:?}");
    held.dedup();
    assert!(held.len() > 3, "in pieces: {held:?}");
    assert!(cut > 0, "the link did drop");
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    let state = world.phone("Mei").engine().state().unwrap();
    let wu = state.streams.iter().filter(|row| matches!(row.stream.writer, Writer::Device(_)));
    assert!(wu.count() > 0);
}

#[test]
fn thirty_seconds_each_way_cost_one_round_trip_and_date_nothing_wrong() {
    const SLOW: i64 = 30_000;
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let taps = repair(order, id("visit"));
    world.work("Mei", &taps[..4]);
    let before = world.digests(order, &["Mei"])[1];

    let request = world.request("Mei");
    world.pass(SLOW);
    let answer = world.office.exchange(&request.bytes).unwrap();
    let said = world.clock.now();
    // She works on while the answer is on its way; the phone asks nobody else before the answer is here or given up.
    let wall = world.phone("Mei").reading().wall;
    let next = world.phone("Mei").engine().sync_next(wall).unwrap();
    assert!(!matches!(next, Next::Exchange), "{next:?}");
    // The tap takes her the half minute that the answer takes.
    world.work("Mei", &taps[4..5]);
    let phone = world.phone("Mei");
    let reading = phone.reading();
    let taken = phone.engine().sync_answer(&reading, &answer).unwrap();
    assert_eq!((taken.sent, taken.refused), (4, 0));
    assert_eq!(phone.engine().unsent().unwrap(), 1);
    let thought = phone.engine().server_time(&reading).unwrap();
    assert_eq!(reading.wall.since(thought), SLOW, "what it knows is as old as the answer was long");
    assert_eq!(thought, said);

    // What was on its way for half a minute is dated by when it was done, and nothing is corrected.
    let state = world.office.order(order).state;
    assert_eq!(state.digest(), before);
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}
