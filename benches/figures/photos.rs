//! Twenty photos of 200 KB go up behind a day's events, beside a bare POST of the very same bytes that
//! stores them in an SQLite file.

use doorstep::{base::Entropy, engine::Action};
use doorstep_server::OsEntropy;

use crate::{
    Plan,
    measure::{Failed, Figure, Samples, timed},
    raw,
    world::{Line, World, clock, id, runtime},
};

const PHOTOS: usize = 20;
const BYTES: usize = 200 * 1024;
/// As a camera's picture made small by the platform.
const THUMBNAIL: usize = 4 * 1024;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let days = if plan.quick { 2 } else { 10 };
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    let mut phone = runtime.block_on(world.phone(&world.directory.0.join("phone.db")))?;
    let floor = Line::to(runtime.block_on(raw::serve(&world.directory.0.join("floor.db")))?)?;
    runtime.block_on(floor.post("/keep", vec![0; 16]))?;

    let (mut taps, mut without) = (Samples::default(), Samples::default());
    let (mut ours, mut raw) = (Samples::default(), Samples::default());
    for _ in 0..days {
        let order = world.order()?;
        runtime.block_on(phone.sync())?;
        let visit = phone.engine.act(id(), &clock(), Action::StartVisit { order })?;
        let visit = visit.visit.ok_or("no visit")?;
        for _ in 0..PHOTOS {
            let mut image = vec![0; BYTES];
            OsEntropy.fill(&mut image);
            let small = &image[..THUMBNAIL];
            let (took, taken) =
                timed(|| phone.engine.take_photo(id(), &clock(), visit, &image, small));
            taken?;
            taps.add(took);
        }
        let (events_took, sent) = timed(|| runtime.block_on(phone.sync()));
        let sent = sent?.sent;
        let (photos_took, parts) = timed(|| runtime.block_on(phone.send_photos()));
        let parts = parts?;
        if phone.engine.photo_count()?.taken != phone.engine.photo_count()?.arrived {
            return Err("the photos did not go up whole".into());
        }
        let (floor_took, posted) = timed(|| {
            runtime.block_on(async {
                for body in sent.into_iter().chain(parts) {
                    floor.post("/keep", body).await?;
                }
                Ok::<_, Failed>(())
            })
        });
        posted?;
        without.add(events_took);
        ours.add(events_took + photos_took);
        raw.add(floor_took);
    }
    Ok(vec![
        Figure::ratio("20 photos of 200 KB and their events up, over a raw POST", 1.0, ours, raw),
        Figure::time("the events of 20 photos up, without the photos", None, without),
        Figure::time("a photo of 200 KB taken, durable", None, taps),
    ])
}
