//! A PostgreSQL that was backed up with its own tools: what is safe then, and who is told so.

use doorstep::{
    event::{StepRecorded, Value},
    log::Chain,
    sync::SafeAsked,
};
use doorstep_server::{BackupError, Database, back_up, check_backup};

use crate::{shuffle::given_to_all, world::World};

#[tokio::test]
async fn a_restored_copy_of_a_postgresql_makes_safe_what_it_covers_and_nothing_later() {
    let world = World::on_postgresql().await;
    let (mut phones, order) = given_to_all(&world).await;
    let mei = &mut phones[0];
    mei.start(order, "Mei's visit");
    mei.exchange(&world).await;
    // As after a dump that was restored beside.
    let url = world.postgres().url.clone();
    let (server, name) = url.rsplit_once('/').unwrap();
    let (name, query) = name
        .split_once('?')
        .map_or((name, String::new()), |(name, more)| (name, format!("?{more}")));
    let other = doorstep_test_postgres::database();
    other.psql(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    other.psql(&format!("CREATE DATABASE {name}_night TEMPLATE {name}"));
    let copy = format!("{server}/{name}_night{query}");
    // One exchange may still meet a broken connection.
    let knock = StepRecorded { step: "knock".into(), value: Value::Count(2) };
    mei.record(order, "Mei's visit", knock);
    let tails = mei.unsent_tails();
    let lost = mei.request(tails);
    let lost = mei.packet(&lost);
    let _ = world.raw("/v1/exchange", lost).await;
    mei.exchange(&world).await;

    let stream = mei.stream(order);
    let events = mei.own[&stream].clone();
    let head = |count: usize| {
        events[..count].iter().fold(Chain::start(&stream), |chain, bytes| chain.then(bytes))
    };
    let (one, two) = (head(1), head(2));
    let ask = vec![(stream, one.seq, one.hash), (stream, two.seq, two.hash)];
    let asked = SafeAsked { streams: ask, photos: Vec::new() };
    let answer = mei.ask(&world, asked.clone()).await;
    assert_eq!((answer.backed_up, answer.safe), (None, vec![]));

    let now = world.now();
    let (live, night) = (url.clone(), copy.clone());
    let done = tokio::task::spawn_blocking(move || {
        let file = std::env::temp_dir().join("not-a-file.db");
        let copied = back_up(Database::Postgres(&live), &file, now);
        assert!(matches!(copied, Err(BackupError::NotAFile)));
        check_backup(Database::Postgres(&live), Database::Postgres(&night), now)
    });
    let done = done.await.unwrap().unwrap();
    assert!(done.streams >= 2, "{done:?}");
    let answer = mei.ask(&world, asked).await;
    assert_eq!(answer.backed_up, Some(now));
    assert_eq!(answer.safe, vec![(stream, 1); 2], "what came later is not in the copy");
}

#[tokio::test]
async fn of_what_is_asked_at_once_only_so_much_is_looked_up() {
    const MOST: usize = 128;
    let world = World::new().await;
    let (mut phones, order) = given_to_all(&world).await;
    let mei = &mut phones[0];
    mei.start(order, "Mei's visit");
    mei.exchange(&world).await;
    let live = world.directory.0.join("server.db");
    let night = world.directory.0.join("night.db");
    back_up(Database::File(&live), &night, world.now()).unwrap();
    let stream = mei.stream(order);
    let head = mei.chain(&stream, 1);
    let ask = vec![(stream, head.seq, head.hash); MOST + 1];
    let asked = SafeAsked { streams: ask, photos: Vec::new() };
    assert_eq!(mei.ask(&world, asked).await.safe, vec![(stream, 1); MOST]);
}
