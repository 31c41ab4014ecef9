//! What must not go wrong at the border: panics, callers that go away, servers that hang or lie. And
//! days that are worked with nothing but what screens show. The story of a whole visit is told in
//! Kotlin and Python.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

mod hazards;
mod meters;
mod money;
mod office;
mod visit;
mod world;

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, atomic::Ordering},
    thread,
};

use doorstep::base::Lang;
use doorstep_ffi::{Action, Doorstep, DoorstepError, new_action_id};
use world::{World, cny, done, wait};

/// A peer that is no server: says `answer` to whoever comes, or nothing and holds the line.
fn impostor(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(answer) = answer {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
            held.push(stream);
        }
    });
    format!("http://{address}")
}

fn start_shift() -> Action {
    Action::StartShift { cash: cny(20_000) }
}

fn unsent(phone: &Doorstep) -> i64 {
    done(phone.sync_screen(Lang::En)).unwrap().unsent
}

#[test]
fn a_sync_dropped_at_any_point_leaves_the_phone_usable() {
    let world = World::new();
    let phone = world.enrolled();
    done(phone.act(new_action_id().unwrap(), start_shift(), Lang::En)).unwrap();
    let mut given_up = 0;
    for looks in 0..12 {
        given_up += usize::from(wait(phone.sync(Lang::En), looks).is_none());
    }
    assert!(given_up >= 3, "given up {given_up} times only");
    done(phone.sync(Lang::En)).unwrap();
    assert_eq!(unsent(&phone), 0);
    assert_eq!(done(phone.doctor()).unwrap().problems, [""; 0]);
}

#[test]
fn a_tap_whose_screen_is_gone_is_recorded_and_the_same_tap_is_that_tap() {
    let world = World::new();
    let phone = world.enrolled();
    let tap = new_action_id().unwrap();
    assert!(wait(phone.act(tap.clone(), start_shift(), Lang::En), 1).is_none());
    assert_eq!(unsent(&phone), 1);
    done(phone.act(tap, start_shift(), Lang::En)).unwrap();
    assert_eq!(unsent(&phone), 1);
}

#[test]
fn a_sync_that_hangs_ends_when_it_is_cancelled() {
    let world = World::new();
    done(world.enrolled().shut_down());
    let phone = world.open(&impostor(None)).unwrap();
    let waiting = Arc::clone(&phone);
    let sync = thread::spawn(move || done(waiting.sync(Lang::En)));
    // Until the sync has begun there is nothing to cancel: so it is said until it was heard.
    while !sync.is_finished() {
        phone.cancel_sync();
        thread::yield_now();
    }
    assert!(sync.join().unwrap().unwrap().cancelled);
    done(phone.act(new_action_id().unwrap(), start_shift(), Lang::En)).unwrap();
}

#[test]
fn an_impostor_is_told_from_our_server_and_nothing_is_lost() {
    let world = World::new();
    let phone = world.enrolled();
    done(phone.act(new_action_id().unwrap(), start_shift(), Lang::En)).unwrap();
    done(phone.shut_down());
    let answers = [
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n<html>log in</html>.",
        "HTTP/1.1 200 OK\r\ncontent-type: application/cose\r\ncontent-length: 4\r\n\r\nJUNK",
        "HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
        "this is not even HTTP\r\n\r\n",
    ];
    for answer in answers {
        let phone = world.open(&impostor(Some(answer))).unwrap();
        let error = done(phone.sync(Lang::En)).unwrap_err();
        let reason = match &error {
            DoorstepError::AskUser { reason, .. } => reason.as_str(),
            _ => panic!("{answer:?} gave {error:?}"),
        };
        assert_eq!(reason, "not_our_server");
        let shown = done(phone.sync_screen(Lang::En)).unwrap();
        assert!(shown.unsent > 0 && shown.what_to_do.is_some());
        done(phone.shut_down());
    }
}

#[test]
fn a_panic_inside_is_reported_and_the_phone_goes_on() {
    let world = World::new();
    let phone = world.enrolled();
    world.pocket.panics.store(true, Ordering::SeqCst);
    let tap = new_action_id().unwrap();
    let error = done(phone.act(tap.clone(), start_shift(), Lang::En)).unwrap_err();
    assert!(matches!(&error, DoorstepError::Report { text } if text.contains("on the floor")));
    world.pocket.panics.store(false, Ordering::SeqCst);
    assert_eq!(unsent(&phone), 0);
    done(phone.act(tap, start_shift(), Lang::En)).unwrap();
    assert_eq!(unsent(&phone), 1);
}

