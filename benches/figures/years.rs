//! One new event of a phone that worked for years, beside one of a phone that is new: what an exchange
//! costs must not grow with what lies behind.

use crate::{
    Plan, link,
    measure::{Failed, Figure, Samples, timed},
    visits,
    world::{Phone, World, clock, id, runtime},
};

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let (streams, samples) = if plan.quick { (2_000, 40) } else { (100_000, 400) };
    let runtime = runtime()?;
    let side = |before: usize| -> Result<_, Failed> {
        let world = runtime.block_on(World::start(&plan.directory))?;
        let file = world.directory.0.join("phone.db");
        let mut phone = runtime.block_on(world.phone(&file))?;
        if before > 0 {
            let Phone { engine, line } = phone;
            let device = engine.device().ok_or("no phone")?;
            drop(engine);
            world.worked_for_years(&file, device, before)?;
            phone = Phone { engine: crate::world::open(&file)?, line };
        }
        let mut steps = Vec::new();
        let orders = (0..link::visits_for(samples)).map(|_| world.order());
        let orders = orders.collect::<Result<Vec<_>, _>>()?;
        runtime.block_on(phone.sync())?;
        for order in orders {
            steps.extend(visits::begun(&mut phone.engine, order)?);
        }
        runtime.block_on(phone.sync())?;
        Ok((world, phone, steps.into_iter()))
    };
    let (mut old, mut new) = (side(streams)?, side(0)?);
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for _ in 0..samples {
        for ((_, phone, steps), times) in [(&mut old, &mut ours), (&mut new, &mut floor)] {
            phone.engine.act(id(), &clock(), steps.next().ok_or("too few steps")?)?;
            let (took, talk) = timed(|| runtime.block_on(phone.sync()));
            talk?;
            times.add(took);
        }
    }
    Ok(vec![Figure::ratio(
        "one new event after 100,000 streams of earlier years, over a new phone",
        1.25,
        ours,
        floor,
    )])
}
