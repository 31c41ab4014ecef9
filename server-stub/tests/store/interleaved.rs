//! Two transactions that are open at once, in two stores over one database: what a reader with a
//! cursor sees of them. SQLite lets one in after the other; PostgreSQL really has both open.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use doorstep::base::Id;
use doorstep_server::{
    Failure,
    store::{FeedItem, Store, StoreError, transact},
};

use crate::place::{NOON, Place, enrol, line, run};

on_each_store!(
    who_commits_in_the_other_order_than_they_began_is_not_missed,
    no_position_is_given_beyond_one_that_is_still_open,
    a_position_that_was_rolled_back_is_given_to_the_next,
    a_reader_sees_every_line_of_four_writers_once_and_in_order,
);

/// How long a transaction stays open for another to overtake it.
const OPEN: Duration = Duration::from_millis(300);

/// The other transaction, as the first one sees it.
pub(crate) struct Other {
    begin: Option<Sender<()>>,
    ended: Receiver<()>,
    /// Whether it ended while the first was open.
    overtook: bool,
}

impl Other {
    /// Lets it begin, and waits a while for its end. Does nothing when the first runs again.
    pub(crate) fn let_in(&mut self) {
        if let Some(begin) = self.begin.take() {
            begin.send(()).unwrap();
            self.overtook = self.ended.recv_timeout(OPEN).is_ok();
        }
    }
}

/// Runs `first`, and inside it, where it lets the other in, `second`. Says whether the second ended
/// while the first was open.
pub(crate) fn interleave(first: impl FnOnce(&mut Other) + Send, second: impl FnOnce()) -> bool {
    let ((begin, begun), (end, ended)) = (channel(), channel());
    let mut other = Other { begin: Some(begin), ended, overtook: false };
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            first(&mut other);
            other.overtook
        });
        begun.recv().unwrap();
        second();
        // Nobody listens any more where the first did not wait so long.
        let _ = end.send(());
        first.join().unwrap()
    })
}

