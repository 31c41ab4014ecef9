//! All of it together, and the network between.

use std::{collections::BTreeMap, path::Path};

use doorstep::{
    base::{Hash, Id},
    engine::{ActError, Done, Exchanged, Packet},
};

use crate::{Directory, NOON, Office, Phone, SetClock, Tap};

/// What the network does to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing: the answer arrives.
    None,
    /// The request never arrives.
    Request,
    /// The request arrives, the answer never does.
    Answer,
    /// The request arrives twice, the second answer comes back.
    Doubled,
}

/// An office, phones, and one clock.
pub struct World {
    /// Everybody's true time.
    pub clock: SetClock,
    /// The office.
    pub office: Office,
    /// Where all files are; removed with the world.
    pub directory: Directory,
    phones: BTreeMap<String, Phone>,
}

impl World {
    /// A world with an office and no phone.
    #[allow(clippy::new_without_default)]
    pub fn new() -> World {
        let (directory, clock) = (Directory::new(), SetClock::new(NOON));
        let office = Office::new(&directory, &clock);
        World { clock, office, directory, phones: BTreeMap::new() }
    }

    /// A world in which Mei and Wu have phones.
    pub fn with_phones() -> World {
        let mut world = World::new();
        for name in ["Mei", "Wu"] {
            world.enrol(name);
        }
        world
    }

    /// Gives somebody a phone of their own.
    pub fn enrol(&mut self, name: &str) {
        let path = self.directory.file(&format!("{name}.db"));
        self.enrol_on(name, &path, None);
    }

    /// Gives somebody a phone on this file and VFS.
    pub fn enrol_on(&mut self, name: &str, path: &Path, vfs: Option<&str>) {
        let mut phone = Phone::new(name, path, vfs, &self.clock);
        let code = self.office.code(name);
        let packet = phone.engine().enrol_request(&code).expect("keys can be made");
        let answer = self.office.enrol(&packet).expect("the code is fresh");
        let company = self.office.company_key();
        let enrolled = phone.engine().finish_enrol(&answer, Some(&company)).map(|_| ());
        enrolled.expect("the answer is the office's");
        self.phones.insert(name.to_owned(), phone);
    }

    /// Somebody's phone gets a new certificate on the same file.
    pub fn enrol_again(&mut self, name: &str) {
        let code = self.office.code(name);
        let packet = self.phone(name).engine().enrol_again_request(&code);
        let answer = self.office.enrol(&packet.expect("keys can be made"));
        let answer = answer.expect("the code is fresh");
        let enrolled = self.phone(name).engine().finish_enrol(&answer, None).map(|_| ());
        enrolled.expect("the answer is the office's");
    }

    /// Somebody's phone.
    pub fn phone(&mut self, name: &str) -> &mut Phone {
        self.phones.get_mut(name).expect("everybody named here has a phone")
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.clock.pass(ms);
    }

    /// Somebody taps, half a minute after what was before.
    pub fn tap(&mut self, name: &str, tap: &Tap) -> Result<Done, ActError> {
        self.pass(30_000);
        self.phone(name).tap(tap)
    }

    /// Somebody taps all of these, and none is refused.
    pub fn work(&mut self, name: &str, taps: &[Tap]) -> Vec<Done> {
        let done = |tap| {
            let done = self.tap(name, tap);
            done.unwrap_or_else(|error| panic!("{name}: {:?}: {error}", tap.action))
        };
        taps.iter().map(done).collect()
    }

    /// Somebody's phone makes a request.
    pub fn request(&mut self, name: &str) -> Packet {
        let phone = self.phone(name);
        let reading = phone.reading();
        phone.engine().sync_request(&reading).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// One round trip, as the network lets it be; `None` when no answer arrives.
    pub fn round_trip(&mut self, name: &str, loss: Loss) -> Option<Exchanged> {
        let packet = self.request(name);
        let mut answer = None;
        let times = match loss {
            Loss::Request => 0,
            Loss::None | Loss::Answer => 1,
            Loss::Doubled => 2,
        };
        for _ in 0..times {
            let taken = self.office.exchange(&packet.bytes);
            answer = Some(taken.unwrap_or_else(|problem| panic!("{name}: {}", problem.message)));
        }
        let phone = self.phone(name);
        let reading = phone.reading();
        let Some(answer) = answer.filter(|_| loss != Loss::Answer) else {
            let trouble = doorstep::sync::Trouble::Offline;
            phone.engine().sync_failed(reading.wall, trouble, None);
            return None;
        };
        let taken = phone.engine().sync_answer(&reading, &answer);
        Some(taken.unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Somebody's phone exchanges until neither side has more; gives the sum.
    pub fn exchange(&mut self, name: &str) -> Exchanged {
        let mut sum = Exchanged::default();
        for _ in 0..100 {
            let once = self.round_trip(name, Loss::None).unwrap_or_default();
            sum.sent += once.sent;
            sum.received += once.received;
            sum.outcomes += once.outcomes;
            sum.refused += once.refused;
            sum.purged += once.purged;
            if !once.more {
                return sum;
            }
        }
        panic!("{name}'s phone never comes to rest");
    }

    /// Somebody takes a photo in a visit; its name is all that it shows.
    pub fn photo(&mut self, name: &str, visit: Id, of: &str) -> Hash {
        self.pass(30_000);
        let reading = self.phone(name).reading();
        let taken = self.phone(name).engine().take_photo(
            crate::id(of),
            &reading,
            visit,
            of.as_bytes(),
            b"small",
        );
        let taken = taken.unwrap_or_else(|error| panic!("{name}: {error}"));
        taken.photo.expect("a photo has an address")
    }

    /// Somebody's phone sends photos until none is left; gives the refusals' codes.
    pub fn send_photos(&mut self, name: &str) -> Vec<&'static str> {
        let mut refused = Vec::new();
        while let Some(part) = self.phone(name).engine().photo_request().expect("readable") {
            let told = self.office.photo_part(&part.bytes);
            let wall = self.phone(name).reading().wall;
            let engine = self.phone(name).engine();
            match told {
                Ok(kept) => drop(engine.photo_answer(wall, &kept).expect("the office's word")),
                Err(problem) => {
                    refused.push(problem.code);
                    let trouble = doorstep::sync::Trouble::NeedsNewerApp;
                    let next = engine.photo_failed(wall, trouble, None, Some(problem.code));
                    if next.expect("writable") != doorstep::engine::PhotoNext::Again {
                        break;
                    }
                }
            }
        }
        refused
    }

    /// The digest of an order: on the server, then on each named phone.
    pub fn digests(&mut self, order: Id, names: &[&str]) -> Vec<Hash> {
        let mut digests = vec![self.office.order(order).digest];
        for name in names {
            let state = self.phone(name).engine().order(order);
            digests.push(state.unwrap_or_else(|error| panic!("{name}: {error}")).digest());
        }
        digests
    }
}
