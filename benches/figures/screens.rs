//! A district of 100,000 premises and two years of visits on one phone: its screens, and its day.

use std::{path::Path, process::Command};

use doorstep::{
    base::{Decimal, Hash, Id, Lang, Personal},
    engine::{Action, Engine, FastReading},
    event::{Answer, ItemAnswer, Value, VisitKind},
    log::{StreamId, Subject},
    standard::{Kind, Standard, Step, shipped},
};
use rusqlite::Connection;

use crate::{
    Plan, file,
    measure::{Failed, Figure, Samples, timed},
    world::{self, World, clock, id, runtime},
};

/// With a database's path: print how much opening it and showing every screen takes, in bytes.
pub(crate) const MEMORY_FLAG: &str = "--memory-of-screens";
const METERS: usize = 200;
const FLATS: usize = 60;
const MIB: f64 = 1024.0 * 1024.0;
/// What each screen may take at p99, in milliseconds.
const GOAL: f64 = 10.0;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let (premises, history, samples, opens) =
        if plan.quick { (5_000, 1_000, 50, 10) } else { (100_000, 20_000, 400, 60) };
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    world.publish_rounds()?;
    let small = world.directory.0.join("small.db");
    world.district(0, 20)?;
    drop(runtime.block_on(world.phone(&small))?);
    world.district(20, premises)?;
    let orders = world.round(METERS, FLATS)?;
    let path = world.directory.0.join("phone.db");
    let (arrived, phone) = timed(|| runtime.block_on(world.phone(&path)));
    let writer = {
        let phone = phone?;
        if phone.engine.store().premises_count()? != premises as u64 + 1 {
            return Err("the district did not arrive whole".into());
        }
        phone.engine.identity().ok_or("not enrolled")?.writer()
    };
    file::add_history(&path, writer, &world.some_premises(premises), history)?;
    let before = size(&path)?;

    let (mut few, mut many) = (Samples::default(), Samples::default());
    for _ in 0..opens {
        few.add(opened(&small)?);
        many.add(opened(&path)?);
    }
    let mut engine = world::open(&path)?;
    let (mut reading, mut tap) = (Samples::default(), Samples::default());
    let photo = Some(Hash::of(&[b"wheels"]));
    for order in &orders.meters {
        let value = Decimal { units: 1_300, decimals: 0 };
        let entry = FastReading { value, meter: None, photo, confirmed: true, rolled_over: false };
        let (took, next) = timed(|| engine.read_next(id(), &clock(), *order, entry, Lang::ZhHans));
        next?;
        reading.add(took);
    }
    let metered = size(&path)?;
    let standard = Standard::load(shipped("inspection").ok_or("no standard")?)
        .map_err(|_| "a shipped standard does not load")?;
    let mut visit = id();
    for order in &orders.flats {
        visit = id();
        engine.act(visit, &clock(), Action::StartVisit { order: *order })?;
        for step in standard.steps() {
            let Some(answer) = answer(step) else { continue };
            let action = Action::Record { visit, step: step.id.clone(), answer };
            let (took, done) = timed(|| engine.act(id(), &clock(), action));
            done?;
            tap.add(took);
        }
    }
    let inspected = size(&path)?;
    let (events, bytes) = written(&engine, &orders.meters)?;
    let (flat_events, flat_bytes) = written(&engine, &orders.flats)?;

    let (mut list, mut search, mut shown) =
        (Samples::default(), Samples::default(), Samples::default());
    let typed = typed();
    for sample in 0..samples {
        let (took, screen) = timed(|| engine.today(&clock(), Lang::ZhHans));
        if screen?.rows.len() != METERS + FLATS {
            return Err("the list is not whole".into());
        }
        list.add(took);
        let (took, screen) = timed(|| engine.visit_screen(visit, Lang::ZhHans));
        screen?;
        shown.add(took);
        let (took, found) = timed(|| engine.search(&typed[sample % typed.len()], Lang::ZhHans));
        found?;
        search.add(took);
    }
    drop(engine);
    let child = Command::new(std::env::current_exe()?).arg(MEMORY_FLAG).arg(&path).output()?;
    let grown: f64 = String::from_utf8(child.stdout)?.trim().parse()?;
    let per = |after: f64, before: f64, count: usize| (after - before) / count as f64;
    Ok(vec![
        Figure::p99("the list of 260 orders, p99", GOAL, list),
        Figure::p99("search as one types, p99", GOAL, search),
        Figure::p99("a visit, p99", GOAL, shown),
        Figure::number("memory growth by all of them", Some(64.0), grown / MIB, "MiB"),
        Figure::ratio("open the file, over one of 20 premises", 1.25, many, few),
        Figure::number("the district's arrival at the phone", None, arrived.as_secs_f64(), "s"),
        Figure::p99("a meter read, from number to next door, p99", 50.0, reading),
        Figure::number("events of 200 meters", None, events as f64, ""),
        Figure::number(
            "file per meter visit, over its events' bytes",
            None,
            per(metered, before, METERS) / (bytes as f64 / METERS as f64),
            "×",
        ),
        Figure::time("a tap of an inspection, durable", None, tap),
        Figure::number("events of 60 inspections", None, flat_events as f64, ""),
        Figure::number(
            "file per inspection, over its events' bytes",
            None,
            per(inspected, metered, FLATS) / (flat_bytes as f64 / FLATS as f64),
            "×",
        ),
        Figure::number(
            "events' bytes of an inspection",
            None,
            flat_bytes as f64 / FLATS as f64,
            "B",
        ),
        Figure::number("the file", None, inspected / MIB, "MiB"),
    ])
}