fn read(store: &dyn Store, device: Id, cursor: &mut u64) -> Vec<FeedItem> {
    let lines = run(store, |tx| Ok(tx.feed(device, *cursor, 100)?));
    *cursor = lines.last().map_or(*cursor, |(position, _)| *position);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn who_commits_in_the_other_order_than_they_began_is_not_missed(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let [mei] = enrol(&*one, ["Mei"]);
    let (mut cursor, mut seen) = (0, Vec::new());
    let overtook = interleave(
        |other| {
            run(&*one, |tx| {
                // It has begun, and looked, before the other has committed.
                tx.feed_end(mei)?;
                other.let_in();
                Ok(tx.push(mei, &[line(1)], NOON, false)?)
            });
        },
        || {
            run(&*two, |tx| Ok(tx.push(mei, &[line(2)], NOON, false)?));
            seen = read(&*two, mei, &mut cursor);
        },
    );
    assert_eq!(overtook, matches!(place, Place::Postgresql(_)));
    if overtook {
        assert_eq!(seen, [line(2)]);
    }
    seen.extend(read(&*two, mei, &mut cursor));
    seen.sort_by_key(|seen| *seen == line(2));
    assert_eq!(seen, [line(1), line(2)]);
}

fn no_position_is_given_beyond_one_that_is_still_open(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let [mei] = enrol(&*one, ["Mei"]);
    let overtook = interleave(
        |other| {
            run(&*one, |tx| {
                tx.push(mei, &[line(1)], NOON, false)?;
                other.let_in();
                Ok(())
            });
        },
        || {
            if let Place::Postgresql(_) = place {
                assert_eq!(read(&*two, mei, &mut 0), [], "nothing is committed yet");
            }
            run(&*two, |tx| Ok(tx.push(mei, &[line(2)], NOON, false)?));
        },
    );
    assert!(!overtook);
    assert_eq!(read(&*two, mei, &mut 0), [line(1), line(2)]);
}

fn a_position_that_was_rolled_back_is_given_to_the_next(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let [mei] = enrol(&*one, ["Mei"]);
    interleave(
        |other| {
            let gone = transact(&*one, |tx| {
                tx.push(mei, &[line(1)], NOON, false)?;
                other.let_in();
                Err::<(), _>(Failure::Store(StoreError::Failed("the power went".into())))
            });
            assert!(gone.is_err());
        },
        || run(&*two, |tx| Ok(tx.push(mei, &[line(2)], NOON, false)?)),
    );
    assert_eq!(run(&*one, |tx| Ok(tx.feed(mei, 0, 9)?)), [(1, line(2))]);
}

fn a_reader_sees_every_line_of_four_writers_once_and_in_order(place: &Place) {
    const EACH: u64 = 15;
    let stores = [place.open(), place.open()];
    let [mei] = enrol(&*stores[0], ["Mei"]);
    let reader = place.open();
    let mut seen: Vec<u64> = Vec::new();
    thread::scope(|scope| {
        for writer in 0..4 {
            let store = &stores[writer as usize % 2];
            scope.spawn(move || {
                for number in 0..EACH {
                    let lines = [line(writer * 1_000 + number)];
                    // Many want the same row here: a store may say that it is busy.
                    while let Err(error) =
                        transact(&**store, |tx| Ok(tx.push(mei, &lines, NOON, false)?))
                    {
                        assert!(matches!(error, Failure::Store(StoreError::Busy)), "{error}");
                    }
                }
            });
        }
        let mut cursor = 0;
        while seen.len() < 4 * EACH as usize {
            for line in read(&*reader, mei, &mut cursor) {
                let FeedItem::Standing { after, .. } = line else { panic!("{line:?}") };
                seen.push(after);
            }
            thread::yield_now();
        }
    });
    for writer in 0..4 {
        let its: Vec<_> = seen.iter().copied().filter(|it| it / 1_000 == writer).collect();
        let due: Vec<_> = (0..EACH).map(|number| writer * 1_000 + number).collect();
        assert_eq!(its, due);
    }
    assert_eq!(seen.len(), 4 * EACH as usize);
}

#[test]
fn transactions_about_different_devices_do_not_wait_for_each_other_on_postgresql() {
    let place = Place::postgresql();
    let (one, two) = (place.open(), place.open());
    let [mei, wu] = enrol(&*one, ["Mei", "Wu"]);
    let overtook = interleave(
        |other| {
            run(&*one, |tx| {
                tx.push(mei, &[line(1)], NOON, false)?;
                other.let_in();
                Ok(())
            });
        },
        || run(&*two, |tx| Ok(tx.push(wu, &[line(2)], NOON, false)?)),
    );
    assert!(overtook);
}

/// Each locks what the other wants next: the database ends one of them, and its function runs again.
#[test]
fn two_that_wait_for_each_other_both_come_through_on_postgresql() {
    let place = Place::postgresql();
    let (one, two) = (place.open(), place.open());
    let [mei, wu] = enrol(&*one, ["Mei", "Wu"]);
    let tries = AtomicU32::new(0);
    let (began, has_begun) = channel();
    let (mut began, mut has_begun) = (Some(began), Some(has_begun));
    interleave(
        |other| {
            run(&*one, |tx| {
                tries.fetch_add(1, Ordering::SeqCst);
                tx.push(mei, &[line(1)], NOON, false)?;
                if let Some(begin) = other.begin.take() {
                    begin.send(()).unwrap();
                    has_begun.take().unwrap().recv().unwrap();
                }
                Ok(tx.push(wu, &[line(1)], NOON, false)?)
            });
        },
        || {
            run(&*two, |tx| {
                tries.fetch_add(1, Ordering::SeqCst);
                tx.push(wu, &[line(2)], NOON, false)?;
                if let Some(began) = began.take() {
                    began.send(()).unwrap();
                }
                Ok(tx.push(mei, &[line(2)], NOON, false)?)
            });
        },
    );
    for phone in [mei, wu] {
        assert_eq!(read(&*one, phone, &mut 0).len(), 2);
    }
    assert!(tries.into_inner() > 2, "neither had to run again");
}
