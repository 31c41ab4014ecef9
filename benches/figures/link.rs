//! One new event goes up: round trips, bytes and time, on a kept connection and on a slow link.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::Instant,
};

use crate::{
    Plan,
    measure::{Failed, Figure, Samples, timed},
    raw, visits,
    world::{Line, World, clock, id, runtime},
};

/// A round trip on the slow link takes this longer.
const DELAY: Duration = Duration::from_millis(100);
/// Exchanges in one visit, so that the visit is of the usual length.
const PER_VISIT: usize = 19;

pub(crate) fn figures(plan: &Plan) -> Result<Vec<Figure>, Failed> {
    let (fast, slow) = if plan.quick { (40, 10) } else { (400, 60) };
    let runtime = runtime()?;
    let world = runtime.block_on(World::start(&plan.directory))?;
    let orders: Vec<_> =
        (0..visits_for(fast + slow)).map(|_| world.order()).collect::<Result<_, _>>()?;
    let mut phone = runtime.block_on(world.phone(&world.directory.0.join("phone.db")))?;
    let raw_address = runtime.block_on(raw::serve(&world.directory.0.join("floor.db")))?;

    let mut steps = Vec::new();
    for order in orders {
        steps.extend(visits::begun(&mut phone.engine, order)?);
    }
    runtime.block_on(phone.sync())?;
    let mut steps = steps.into_iter();
    let mut measure = |delay: Option<Duration>, samples: usize| {
        let uplink = Arc::new(AtomicUsize::new(0));
        let (through, beside) = match delay {
            None => (world.address, raw_address),
            Some(delay) => (
                runtime.block_on(proxy(world.address, delay / 2, uplink.clone()))?,
                runtime.block_on(proxy(raw_address, delay / 2, Arc::default()))?,
            ),
        };
        phone.line = Line::to(through)?;
        let floor_line = Line::to(beside)?;
        runtime.block_on(phone.sync())?;
        runtime.block_on(floor_line.post("/keep", vec![0; 16]))?;
        let (mut ours, mut floor) = (Samples::default(), Samples::default());
        let (mut trips, mut body, mut whole) = (0, 0, 0);
        for _ in 0..samples {
            let step = steps.next().ok_or("too few steps")?;
            phone.engine.act(id(), &clock(), step)?;
            let before = uplink.load(Ordering::Relaxed);
            let (took, sent) = timed(|| runtime.block_on(phone.sync()));
            let mut sent = sent?.sent;
            whole = whole.max(uplink.load(Ordering::Relaxed) - before);
            trips = trips.max(sent.len());
            let bytes = sent.pop().unwrap_or_default();
            body = body.max(bytes.len());
            let (floor_took, kept) = timed(|| runtime.block_on(floor_line.post("/keep", bytes)));
            kept?;
            ours.add(took);
            floor.add(floor_took);
        }
        Ok::<_, Failed>((ours, floor, trips, body, whole))
    };
    let (ours, floor, ..) = measure(None, fast)?;
    let (slow_ours, slow_floor, trips, body, whole) = measure(Some(DELAY), slow)?;
    Ok(vec![
        Figure::number("one new event: round trips, at most", Some(1.0), trips as f64, ""),
        Figure::number("its request, at most", Some(1024.0), body as f64, "B"),
        Figure::number("its request with HTTP head, at most", Some(1024.0), whole as f64, "B"),
        Figure::ratio("one new event, over a raw POST", 2.5, ours, floor),
        Figure::ratio("the same on a link 100 ms slower", 1.1, slow_ours, slow_floor),
    ])
}

/// So many visits give steps for these samples.
pub(crate) fn visits_for(samples: usize) -> usize {
    samples / PER_VISIT + 2
}

/// Passes connections on to `target`, every byte `delay` late in each direction, and counts the
/// bytes that go up.
async fn proxy(
    target: SocketAddr,
    delay: Duration,
    uplink: Arc<AtomicUsize>,
) -> Result<SocketAddr, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(target).await else { continue };
            if near.set_nodelay(true).and(far.set_nodelay(true)).is_err() {
                continue;
            }
            let ((near_read, near_write), (far_read, far_write)) =
                (near.into_split(), far.into_split());
            tokio::spawn(pass(near_read, far_write, delay, uplink.clone()));
            tokio::spawn(pass(far_read, near_write, delay, Arc::default()));
        }
    });
    Ok(address)
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    delay: Duration,
    count: Arc<AtomicUsize>,
) {
    let (late, mut due) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((at, bytes)) = due.recv().await {
            tokio::time::sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        count.fetch_add(read, Ordering::Relaxed);
        if late.send((Instant::now() + delay, buffer[..read].to_vec())).is_err() {
            return;
        }
    }
}