/// Opens, shows every screen; prints by how many bytes the process grew.
pub(crate) fn print_memory(path: &Path) -> Result<(), Failed> {
    let visit = file::some_visits(path, 1)?.pop().ok_or("no visit")?;
    let before = file::resident()?;
    let mut engine = world::open(path)?;
    engine.today(&clock(), Lang::ZhHans)?;
    for typed in typed() {
        engine.search(&typed, Lang::ZhHans)?;
    }
    engine.visit_screen(visit, Lang::ZhHans)?;
    engine.morning_screen(&clock(), Lang::ZhHans)?;
    engine.evening_screen(&clock(), Lang::ZhHans)?;
    println!("{}", file::resident()?.saturating_sub(before));
    Ok(())
}

fn opened(path: &Path) -> Result<std::time::Duration, Failed> {
    let (took, engine) = timed(|| world::open(path));
    engine?;
    Ok(took)
}

/// What people type, letter by letter.
fn typed() -> Vec<String> {
    let whole =
        ["滨江路17号 3单元 1203", "滨江路四十二号2单元", "G25-0004217", "8217", "单元", "陈太"];
    let mut typed = Vec::new();
    for text in whole {
        let letters: Vec<char> = text.chars().collect();
        typed.extend((1..=letters.len()).map(|to| letters[..to].iter().collect::<String>()));
    }
    typed
}

/// Bytes of the file once its log is folded into it.
fn size(path: &Path) -> Result<f64, Failed> {
    let db = Connection::open(path)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(std::fs::metadata(path)?.len() as f64)
}

/// Events and their bytes that the phone wrote about these orders.
fn written(engine: &Engine, orders: &[Id]) -> Result<(usize, usize), Failed> {
    let store = engine.store();
    let writer = engine.identity().ok_or("not enrolled")?.writer();
    let (mut events, mut bytes) = (0, 0);
    for order in orders {
        let stream = StreamId::new(Subject::work_order(*order), writer);
        let row = store.read().stream(&stream)?.ok_or("the stream is missing")?;
        for event in store.tail(&row, 0, usize::MAX)?.events {
            events += 1;
            bytes += event.len();
        }
    }
    Ok((events, bytes))
}

/// An answer such as a step is usually given; none to what other actions record.
fn answer(step: &Step) -> Option<Answer> {
    let value = match &step.kind {
        Kind::Done => Value::Done,
        Kind::Count => Value::Count(1),
        Kind::Presses => Value::Presses(vec![2_000]),
        Kind::Choice(choices) => Value::Choice(choices.first()?.id.clone()),
        Kind::Many(choices) => Value::Many(choices.iter().map(|it| it.id.clone()).collect()),
        Kind::Text { .. } => {
            let text = Some(Personal::new("detector GD-11".to_owned()));
            return Some(Answer { value: Value::Written, text, note: None });
        }
        Kind::Number { decimals, .. } => Value::Number(Decimal { units: 0, decimals: *decimals }),
        Kind::Photo => Value::Photo(Hash::of(&[step.id.as_bytes()])),
        Kind::Scan => Value::Scan("G25-00042171".to_owned()),
        Kind::Checklist(items) => {
            let pass = items.iter().map(|item| (item.id.clone(), ItemAnswer::Pass));
            Value::Checklist(pass.collect())
        }
        _ => return None,
    };
    Some(value.into())
}

/// Orders of the day.
pub(crate) struct Round {
    pub(crate) meters: Vec<Id>,
    pub(crate) flats: Vec<Id>,
}

/// The kinds of orders of the day, with their standards.
pub(crate) const KINDS: [(VisitKind, &str); 2] =
    [(VisitKind::MeterReading, "gz-meter-reading"), (VisitKind::Inspection, "gz-inspection")];
