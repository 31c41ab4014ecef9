//! A phone's file after years: 100,000 visits. A look-up, the first screen, memory.

use std::{path::Path, process::Command};

use doorstep::{
    base::{ClockReading, Hash, Id, Instant, Lang, Personal, Zone},
    engine::Engine,
    event::{
        Customer, Event, OrderAssigned, OrderOpened, Payload, StepRecorded, VisitFinished,
        VisitKind, VisitStarted,
    },
    log::{Class, StreamId, Subject, SubjectKey, Writer},
    standard::shipped,
    store::{OrderRow, Transaction},
};
use doorstep_server::OsEntropy;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Plan,
    measure::{Failed, Figure, Samples, timed},
    raw, visits, world,
    world::{World, id, runtime},
};

/// With a database's path: print how much opening it and showing the first screen takes, in bytes.
pub(crate) const MEMORY_FLAG: &str = "--memory-of";
/// Orders in the list: a day's.
const LISTED: u32 = 60;
/// Visits written in one transaction when the file is made.
const BATCH: usize = 5_000;
/// Raise it when the file that is made changes.
const FORMAT: u32 = 2;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let (visits, samples) = if plan.quick { (5_000, 30) } else { (100_000, 200) };
    let path = plan.directory.join(format!("visits-{visits}-{FORMAT}.db"));
    let made = path.with_extension("made");
    if !made.exists() {
        make(plan, &path, visits)?;
        std::fs::write(&made, "")?;
    }
    let some = some_visits(&path, samples)?;
    let (mut ours, mut floor, mut first) =
        (Samples::default(), Samples::default(), Samples::default());
    for visit in some {
        let (took, looked_up) = timed(|| look_up(&path, visit));
        let steps = looked_up?;
        let (floor_took, raw) = timed(|| raw_look_up(&path, visit));
        if steps == 0 || raw?.1 == 0 {
            return Err("the visit is not in the file".into());
        }
        let (screen_took, shown) = timed(|| first_screen(&path));
        if shown?.1 != LISTED as usize {
            return Err("the list is not whole".into());
        }
        ours.add(took);
        floor.add(floor_took);
        first.add(screen_took);
    }
    let child = Command::new(std::env::current_exe()?).arg(MEMORY_FLAG).arg(&path).output()?;
    let grown: f64 = String::from_utf8(child.stdout)?.trim().parse()?;
    let size = std::fs::metadata(&path)?.len() as f64;
    const MIB: f64 = 1024.0 * 1024.0;
    Ok(vec![
        Figure::ratio("years of visits: open and look one up, over SQLite", 2.0, ours, floor),
        Figure::time("open and show the first screen", Some(25.0), first),
        Figure::number("memory growth by both", Some(16.0), grown / MIB, "MiB"),
        Figure::number("the file", None, size / MIB, "MiB"),
    ])
}

/// Opens, shows the list, looks a visit up; prints by how many bytes the process grew.
pub(crate) fn print_memory(path: &Path) -> Result<(), Failed> {
    let visit = some_visits(path, 1)?.pop().ok_or("no visit")?;
    let before = resident()?;
    let (mut engine, _) = first_screen(path)?;
    engine.visit(visit)?;
    println!("{}", resident()?.saturating_sub(before));
    Ok(())
}

/// Bytes of this process in memory.
pub(crate) fn resident() -> Result<u64, Failed> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("statm has no second field")?.parse()?;
    Ok(pages * 4096)
}

fn look_up(path: &Path, visit: Id) -> Result<usize, Failed> {
    Ok(world::open(path)?.visit(visit)?.done().len())
}

fn first_screen(path: &Path) -> Result<(Engine, usize), Failed> {
    let mut engine = world::open(path)?;
    let shown = engine.today(&world::clock(), Lang::ZhHant)?.rows.len();
    Ok((engine, shown))
}

