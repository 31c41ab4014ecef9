//! The office: a server in a directory of its own, He the supervisor and Lin at the desk.

use std::sync::Arc;

use doorstep::{
    base::{Hash, Id, Personal},
    event::{Event, VisitKind, Window},
    log::{Class, Subject, Writer},
    order::Rule,
    standard::shipped,
    sync::Company,
};
use doorstep_server::{
    Database, DiskKeyFile, Failure, Opened, Parts, Problem, Server, Settings,
    rules::{
        self, AccountInput, AppointInput, AssignInput, CancelInput, CodeInput, ConflictView,
        Context, CustomerInput, DecideInput, DeviceView, DistrictChanged, DistrictInput, Enrolment,
        EraseInput, ErasePhotosInput, HeldView, OrderInput, OrderView, PersonInput, PremisesInput,
        Release, ReleaseInput, RevokeInput, StandingInput, Taken,
    },
    store::{Account, HeldRow, RevokeReason, Role, Stored, Tx},
};

use crate::{Counter, Directory, SetClock, id};

/// The office and its server.
pub struct Office {
    server: Arc<Server>,
    he: String,
    lin: String,
}

const WORKS: &str = "the office of a test can do what it does";

impl Office {
    /// A server with He, Lin, Mei and Wu, the shipped repair standard and price list, and Mrs
    /// Chan's premises.
    pub fn new(directory: &Directory, clock: &SetClock) -> Office {
        let Opened { server, bootstrap } = open(directory, clock, "the server");
        let mut office = Office { server, he: String::new(), lin: String::new() };
        office.he = office.account("He", Role::Supervisor, bootstrap);
        office.lin = office.account("Lin", Role::Dispatcher, None);
        for (name, badge) in [("Mei", "0417"), ("Wu", "0233")] {
            let name_kept = Personal::new(name);
            let person = PersonInput { id: Some(id(name)), name: name_kept, badge: badge.into() };
            office.by_he(|tx, ctx, _| rules::add_person(tx, ctx, &person)).expect(WORKS);
        }
        let repair = shipped("repair").expect("the repair standard ships");
        office.publish("standard/gz-repair", repair).expect(WORKS);
        office.publish("price-list", doorstep::money::PriceList::example_text()).expect(WORKS);
        let premises = PremisesInput {
            id: Some(id("Flat 1203")),
            address: "Flat 1203, 8 Harbour Street".to_owned(),
            building: "8 Harbour Street".to_owned(),
            stair: None,
            floor: 12,
            flat: Some("1203".to_owned()),
            under_renovation: false,
            user: None,
        };
        office.by_lin(|tx, ctx, _| rules::add_premises(tx, ctx, &premises)).expect(WORKS);
        office
    }

    /// Stops the server and starts it again from its files.
    pub fn restart(&mut self, directory: &Directory, clock: &SetClock) {
        self.server = open(directory, clock, "the server, again").server;
    }

    /// Starts it again, and lets a device send so many bytes of photos a day.
    pub fn restart_with_quota(&mut self, directory: &Directory, clock: &SetClock, bytes: u64) {
        let settings = Settings { photo_quota_bytes: bytes, ..Settings::default() };
        self.server = open_with(directory, clock, "the server, again", settings).server;
    }

    /// The server's database was restored from a backup: it begins a new epoch.
    pub fn begin_epoch(&self) -> u64 {
        self.server.begin_epoch().expect(WORKS)
    }

    /// Its epoch.
    pub fn epoch(&self) -> u64 {
        self.server.run(|_, ctx| Ok(ctx.epoch)).expect(WORKS)
    }

    /// A second office that knows all this one knows, in files of its own: what would have come of
    /// it, had other packets arrived.
    pub fn copied(&self, from: &Directory, to: &Directory, clock: &SetClock) -> Office {
        for file in std::fs::read_dir(from.path()).expect(WORKS).flatten() {
            let name = file.file_name();
            let ours = name.to_string_lossy();
            if ours.starts_with("server.db") || ours == "company.key" {
                std::fs::copy(file.path(), to.path().join(&name)).expect(WORKS);
            }
        }
        let server = open(to, clock, "the copied server").server;
        Office { server, he: self.he.clone(), lin: self.lin.clone() }
    }

    fn account(&self, name: &str, role: Role, bootstrap: Option<String>) -> String {
        let input = AccountInput {
            person: Some(id(name)),
            name: Personal::new(name),
            badge: String::new(),
            role,
            bootstrap,
        };
        let token = (!self.he.is_empty()).then_some(self.he.as_str());
        let made = self.server.run(|tx, ctx| rules::add_account(tx, ctx, token, &input));
        made.expect(WORKS).token
    }

    fn run<T>(
        &self,
        token: &str,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        self.server.run(|tx, ctx| {
            let account = rules::authorise(tx, Some(token), Role::Dispatcher)?;
            rule(tx, ctx, &account)
        })
    }

    fn by_he<T>(
        &self,
        rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        self.run(&self.he, rule)
    }