#[test]
fn a_locked_keystore_is_reported_and_the_code_is_still_good() {
    let world = World::new();
    let (url, code) = world.serve();
    let phone = world.open(&url).unwrap();
    world.pocket.locked.store(true, Ordering::SeqCst);
    let error = done(phone.enrol(code.clone(), None, Lang::En)).unwrap_err();
    assert!(matches!(&error, DoorstepError::Report { text } if text.contains("locked")));
    world.pocket.locked.store(false, Ordering::SeqCst);
    done(phone.enrol(code.clone(), None, Lang::En)).unwrap();
    done(phone.shut_down());

    let other = World::new();
    let phone = other.open(&url).unwrap();
    let error = done(phone.enrol(code, None, Lang::ZhHans)).unwrap_err();
    let expected = "公司未接受此登记码：请核对，或索取新的。";
    assert!(matches!(&error, DoorstepError::AskUser { text, .. } if text == expected), "{error:?}");
}

#[test]
fn a_file_of_a_newer_version_asks_for_an_update_and_is_left_alone() {
    let world = World::new();
    done(world.open("http://127.0.0.1:9").unwrap().shut_down());
    let db = rusqlite::Connection::open(world.file()).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.close().unwrap();
    let before = std::fs::read(world.file()).unwrap();
    let error = world.open("http://127.0.0.1:9").err();
    assert!(matches!(error, Some(DoorstepError::UpdateApp { .. })), "{error:?}");
    assert_eq!(std::fs::read(world.file()).unwrap(), before);
}

#[test]
fn a_wrong_address_or_key_shows_at_once() {
    let world = World::new();
    assert!(matches!(world.open("not an address"), Err(DoorstepError::Report { .. })));
    let phone = world.open("http://127.0.0.1:9").unwrap();
    let error = done(phone.enrol("A-CODE".to_owned(), Some("short".to_owned()), Lang::En));
    assert!(matches!(error, Err(DoorstepError::AskUser { .. })));
}

#[test]
fn unsent_work_leaves_as_a_file_comes_back_answered_and_the_phone_may_go() {
    let world = World::new();
    let phone = world.enrolled();
    done(phone.sync(Lang::En)).unwrap();
    done(phone.act(new_action_id().unwrap(), start_shift(), Lang::En)).unwrap();
    let before = done(phone.leave(Lang::En)).unwrap();
    assert_eq!((before.everything_sent, before.unsent, before.files.len()), (false, 1, 1));
    // A colleague's phone, or this one on another network, brings the file in.
    let answer = done(phone.carry(before.files[0].clone(), Lang::En)).unwrap();
    assert_eq!(unsent(&phone), 1, "nothing counts as sent before an answer says so");
    let taken = done(phone.take_answer_file(answer.clone(), Lang::En)).unwrap();
    assert_eq!((taken.sent, unsent(&phone)), (1, 0));
    assert!(done(phone.take_answer_file(answer, Lang::En)).is_err(), "an answer is taken once");
    let after = done(phone.leave(Lang::En)).unwrap();
    assert!(after.everything_sent, "and yet it may be on one disk alone");
    assert_eq!((after.everything_safe, after.files.len()), (false, 1));
    assert_eq!(done(phone.nothing_unsent_proof(Lang::En)).unwrap(), after.statement);
    // The bell rings once for whoever comes.
    done(phone.wait_for_wake(Lang::En)).unwrap();
    done(phone.sync(Lang::En)).unwrap();
    assert!(done(phone.flight_record(Lang::En)).unwrap().contains(r#""what":"answered""#));
    let wrong = done(phone.enrol_again("WRONG-CODE".to_owned(), None, Lang::En));
    assert!(matches!(wrong, Err(DoorstepError::AskUser { .. })), "{wrong:?}");
    assert!(done(phone.sync(Lang::En)).is_ok(), "what was refused changed nothing");
    assert!(!done(phone.sync_screen(Lang::En)).unwrap().safe);
    let refused = done(phone.log_out(Vec::new(), Lang::En));
    let asks =
        matches!(&refused, Err(DoorstepError::AskUser { reason, .. }) if reason == "not_safe");
    assert!(asks, "{refused:?}");
    let leave = done(phone.leave(Lang::En)).unwrap();
    assert!(leave.photos_to_carry.is_empty());
    let taken = leave.files.iter().map(|file| doorstep::base::Hash::of(&[file])).collect();
    done(phone.log_out(taken, Lang::En)).unwrap();
    assert!(!world.file().exists(), "it left with its files");
    assert!(done(phone.sync(Lang::En)).is_err());
}

#[test]
fn a_reset_sets_the_file_aside_whatever_it_holds() {
    let world = World::new();
    let phone = world.enrolled();
    done(phone.act(new_action_id().unwrap(), start_shift(), Lang::En)).unwrap();
    let aside = done(phone.reset()).unwrap();
    assert!(std::fs::exists(&aside).unwrap() && !world.file().exists());
    assert!(done(phone.today(Lang::En)).is_err());
}
