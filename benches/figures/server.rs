//! What an exchange costs a server: a day of sixty visits taken in by SQLite and by PostgreSQL, beside
//! a bulk insert of the same events' rows; and the same day pulled by a second phone, beside a bare
//! download that is kept.

use std::time::Duration;

use doorstep::base::Hash;
use doorstep_server::Database;

use crate::{
    Plan,
    day::events_of,
    measure::{Failed, Figure, Samples, timed},
    raw::{self, EventRow, EventTable},
    visits,
    world::{Line, Scratch, Talk, World, runtime},
};

const VISITS: usize = 60;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let runtime = runtime()?;
    let days = if plan.quick { 2 } else { 12 };
    let mut figures = runtime.block_on(on_sqlite(plan, days))?;
    figures.extend(runtime.block_on(on_postgresql(plan, days))?);
    Ok(figures)
}

/// A day as it came to the server.
struct Taken {
    rows: Vec<EventRow>,
    waited: Duration,
}

/// Mei works a day, and her phone brings it.
async fn a_day(world: &World, phone: &mut crate::world::Phone) -> Result<Taken, Failed> {
    let orders: Vec<_> = (0..VISITS).map(|_| world.order()).collect::<Result<_, _>>()?;
    phone.sync().await?;
    for order in &orders {
        visits::play(&mut phone.engine, *order)?;
    }
    let row = |(at, bytes): (usize, Vec<u8>)| {
        let hash = *Hash::of(&[&bytes]).as_bytes();
        let mut action = [0; 16];
        action.copy_from_slice(&hash[..16]);
        EventRow { seq: at as i64, hash, action, bytes }
    };
    let rows = events_of(phone, &orders)?.into_iter().enumerate().map(row).collect();
    let talk = phone.sync().await?;
    Ok(Taken { rows, waited: talk.waited })
}

async fn on_sqlite(plan: &Plan, days: i64) -> Result<Vec<Figure>, Failed> {
    let world = World::start(&plan.directory).await?;
    let mut phone = world.phone(&world.directory.0.join("phone.db")).await?;
    let mut second = world.phone(&world.directory.0.join("second.db")).await?;
    let mut table = raw::event_table(&world.directory.0.join("rows.db"))?;
    let floor = Line::to(raw::serve(&world.directory.0.join("floor.db")).await?)?;
    let kept = raw::database(&world.directory.0.join("kept.db"))?;
    let (mut ours, mut bulk) = (Samples::default(), Samples::default());
    let (mut pulled, mut downloaded) = (Samples::default(), Samples::default());
    let mut answered = Samples::default();
    let (mut events, mut bytes) = (0, 0);
    let file = || std::fs::metadata(world.directory.0.join("server.db")).map(|it| it.len());
    let before = file()?;
    for day in 0..days {
        let taken = a_day(&world, &mut phone).await?;
        events += taken.rows.len();
        ours.add(taken.waited);
        let (took, inserted) = timed(|| raw::insert_events(&mut table, day, &taken.rows));
        inserted?;
        bulk.add(took);

        let start = std::time::Instant::now();
        let Talk { got, waited, .. } = second.sync().await?;
        pulled.add(start.elapsed());
        answered.add(waited);
        bytes += got.iter().map(Vec::len).sum::<usize>();
        let start = std::time::Instant::now();
        for answer in &got {
            let down = floor.post("/bytes", answer.len().to_string().into_bytes()).await?;
            raw::keep(&kept, &down)?;
        }
        downloaded.add(start.elapsed());
    }
    let per_day = |count: usize| count as f64 / days as f64;
    let rate = per_day(events) / (ours.quantile(0.5) / 1e6);
    let kept = (file()? - before) as f64 / events as f64;
    Ok(vec![
        Figure::ratio("a day taken in by SQLite, over a bulk insert", 1.0 / 0.3, ours, bulk),
        Figure::number("its events", None, per_day(events), ""),
        Figure::number("events a second", None, rate, ""),
        Figure::number("the server's file, per event", None, kept, "B"),
        Figure::ratio("pulled by a second phone, over a download", 2.0, pulled, downloaded),
        Figure::time("of it the server's part", None, answered),
        Figure::number("its bytes", None, per_day(bytes), "B"),
    ])
}

async fn on_postgresql(plan: &Plan, days: i64) -> Result<Vec<Figure>, Failed> {
    let url = doorstep_test_postgres::database().url;
    let world = World::start_on(Scratch::new(&plan.directory)?, Database::Postgres(&url)).await?;
    let mut phone = world.phone(&world.directory.0.join("phone.db")).await?;
    let table = EventTable::open(&doorstep_test_postgres::database().url).await?;
    let (mut ours, mut bulk) = (Samples::default(), Samples::default());
    let mut events = 0;
    for day in 0..days {
        let taken = a_day(&world, &mut phone).await?;
        events += taken.rows.len();
        ours.add(taken.waited);
        let start = std::time::Instant::now();
        table.insert(day, &taken.rows).await?;
        bulk.add(start.elapsed());
    }
    let rate = events as f64 / days as f64 / (ours.quantile(0.5) / 1e6);
    Ok(vec![
        Figure::ratio("a day taken in by PostgreSQL, over a bulk insert", 1.0 / 0.3, ours, bulk),
        Figure::number("events a second", None, rate, ""),
    ])
}
