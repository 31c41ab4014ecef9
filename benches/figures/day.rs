//! A day of sixty visits goes up to a real server, beside a bare POST of the very same bytes.

use doorstep::{
    base::Id,
    log::{StreamId, Subject},
};

use crate::{
    Plan,
    measure::{Failed, Figure, Samples, timed},
    raw, visits,
    world::{Line, Phone, World, runtime},
};

const VISITS: usize = 60;
/// As the requests are compressed.
const ZSTD_LEVEL: i32 = 3;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let days = if plan.quick { 2 } else { 12 };
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    let mut phone = runtime.block_on(world.phone(&world.directory.0.join("phone.db")))?;
    let floor = Line::to(runtime.block_on(raw::serve(&world.directory.0.join("floor.db")))?)?;
    runtime.block_on(floor.post("/keep", vec![0; 16]))?;

    let (mut ours, mut raw) = (Samples::default(), Samples::default());
    let (mut bytes, mut plain, mut trips) = (0, 0, 0);
    for _ in 0..days {
        let orders: Vec<_> = (0..VISITS).map(|_| world.order()).collect::<Result<_, _>>()?;
        runtime.block_on(phone.sync())?;
        for order in &orders {
            visits::play(&mut phone.engine, *order)?;
        }
        let events = events_of(&phone, &orders)?.concat();
        plain += zstd::bulk::compress(&events, ZSTD_LEVEL)?.len();
        let (took, sent) = timed(|| runtime.block_on(phone.sync()));
        let sent = sent?.sent;
        if phone.engine.unsent()? != 0 {
            return Err("the day did not go up whole".into());
        }
        bytes += sent.iter().map(Vec::len).sum::<usize>();
        trips += sent.len();
        let (floor_took, posted) = timed(|| {
            runtime.block_on(async {
                for body in sent {
                    floor.post("/keep", body).await?;
                }
                Ok::<_, Failed>(())
            })
        });
        posted?;
        ours.add(took);
        raw.add(floor_took);
    }
    let per_day = |count: usize| count as f64 / f64::from(days);
    Ok(vec![
        Figure::ratio("a day of 60 visits up, over a raw POST", 2.0, ours, raw),
        Figure::number(
            "its bytes, over zstd of the plain events",
            Some(1.25),
            bytes as f64 / plain as f64,
            "×",
        ),
        Figure::number("its bytes", None, per_day(bytes), "B"),
        Figure::number("its round trips", None, per_day(trips), ""),
    ])
}

/// All events the phone wrote about these orders, as signed.
pub(crate) fn events_of(phone: &Phone, orders: &[Id]) -> Result<Vec<Vec<u8>>, Failed> {
    let store = phone.engine.store();
    let writer = phone.engine.identity().ok_or("not enrolled")?.writer();
    let mut events = Vec::new();
    for order in orders {
        let stream = StreamId::new(Subject::work_order(*order), writer);
        let row = store.read().stream(&stream)?.ok_or("the stream is missing")?;
        events.extend(store.tail(&row, 0, usize::MAX)?.events.into_iter().map(Vec::from));
    }
    Ok(events)
}