/// The very rows that a look-up reads, read bare. Gives the open file, as ours does, and the number
/// of events.
fn raw_look_up(path: &Path, visit: Id) -> Result<(Connection, usize), Failed> {
    let db = Connection::open(path)?;
    raw::pragmas(&db)?;
    let blob = |sql: &str, key: &dyn rusqlite::ToSql| {
        db.query_row(sql, [key], |row| row.get::<_, Vec<u8>>(0)).optional()
    };
    blob("SELECT value FROM meta WHERE key = ?1", &"enrolment")?;
    let stream: i64 =
        db.query_row("SELECT stream FROM visit_row WHERE id = ?1", [visit.as_bytes()], |row| {
            row.get(0)
        })?;
    let (kind, subject): (i64, Vec<u8>) = db.query_row(
        "SELECT subject_kind, subject_id FROM stream WHERE id = ?1",
        [stream],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut streams =
        db.prepare("SELECT id FROM stream WHERE subject_kind = ?1 AND subject_id = ?2")?;
    let mut events = db.prepare("SELECT seq, hash, bytes FROM event WHERE stream = ?1")?;
    let mut count = 0;
    for stream in streams.query_map(params![kind, subject], |row| row.get::<_, i64>(0))? {
        let mut rows = events.query([stream?])?;
        while let Some(row) = rows.next()? {
            let _: (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
            count += 1;
        }
    }
    db.prepare("SELECT key FROM subject_key WHERE subject_kind = ?1 AND subject_id = ?2")?
        .query_row(params![kind, subject], |row| row.get::<_, Vec<u8>>(0))?;
    blob("SELECT bytes FROM standing WHERE key = ?1", &"standard/gz-repair")?;
    drop((streams, events));
    Ok((db, count))
}

/// Visits spread over the file.
pub(crate) fn some_visits(path: &Path, count: usize) -> Result<Vec<Id>, Failed> {
    let db = Connection::open(path)?;
    let total: usize = db.query_row("SELECT count(*) FROM visit_row", [], |row| row.get(0))?;
    let step = (total / count.max(1)).max(1);
    let mut statement = db.prepare("SELECT id FROM visit_row")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let ids: Vec<_> = ids.step_by(step).take(count).collect::<Result<_, _>>()?;
    Ok(ids.iter().filter_map(|id| Id::from_slice(id)).collect())
}

/// Makes the file: a phone that is enrolled and up to date, then years of visits written past the
/// engine, which would take a transaction for each tap.
fn make(plan: &Plan, path: &Path, count: usize) -> Result<(), Failed> {
    eprintln!("making a file of {count} visits (kept for the next run) …");
    for ending in ["db", "db-wal", "db-shm", "keys"] {
        match std::fs::remove_file(path.with_extension(ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    let phone = runtime.block_on(world.phone(path))?;
    let writer = phone.engine.identity().ok_or("not enrolled")?.writer();
    drop(phone);
    let mut store = world::store(path)?;
    let premises = store.transaction(|tx| {
        tx.execute_batch("PRAGMA cache_size = -400000")
            .map_err(doorstep::store::StoreError::from)?;
        Ok::<_, doorstep::store::StoreError>(id())
    })?;
    let mut past = Past { writer, premises, now: 1_700_000_000_000, boot: id() };
    for first in (0..count).step_by(BATCH) {
        store.transaction(|tx| {
            for number in first..count.min(first + BATCH) {
                past.visit(tx, number, number + LISTED as usize >= count)?;
            }
            Ok::<_, doorstep::store::StoreError>(())
        })?;
    }
    Ok(())
}

/// Writes what was done in earlier years at these premises, none of it listed.
pub(crate) fn add_history(
    path: &Path,
    writer: Writer,
    premises: &[Id],
    count: usize,
) -> Result<(), Failed> {
    let mut store = world::store(path)?;
    let mut past = Past { writer, premises: Id::default(), now: 1_730_000_000_000, boot: id() };
    for first in (0..count).step_by(BATCH) {
        store.transaction(|tx| {
            for number in first..count.min(first + BATCH) {
                past.premises = premises[number % premises.len()];
                past.visit(tx, number, false)?;
            }
            Ok::<_, doorstep::store::StoreError>(())
        })?;
    }
    Ok(())
}

/// What was done before this run.
struct Past {
    writer: Writer,
    premises: Id,
    now: i64,
    boot: Id,
}

impl Past {
    fn event(&mut self, action: Id, visit: Option<Id>, payload: impl Into<Payload>) -> Event {
        self.now += 20_000;
        let clock = ClockReading {
            wall: Instant(self.now),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: 1_000,
        };
        let payload = payload.into();
        let private = Default::default();
        Event { action, actor: self.boot, visit, clock, seen: None, payload, private }
    }

    /// One order and its visit, as an exchange and a day's work would have left them.
    fn visit(
        &mut self,
        tx: &Transaction<'_>,
        number: usize,
        listed: bool,
    ) -> Result<(), doorstep::store::StoreError> {
        let (order, visit) = (id(), id());
        let subject = Subject::work_order(order);
        let key = SubjectKey::generate(&mut OsEntropy);
        tx.keep_key(&subject, Class::Contact, &key)?;
        let name = Personal::new("Mrs Chan".to_owned());
        let customer = minicbor::to_vec(Customer { name, ..Customer::default() });
        let action = id();
        let opened = OrderOpened {
            kind: VisitKind::Repair,
            premises: self.premises,
            number: format!("R-{number:06}"),
            standard: "gz-repair".to_owned(),
            rules: 1,
            emergency: false,
            due: None,
            promises: None,
        };
        let mut opened = self.event(action, None, opened);
        let sealed = key.seal(
            &mut OsEntropy,
            subject,
            Class::Contact,
            action,
            &customer.unwrap_or_default(),
        );
        opened.private.insert(Class::Contact, sealed);
        let assigned = self.event(id(), None, OrderAssigned { to: self.boot });
        let mut office = tx.stream_or_new(&StreamId::new(subject, Writer::Office(1)), false)?;
        tx.append(&mut office, &opened.encode())?;
        tx.append(&mut office, &assigned.encode())?;

        let text = shipped("repair").unwrap_or_default();
        let started = VisitStarted {
            standard: "gz-repair".to_owned(),
            version: 1,
            fingerprint: Hash::of(&[text.as_bytes()]),
            price_list: 1,
            continues: None,
        };
        let mut own = tx.stream_or_new(&StreamId::new(subject, self.writer), true)?;
        let mut payloads: Vec<Payload> = vec![started.into()];
        let recorded = |(step, answer): (&str, doorstep::event::Answer)| {
            StepRecorded { step: step.to_owned(), value: answer.value }.into()
        };
        payloads.extend(visits::steps().into_iter().map(recorded));
        payloads.push(
            VisitFinished { outcome: "completed".to_owned(), order: None, then: None }.into(),
        );
        for payload in payloads {
            let action = id();
            let event = self.event(action, Some(visit), payload);
            tx.append(&mut own, &event.encode())?;
            tx.keep_outcome(action, "{}")?;
        }
        tx.place_visit(visit, &own, 1)?;
        tx.set_accepted(&own, own.chain.seq)?;
        if listed {
            tx.set_scope(order, true)?;
        }
        tx.put_order_row(&OrderRow {
            id: order,
            listed,
            sort: self.now,
            status: "done".to_owned(),
            number: format!("R-{number:06}"),
            premises: Some(self.premises),
            emergency: false,
            due: None,
            owed: None,
            conflicts: 0,
            visit: Some(visit),
            place: String::new(),
            kind: "repair".to_owned(),
            appointment: None,
            promises: Vec::new(),
            opened: (office.row(), 1),
        })
    }
}
