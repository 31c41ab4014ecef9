//! What a phone lets go of, and when: not before a backup that was looked at covers all of it. A server
//! that is restored from that backup has, with what phones bring, all that ever was.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::path::PathBuf;

use doorstep::{
    base::{Hash, Id},
    log::Subject,
};
use doorstep_server::{BackedUp, BackupError, Clock, Database, back_up, check_backup};
use doorstep_tests::{Directory, MINUTE, Office, World, id, no_access, repair, start};

const DAY: i64 = 24 * 60 * MINUTE;

/// Mei repaired something at Mrs Chan's weeks ago, with a photo; everything was exchanged and the order
/// has left her phone's list.
struct Weeks {
    world: World,
    order: Id,
    photo: Hash,
    nights: Directory,
    night: u32,
}

impl Weeks {
    fn ago() -> Weeks {
        let mut world = World::with_phones();
        let order = world.office.open("R-1");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        let taps = repair(order, id("visit"));
        world.work("Mei", &taps[..1]);
        let photo = world.photo("Mei", id("visit"), "the burner");
        world.work("Mei", &taps[1..]);
        world.exchange("Mei");
        Weeks { world, order, photo, nights: Directory::new(), night: 0 }
    }

    fn send_photo(&mut self) {
        assert_eq!(self.world.send_photos("Mei"), [""; 0]);
        self.world.exchange("Mei");
    }

    /// The order leaves Mei's list; gives how many orders her phone let go of meanwhile.
    fn pass(&mut self) -> usize {
        self.world.pass(15 * DAY);
        let purged = self.world.exchange("Mei").purged;
        let listed = self.world.phone("Mei").engine().store().listed_orders(9).unwrap();
        assert!(listed.iter().all(|row| row.id != self.order), "it has left");
        purged
    }

    fn live(&self) -> PathBuf {
        self.world.directory.file("server.db")
    }

    /// The night's backup, in a folder as an operator keeps it.
    fn backup(&mut self) -> (PathBuf, BackedUp) {
        self.night += 1;
        let file = self.nights.file(&format!("night-{}.db", self.night));
        let now = self.world.clock.now();
        let done = back_up(Database::File(&self.live()), &file, now).unwrap();
        (file, done)
    }

    /// The server's disk is lost: it is restored from this backup, and nobody says that it was.
    fn restore(&mut self, backup: &PathBuf, onto: &Directory) {
        let key = self.world.directory.file("company.key");
        std::fs::copy(key, onto.file("company.key")).unwrap();
        std::fs::copy(backup, onto.file("server.db")).unwrap();
        let other = Directory::new();
        self.world.office = self.world.office.copied(onto, &other, &self.world.clock);
        // Kept until the test ends.
        std::mem::forget(other);
    }

    fn holds(&mut self) -> usize {
        self.world.phone("Mei").engine().order(self.order).unwrap().visits.len()
    }
}

#[test]
fn an_order_that_left_stays_until_a_backup_covers_its_events_and_its_photo() {
    let mut weeks = Weeks::ago();
    let before = weeks.world.digests(weeks.order, &["Mei"]);
    let receipts = weeks.world.phone("Mei").engine().receipts().unwrap().len();
    // A backup before the photo arrived covers the events alone, which is not enough.
    let (_, done) = weeks.backup();
    assert_eq!(done.photos, 0);
    weeks.send_photo();
    assert_eq!((weeks.pass(), weeks.holds()), (0, 1));
    weeks.world.pass(DAY);
    assert_eq!((weeks.world.exchange("Mei").purged, weeks.holds()), (0, 1));
    assert_eq!(weeks.world.digests(weeks.order, &["Mei"]), before);

    let subject = Subject::work_order(weeks.order);
    let own = |weeks: &mut Weeks| {
        let store = weeks.world.phone("Mei").engine().store();
        let rows = store.read().streams_of(&subject).unwrap().into_iter().filter(|row| row.own);
        rows.map(|row| (row.stream, row.chain)).collect::<Vec<_>>()
    };
    let heads = own(&mut weeks);
    let (_, done) = weeks.backup();
    assert_eq!(done.photos, 1);
    assert_eq!((weeks.world.exchange("Mei").purged, weeks.holds()), (1, 0));

    // What stays: numbers and hashes, receipts, the small picture; and the file is sound.
    let photo = weeks.photo;
    assert_eq!(own(&mut weeks), heads);
    let engine = weeks.world.phone("Mei").engine();
    assert_eq!(engine.receipts().unwrap().len(), receipts);
    assert_eq!(engine.photo(&photo).unwrap(), None);
    assert_eq!(engine.thumbnail(&photo).unwrap().unwrap(), b"small");
    assert_eq!(engine.doctor_rebuild().unwrap().problems, [""; 0]);
    let key = engine.store().read().key(&subject, doorstep::log::Class::Contact).unwrap();
    assert_eq!(key, None, "nobody reads Mrs Chan's name on this phone any more");
    assert!(weeks.world.office.devices().iter().all(|device| device.suspect.is_none()));
    // Asked once; nothing more is asked before another backup.
    let quiet = weeks.world.exchange("Mei");
    assert_eq!((quiet.purged, quiet.more), (0, false));
}

