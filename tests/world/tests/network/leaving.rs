//! A phone is let go of: handed in, wiped, given to somebody else. That the server took something is not
//! enough: its disk may be lost the same night.

use std::path::PathBuf;

use doorstep::{
    base::{Hash, Id, Lang},
    engine::{ActError, Engine, Leave, Packet},
    sync::MAX_PHOTO_BYTES,
};
use doorstep_server::{Clock, Database, back_up};
use doorstep_tests::{Directory, World, id, repair};

/// Mei has worked on an order that was opened after last night's backup, with a photo. All of it is with
/// the server, and it said so.
struct Evening {
    world: World,
    order: Id,
    photo: Hash,
    nights: Directory,
    last_night: PathBuf,
}

impl Evening {
    fn comes(picture: &str) -> Evening {
        let mut world = World::with_phones();
        world.exchange("Mei");
        let nights = Directory::new();
        let last_night = nights.file("last.db");
        let live = world.directory.file("server.db");
        back_up(Database::File(&live), &last_night, world.clock.now()).unwrap();
        world.pass(60_000);
        let order = world.office.open("R-1");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        let taps = repair(order, id("visit"));
        world.work("Mei", &taps[..1]);
        let photo = world.photo("Mei", id("visit"), picture);
        world.work("Mei", &taps[1..]);
        Evening { world, order, photo, nights, last_night }
    }

    fn sent(mut self) -> Evening {
        self.world.exchange("Mei");
        assert_eq!(self.world.send_photos("Mei"), [""; 0]);
        self.world.exchange("Mei");
        self
    }

    fn leave(&mut self) -> Leave {
        let reading = self.world.phone("Mei").reading();
        self.world.phone("Mei").engine().leave(&reading).unwrap()
    }

    fn photo_files(&mut self, address: &Hash) -> Vec<Packet> {
        let reading = self.world.phone("Mei").reading();
        self.world.phone("Mei").engine().photo_files(&reading, address).unwrap()
    }

    /// All that leaves the phone, as it would lie on a stick.
    fn stick(&mut self) -> Vec<Vec<u8>> {
        let Leave { mut files, photos_to_carry, .. } = self.leave();
        for address in photos_to_carry {
            files.extend(self.photo_files(&address));
        }
        files.into_iter().map(|file| file.bytes).collect()
    }

    /// Mei logs out, with these files on a stick; where that is refused, she goes on with her phone.
    fn log_out(&mut self, stick: &[Vec<u8>]) -> Result<(), ActError> {
        let taken: Vec<_> = stick.iter().map(|file| Hash::of(&[file])).collect();
        let engine: Engine = self.world.phone("Mei").take_engine();
        engine.log_out(&taken).map_err(|stays| {
            self.world.phone("Mei").put_engine(stays.engine);
            stays.error
        })
    }

    fn tonight(&mut self) {
        let live = self.world.directory.file("server.db");
        let tonight = self.nights.file("tonight.db");
        back_up(Database::File(&live), &tonight, self.world.clock.now()).unwrap();
    }

    fn screen(&mut self, lang: Lang) -> doorstep::screen::SyncScreen {
        let reading = self.world.phone("Mei").reading();
        self.world.phone("Mei").engine().sync_screen(&reading, lang).unwrap()
    }

    fn gone(&mut self) -> bool {
        let path = self.world.phone("Mei").path.clone();
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
        !["", "-wal", "-shm"].iter().any(|suffix| beside(suffix).exists())
    }
}

#[test]
fn what_was_sent_and_is_in_no_backup_comes_back_from_the_files_of_a_phone_that_was_wiped() {
    let mut evening = Evening::comes("the burner").sent();
    let shown = evening.screen(Lang::En);
    assert!(shown.nothing_unsent && !shown.safe);
    assert!(shown.statement.unwrap().contains("sent, but not yet in a backup"));
    let leave = evening.leave();
    assert!(leave.everything_sent && !leave.everything_safe);
    assert_eq!(leave.photos_to_carry, [evening.photo]);
    let company = evening.world.office.company_key();
    let statement = doorstep::sync::Statement::open(&company, &leave.statement.unwrap()).unwrap();
    assert_eq!(Some(statement.device), evening.world.phone("Mei").engine().device());

    let refused = evening.log_out(&[]).unwrap_err();
    assert!(matches!(refused, ActError::NotSafe { photos: 1, .. }), "{refused}");
    let stick = evening.stick();
    let digests = evening.world.digests(evening.order, &["Mei"]);
    evening.log_out(&stick).unwrap();
    assert!(evening.gone(), "the phone lies in the harbour");
    // Handed in to the server that has all of it, they change nothing.
    for file in &stick {
        evening.world.office.exchange(file).unwrap();
    }
    assert_eq!(evening.world.office.held(), []);
    assert_eq!(evening.world.digests(evening.order, &[])[0], digests[0]);

    // That night the server's disk is lost, and all there is is the backup of the night before.
    let disk = Directory::new();
    let key = evening.world.directory.file("company.key");
    std::fs::copy(key, disk.file("company.key")).unwrap();
    std::fs::copy(&evening.last_night, disk.file("server.db")).unwrap();
    let other = Directory::new();
    let office = evening.world.office.copied(&disk, &other, &evening.world.clock);
    evening.world.office = office;
    for file in &stick {
        evening.world.office.exchange(file).unwrap();
    }
    assert_eq!(evening.world.digests(evening.order, &[])[0], digests[0], "all of it is back");
    let picture = evening.world.office.photo(evening.order, &evening.photo).unwrap();
    assert_eq!(picture, b"the burner", "and so is its key");
    assert_eq!(evening.world.office.held(), []);
}