    fn by_lin<T>(
        &self,
        rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        self.run(&self.lin, rule)
    }

    /// The key that checks everything the company signs.
    pub fn company_key(&self) -> [u8; 32] {
        self.server.company_key()
    }

    /// Somebody else works here, too.
    pub fn person(&self, name: &str) {
        let kept = Personal::new(name);
        let person = PersonInput { id: Some(id(name)), name: kept, badge: format!("of {name}") };
        self.by_he(|tx, ctx, _| rules::add_person(tx, ctx, &person)).expect(WORKS);
    }

    /// Every series against the orders.
    pub fn reconciliation(&self) -> Vec<rules::SeriesReport> {
        self.by_he(|tx, _, _| rules::reconcile(tx)).expect(WORKS)
    }

    /// Publishes standing data.
    pub fn publish(&self, key: &str, text: &str) -> Result<(), Problem> {
        let input = StandingInput { key: key.to_owned(), text: text.to_owned() };
        self.by_he(|tx, ctx, _| rules::publish(tx, ctx, &input)).map(|_| ())
    }

    /// A fresh enrolment code for this person.
    pub fn code(&self, person: &str) -> String {
        let input = CodeInput { person: id(person), receipts: None };
        self.by_lin(|tx, ctx, _| rules::add_code(tx, ctx, &input)).expect(WORKS).code
    }

    /// Takes an enrolment packet, as the route does.
    pub fn enrol(&self, packet: &[u8]) -> Result<Vec<u8>, Problem> {
        match self.server.run(|tx, ctx| rules::enrol(tx, ctx, packet))? {
            Enrolment::Enrolled(answer) => Ok(answer),
            Enrolment::Refused(problem) => Err(problem),
        }
    }

    /// Takes an exchange packet, as the route does.
    pub fn exchange(&self, packet: &[u8]) -> Result<Vec<u8>, Problem> {
        self.server.run(|tx, ctx| rules::exchange(tx, ctx, packet))
    }

    /// Opens a repair for Mrs Chan under this number; its id is [`id`] of the number.
    pub fn open(&self, number: &str) -> Id {
        self.open_order(&Office::repair_for_mrs_chan(number))
    }

    /// Opens an order; its id is [`id`] of the number.
    pub fn open_order(&self, input: &OrderInput) -> Id {
        self.by_lin(|tx, ctx, by| rules::open_order(tx, ctx, by, input)).expect(WORKS)
    }

    /// Keeps premises; their id is [`id`] of the address.
    pub fn add_premises(&self, input: PremisesInput) -> Id {
        self.add_premises_as(PremisesInput { id: Some(id(&input.address)), ..input })
    }

    /// Keeps premises under the id they carry.
    pub fn add_premises_as(&self, premises: PremisesInput) -> Id {
        self.by_lin(|tx, ctx, _| rules::add_premises(tx, ctx, &premises)).expect(WORKS)
    }

    /// Keeps what changed in the district.
    pub fn change_district(&self, input: &DistrictInput) -> Result<DistrictChanged, Problem> {
        self.by_lin(|tx, ctx, _| rules::change_district(tx, ctx, input))
    }

    /// A time is agreed with the customer, or called off.
    pub fn appoint(&self, order: Id, window: Option<Window>) -> Result<(), Problem> {
        let input = AppointInput { action: None, window };
        self.by_lin(|tx, ctx, by| rules::appoint(tx, ctx, by, order, &input))
    }

    /// What the office writes to have something mended at Mrs Chan's.
    pub fn repair_for_mrs_chan(number: &str) -> OrderInput {
        OrderInput {
            action: None,
            id: Some(id(number)),
            kind: VisitKind::Repair,
            premises: id("Flat 1203"),
            number: number.to_owned(),
            standard: "gz-repair".to_owned(),
            emergency: false,
            due: None,
            promises: Vec::new(),
            received: None,
            customer: CustomerInput {
                name: Personal::new("Mrs Chan"),
                phone: Some(Personal::new("5550123")),
                ..CustomerInput::default()
            },
        }
    }

    /// Gives an order to somebody.
    pub fn assign(&self, order: Id, person: &str) -> Result<(), Problem> {
        let input = AssignInput { action: None, to: id(person) };
        self.by_lin(|tx, ctx, by| rules::assign(tx, ctx, by, order, &input))
    }

    /// Cancels an order.
    pub fn cancel(&self, order: Id) -> Result<(), Problem> {
        let input = CancelInput { action: None, reason: "the customer rang".to_owned() };
        self.by_lin(|tx, ctx, by| rules::cancel(tx, ctx, by, order, &input))
    }

    /// He decides a conflict.
    pub fn decide(
        &self,
        order: Id,
        rule: Rule,
        conflict: Hash,
        choice: &str,
    ) -> Result<(), Problem> {
        let input = DecideInput {
            action: None,
            conflict,
            rule: rule.id().to_owned(),
            choice: choice.to_owned(),
        };
        self.by_he(|tx, ctx, by| rules::decide(tx, ctx, by, order, &input))
    }