#[test]
fn a_server_restored_from_the_backup_notices_by_itself_and_misses_nothing() {
    let mut weeks = Weeks::ago();
    weeks.send_photo();
    weeks.pass();
    let (backup, _) = weeks.backup();
    assert_eq!(weeks.world.exchange("Mei").purged, 1);
    let old = weeks.world.digests(weeks.order, &[]);
    // Life after the backup: another order, a visit, a photo; all of it with the disk that is lost.
    let after = weeks.world.office.open("R-2");
    weeks.world.office.assign(after, "Mei").unwrap();
    weeks.world.exchange("Mei");
    weeks.world.work("Mei", &[start(after, id("second visit"))]);
    let flue = weeks.world.photo("Mei", id("second visit"), "the flue");
    weeks.world.exchange("Mei");
    weeks.send_photo();
    let new = weeks.world.digests(after, &["Mei"]);
    assert_eq!(weeks.world.office.photo(after, &flue).unwrap(), b"the flue");

    let disk = Directory::new();
    weeks.restore(&backup, &disk);
    let epoch = weeks.world.office.epoch();
    for _ in 0..3 {
        assert_eq!(weeks.world.exchange("Mei").refused, 0);
        weeks.world.send_photos("Mei");
    }
    assert!(weeks.world.office.epoch() > epoch, "Mei's phone showed what this server had signed");
    assert_eq!(weeks.world.digests(weeks.order, &[]), old, "what Mei let go of");
    assert_eq!(weeks.world.digests(after, &["Mei"]), new, "what Mei kept");
    let photos = [(weeks.order, weeks.photo, "the burner"), (after, flue, "the flue")];
    for (order, address, shows) in photos {
        assert_eq!(weeks.world.office.photo(order, &address).unwrap(), shows.as_bytes());
    }
    assert_eq!(weeks.world.office.held(), []);
    assert!(weeks.world.office.devices().iter().all(|device| device.suspect.is_none()));
    assert_eq!(weeks.world.phone("Mei").engine().doctor().unwrap().problems, [""; 0]);
    // Once is enough: the new epoch stays.
    let epoch = weeks.world.office.epoch();
    weeks.world.exchange("Mei");
    weeks.world.exchange("Wu");
    assert_eq!(weeks.world.office.epoch(), epoch);
}

#[test]
fn an_order_that_comes_back_after_it_was_let_go_of_comes_whole() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &no_access(order, id("nobody")));
    world.exchange("Mei");
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    let (nights, now) = (Directory::new(), world.clock.now());
    let live = world.directory.file("server.db");
    back_up(Database::File(&live), &nights.file("night.db"), now).unwrap();
    world.pass(15 * DAY);
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().order(order).unwrap().visits.len(), 0);
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    world.work("Mei", &repair(order, id("again")));
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    let engine = world.phone("Mei").engine();
    assert_eq!(engine.doctor_rebuild().unwrap().problems, [""; 0]);
    assert!(engine.visit(id("nobody")).is_ok(), "her first visit can be read again");
}

#[test]
fn a_copy_that_is_damaged_or_of_another_server_makes_nothing_safe() {
    let mut weeks = Weeks::ago();
    weeks.send_photo();
    let (good, _) = weeks.backup();
    let spoil = |name: &str, sql: &str| {
        let file = weeks.nights.file(name);
        std::fs::copy(&good, &file).unwrap();
        rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        file
    };
    let event = spoil("event.db", "UPDATE event SET bytes = zeroblob(9) WHERE rowid = 3");
    let photo = spoil("photo.db", "UPDATE photo_part SET bytes = zeroblob(length(bytes))");
    let end = spoil(
        "end.db",
        "DELETE FROM event WHERE (stream, seq) IN (SELECT id, seq FROM stream WHERE seq > 5)",
    );
    let live = weeks.live();
    let now = weeks.world.clock.now();
    let check = |copy: &PathBuf| check_backup(Database::File(&live), Database::File(copy), now);
    for copy in [event, photo, end] {
        let refused = check(&copy).unwrap_err();
        assert!(matches!(refused, BackupError::Broken(_)), "{refused}");
    }
    // A server that went its own way since: the copy is of the same company, and of other events.
    let other = Directory::new();
    let office: Office =
        weeks.world.office.copied(&weeks.world.directory, &other, &weeks.world.clock);
    weeks.world.office.open("R-9");
    office.open("R-9");
    let diverged = check(&other.file("server.db")).unwrap_err();
    assert!(matches!(diverged, BackupError::Other(_)), "{diverged}");
    let taken = back_up(Database::File(&live), &good, now).unwrap_err();
    assert!(matches!(taken, BackupError::Taken(_)), "{taken}");
    assert!(check(&good).is_ok());
}

#[test]
fn a_phone_asks_about_a_few_orders_at_once_until_all_that_left_are_gone() {
    const LEFT: usize = 70;
    let mut world = World::with_phones();
    let orders: Vec<Id> = (0..LEFT).map(|nth| world.office.open(&format!("R-{nth}"))).collect();
    for order in &orders {
        world.office.assign(*order, "Mei").unwrap();
    }
    world.exchange("Mei");
    for order in &orders {
        world.office.assign(*order, "Wu").unwrap();
    }
    world.exchange("Mei");
    let live = world.directory.file("server.db");
    back_up(Database::File(&live), &world.directory.file("night.db"), world.clock.now()).unwrap();
    // It hears of the backup, and asks: about as many as go into a request, then about the rest.
    let purged: Vec<usize> = (0..4)
        .map(|_| world.round_trip("Mei", doorstep_tests::Loss::None).unwrap().purged)
        .collect();
    assert_eq!(purged, [0, 64, LEFT - 64, 0]);
    for order in &orders {
        assert!(world.phone("Mei").engine().order(*order).unwrap().number.is_none());
    }
}
