//! From tap to durable: `Engine::act` beside an insert of the very bytes it wrote.

use doorstep::log::{StreamId, Subject};

use crate::{
    Plan,
    measure::{Failed, Figure, Samples, timed},
    raw, visits,
    world::{World, clock, id, runtime},
};

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let visits = if plan.quick { 15 } else { 100 };
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    let orders: Vec<_> = (0..visits).map(|_| world.order()).collect::<Result<_, _>>()?;
    let database = world.directory.0.join("phone.db");
    let mut engine = runtime.block_on(world.phone(&database))?.engine;
    let writer = engine.identity().ok_or("not enrolled")?.writer();
    let floor_db = raw::database(&world.directory.0.join("floor.db"))?;

    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for (count, order) in orders.into_iter().enumerate() {
        let visit = visits::start(&mut engine, order)?;
        let stream = StreamId::new(Subject::work_order(order), writer);
        for (step, answer) in visits::steps() {
            let action = visits::record(visit, step, &answer);
            let (took, done) = timed(|| engine.act(id(), &clock(), action));
            done?;
            let row = engine.store().read().stream(&stream)?.ok_or("the stream is missing")?;
            let tail = engine.store().tail(&row, row.chain.seq - 1, 1)?;
            let bytes = tail.events.first().ok_or("the event is missing")?;
            let (floor_took, kept) = timed(|| raw::keep(&floor_db, bytes));
            kept?;
            // The first visit warms caches on both sides.
            if count > 0 {
                ours.add(took);
                floor.add(floor_took);
            }
        }
    }
    Ok(vec![Figure::ratio("a tap, durable, over a raw insert", 1.25, ours, floor)])
}