    /// He writes down that the customer asks to be forgotten, the record of the work too.
    pub fn erase(&self, order: Id) -> Result<(), Problem> {
        let input = EraseInput { action: None, service: true };
        self.by_he(|tx, ctx, by| rules::erase(tx, ctx, by, order, &input))
    }

    /// Removes these photos of an order; all of it where none is named.
    pub fn erase_photos(&self, order: Id, photos: &[Hash]) -> Result<(), Problem> {
        let input = ErasePhotosInput { action: None, photos: photos.to_vec() };
        self.by_he(|tx, ctx, by| rules::erase_photos(tx, ctx, by, order, &input))
    }

    /// The classes of a subject whose keys the server has.
    pub fn keys_of(&self, subject: &Subject) -> Vec<Class> {
        let keys = self.server.run(|tx, _| Ok(tx.keys(subject)?));
        keys.expect(WORKS).into_iter().map(|(class, _)| class).collect()
    }

    /// The keys of a subject that the server has.
    pub fn key_bytes(&self, subject: &Subject) -> Vec<(Class, [u8; 32])> {
        let keys = self.server.run(|tx, _| Ok(tx.keys(subject)?)).expect(WORKS);
        keys.into_iter().map(|(class, key)| (class, *key.as_bytes())).collect()
    }

    /// The order as the server sees it.
    pub fn order(&self, order: Id) -> OrderView {
        self.server.run(|tx, _| rules::order(tx, order)).expect(WORKS)
    }

    /// All conflicts, open and decided.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.server.run(|tx, _| rules::conflicts(tx)).expect(WORKS)
    }

    /// The action of every event that the server holds of a device.
    pub fn actions_of(&self, device: Id) -> Vec<Id> {
        let read = self.server.run(|tx, _| {
            let mut actions = Vec::new();
            for row in tx.streams_by(&Writer::Device(device))? {
                for stored in tx.events(&row.stream, 1, row.head.seq)? {
                    let event = Event::decode(&stored.bytes).expect("the gate lets only events in");
                    actions.push(event.action);
                }
            }
            Ok(actions)
        });
        read.expect(WORKS)
    }

    /// What the server keeps of a device's own streams.
    pub fn stored(&self, device: Id) -> Stored {
        self.server.run(|tx, _| Ok(tx.stored(device)?)).expect(WORKS)
    }

    /// All devices.
    pub fn devices(&self) -> Vec<DeviceView> {
        self.server.run(|tx, ctx| rules::devices(tx, ctx)).expect(WORKS)
    }

    /// Outcomes that a device has not confirmed.
    pub fn undelivered(&self, device: Id) -> usize {
        self.server.run(|tx, _| Ok(tx.outcomes(device)?.len())).expect(WORKS)
    }

    /// He revokes a device.
    pub fn revoke(&self, device: Id, reason: RevokeReason) -> Result<(), Problem> {
        let input = RevokeInput { reason, effective: None };
        self.by_he(|tx, ctx, _| rules::revoke(tx, ctx, device, &input))
    }

    /// He decides about something held back.
    pub fn release(&self, held: Id, choice: Release) -> Result<(), Problem> {
        let input = ReleaseInput { choice };
        self.by_he(|tx, ctx, by| rules::release(tx, ctx, by, held, &input))
    }

    /// One thing held back, opened.
    pub fn held_view(&self, held: Id) -> HeldView {
        self.server.run(|tx, _| rules::held_view(tx, held)).expect(WORKS)
    }

    /// A phone's part of a photo.
    pub fn photo_part(&self, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        match self.server.run(|tx, ctx| rules::take_part(tx, ctx, bytes))? {
            Taken::Kept(kept) => Ok(kept),
            Taken::Refused(problem) => Err(problem),
        }
    }

    /// A photo of an order, as the office sees it.
    pub fn photo(&self, order: Id, address: &Hash) -> Result<Vec<u8>, Problem> {
        self.server.run(|tx, _| rules::photo(tx, order, address))
    }

    /// Everything held back.
    pub fn held(&self) -> Vec<HeldRow> {
        self.server.run(|tx, _| rules::held(tx)).expect(WORKS)
    }
}

fn open(directory: &Directory, clock: &SetClock, entropy: &str) -> Opened {
    open_with(directory, clock, entropy, Settings::default())
}

fn open_with(directory: &Directory, clock: &SetClock, entropy: &str, settings: Settings) -> Opened {
    let company =
        Company { name: "Harbour Gas".into(), licence: "L-77".into(), hotline: "96777".into() };
    let opened = Server::open(Parts {
        database: Database::File(&directory.file("server.db")),
        keys: &DiskKeyFile::new(directory.file("company.key")),
        clock: Arc::new(clock.clone()),
        entropy: Box::new(Counter::new(entropy)),
        settings: Settings { company, district: "harbour".into(), ..settings },
    });
    opened.unwrap_or_else(|error| panic!("the server opens: {error}"))
}