#[test]
fn once_a_backup_covers_all_of_it_a_phone_may_go_without_any_file() {
    let mut evening = Evening::comes("the burner").sent();
    evening.tonight();
    // It hears that there is a backup, asks, and is told.
    evening.world.exchange("Mei");
    let leave = evening.leave();
    assert!(leave.everything_sent && leave.everything_safe);
    assert!(leave.files.is_empty() && leave.photos_to_carry.is_empty());
    for lang in Lang::ALL {
        let shown = evening.screen(lang);
        assert!(shown.nothing_unsent && shown.safe);
    }
    // What comes later is only here again.
    evening.world.work("Mei", &[doorstep_tests::start(evening.order, id("second visit"))]);
    let leave = evening.leave();
    assert!(!leave.everything_safe);
    assert_eq!(leave.files.iter().map(|file| file.events).sum::<usize>(), 1 + office(&mut evening));
    assert!(matches!(evening.log_out(&[]), Err(ActError::NotSafe { events: 1, photos: 0 })));
    evening.world.exchange("Mei");
    evening.world.pass(60_000);
    let live = evening.world.directory.file("server.db");
    let night = evening.nights.file("the night after.db");
    back_up(Database::File(&live), &night, evening.world.clock.now()).unwrap();
    evening.world.exchange("Mei");
    evening.log_out(&[]).unwrap();
    assert!(evening.gone());
    // Another person begins on the same phone.
    evening.world.phone("Mei").reopen();
    assert_eq!(evening.world.phone("Mei").engine().device(), None);
}

/// Events of the office in the order, which go with the phone's own.
fn office(evening: &mut Evening) -> usize {
    let subject = doorstep::log::Subject::work_order(evening.order);
    let store = evening.world.phone("Mei").engine().store();
    let rows = store.read().streams_of(&subject).unwrap();
    rows.iter().filter(|row| !row.own).map(|row| row.chain.seq as usize).sum()
}

#[test]
fn an_unsent_photo_keeps_the_phone_until_it_has_left_in_files_however_large_it_is() {
    let picture = "x".repeat(MAX_PHOTO_BYTES as usize - 64);
    let mut evening = Evening::comes(&picture);
    let leave = evening.leave();
    assert!(!leave.everything_sent && leave.photos == 1);
    let events: Vec<_> = leave.files.into_iter().map(|file| file.bytes).collect();
    let refused = evening.log_out(&events).unwrap_err();
    assert!(matches!(refused, ActError::NotSafe { events: 0, photos: 1 }), "{refused}");
    for lang in Lang::ALL {
        assert!(refused.text(lang).contains('1'));
    }
    let address = evening.photo;
    let mut photo: Vec<_> =
        evening.photo_files(&address).into_iter().map(|file| file.bytes).collect();
    assert_eq!(photo.len(), 6, "3 MiB in each");
    let most = doorstep::sync::MAX_PACKET_BYTES;
    assert!(events.iter().chain(&photo).all(|file| file.len() <= most));
    let last = photo.pop().unwrap();
    let all_but_one = [events.clone(), photo.clone()].concat();
    let refused = evening.log_out(&all_but_one).unwrap_err();
    assert!(matches!(refused, ActError::NotSafe { events: 0, photos: 1 }), "{refused}");
    photo.push(last);
    // A tap after the files were taken is in none of them.
    let all = [events, photo].concat();
    evening.world.work("Mei", &[doorstep_tests::start(evening.order, id("second visit"))]);
    let refused = evening.log_out(&all).unwrap_err();
    assert!(matches!(refused, ActError::NotSafe { events: 1, photos: 0 }), "{refused}");
    let answers: Vec<_> =
        all.iter().map(|file| evening.world.office.exchange(file).unwrap()).collect();
    assert_eq!(evening.world.office.photo(evening.order, &address).unwrap(), picture.as_bytes());
    // The answers say so to the phone as any other would.
    let reading = evening.world.phone("Mei").reading();
    for answer in &answers {
        evening.world.phone("Mei").engine().take_answer_file(&reading, answer).unwrap();
    }
    let count = evening.world.phone("Mei").engine().photo_count().unwrap();
    assert_eq!((count.taken, count.arrived), (1, 1));
    assert_eq!(evening.world.phone("Mei").engine().unsent().unwrap(), 1);
    let stick = evening.stick();
    evening.log_out(&stick).unwrap();
    assert!(evening.gone());
}
