//! The office: the real server's rules over a database on a disk that fails; He and Lin at it.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use doorstep::{
    base::{Id, Personal},
    event::VisitKind,
    sync::Company,
};
use doorstep_fault_vfs::FaultDisk;
use doorstep_server::{
    Database, Failure, KeyFile, Opened, Parts, Problem, ProblemKind, Server, Settings,
    rules::{
        self, AccountInput, AssignInput, CancelInput, CodeInput, Context, CustomerInput, Enrolment,
        OrderInput, PersonInput, PremisesInput, RevokeInput, StandingInput, Taken,
    },
    store::{Account, RevokeReason, Role, Tx},
};
use doorstep_tests::{Counter, SetClock, id};
use zeroize::Zeroizing;

/// Its database.
pub(crate) const FILE: &str = "server.db";

/// The office and its server.
pub(crate) struct Office {
    pub(crate) disk: FaultDisk,
    server: Option<Arc<Server>>,
    pub(crate) clock: SetClock,
    keys: Keys,
    pub(crate) seed: u64,
    pub(crate) openings: u64,
    he: String,
    lin: String,
    version: u32,
    /// What the last backup that was looked at holds.
    pub(crate) backup: Option<FaultDisk>,
    /// It was restored, in this epoch, and nobody knows.
    pub(crate) unaware: Option<u64>,
    /// A fault was armed on its disk and may strike yet.
    pub(crate) armed: bool,
}

/// The company's keys, which outlive the process and the disk.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<Option<Vec<u8>>>>);

impl KeyFile for Keys {
    fn load(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.clone().map(Zeroizing::new))
    }

    fn create(&self, secret: &[u8]) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.to_vec());
        Ok(())
    }
}

/// What a call to the server came to.
pub(crate) type Called<T> = Result<T, NoAnswer>;

/// Why a call brought nothing.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nobody is there.
    Down(String),
    /// The server said no.
    Refused(Problem),
}

impl Office {
    /// A server with He and Lin, `people` technicians, a standard and a price list, and one door.
    pub(crate) fn new(seed: u64, clock: &SetClock, people: u32) -> Result<Office, String> {
        let mut office = Office {
            disk: FaultDisk::new(seed),
            server: None,
            clock: clock.clone(),
            keys: Keys::default(),
            seed,
            openings: 0,
            he: String::new(),
            lin: String::new(),
            version: 0,
            backup: None,
            unaware: None,
            armed: false,
        };
        let opened = office.open()?;
        office.server = Some(opened.server);
        office.he = office.account("He", Role::Supervisor, opened.bootstrap)?;
        office.lin = office.account("Lin", Role::Dispatcher, None)?;
        for number in 0..people {
            let name = person(number);
            let input = PersonInput {
                id: Some(id(&name)),
                name: Personal::new(&name),
                badge: format!("{number:04}"),
            };
            office.by_he(|tx, ctx, _| rules::add_person(tx, ctx, &input)).map_err(told)?;
        }
        office.republish().map_err(told)?;
        let list = doorstep::money::PriceList::example_text().to_owned();
        office.publish("price-list", &list).map_err(told)?;
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
        office.by_lin(|tx, ctx, _| rules::add_premises(tx, ctx, &premises)).map_err(told)?;
        Ok(office)
    }

    fn open(&mut self) -> Result<Opened, String> {
        self.openings += 1;
        let company =
            Company { name: "Harbour Gas".into(), licence: "L-77".into(), hotline: "96777".into() };
        let parts = Parts {
            database: Database::FileOn(Path::new(FILE), self.disk.vfs_name()),
            keys: &self.keys,
            clock: Arc::new(self.clock.clone()),
            entropy: Box::new(Counter::new(&format!("{} server {}", self.seed, self.openings))),
            settings: Settings { company, district: "harbour".into(), ..Settings::default() },
        };
        Server::open(parts).map_err(|error| error.to_string())
    }

    fn account(
        &mut self,
        name: &str,
        role: Role,
        bootstrap: Option<String>,
    ) -> Result<String, String> {
        let input = AccountInput {
            person: Some(id(name)),
            name: Personal::new(name),
            badge: String::new(),
            role,
            bootstrap,
        };
        let token = Some(self.he.clone()).filter(|token| !token.is_empty());
        self.run(|tx, ctx| rules::add_account(tx, ctx, token.as_deref(), &input))
            .map(|made| made.token)
            .map_err(told)
    }

    /// Runs a rule; starts the server first if it is down.
    pub(crate) fn run<T>(
        &mut self,
        rule: impl FnMut(&mut dyn Tx, &mut Context<'_>) -> Result<T, Failure>,
    ) -> Called<T> {
        if self.server.is_none() {
            self.disk.power_on();
            self.server = Some(self.open().map_err(NoAnswer::Down)?.server);
        }
        let Some(server) = &self.server else { return Err(NoAnswer::Down(String::new())) };
        let done = server.run(rule);
        if self.disk.is_off() {
            // What it had to say at its own death is not heard.
            self.kill();
            return Err(NoAnswer::Down("the power went".to_owned()));
        }
        done.map_err(|problem| match problem.kind {
            ProblemKind::Internal => NoAnswer::Down(problem.message),
            _ => NoAnswer::Refused(problem),
        })
    }

    fn by<T>(
        &mut self,
        token: &str,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Called<T> {
        self.run(|tx, ctx| {
            let account = rules::authorise(tx, Some(token), Role::Dispatcher)?;
            rule(tx, ctx, &account)
        })
    }

    pub(crate) fn by_he<T>(
        &mut self,
        rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Called<T> {
        let token = self.he.clone();
        self.by(&token, rule)
    }

    pub(crate) fn by_lin<T>(
        &mut self,
        rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> Called<T> {
        let token = self.lin.clone();
        self.by(&token, rule)
    }

    /// The process ends.
    pub(crate) fn kill(&mut self) {
        self.server = None;
    }

    /// Its disk works from now on, and so does it.
    pub(crate) fn heal(&mut self) {
        self.armed = false;
        self.disk.heal();
        if self.disk.is_off() {
            self.kill();
        }
    }

    pub(crate) fn company_key(&self) -> Option<[u8; 32]> {
        self.server.as_ref().map(|server| server.company_key())
    }

    fn publish(&mut self, key: &str, text: &str) -> Called<()> {
        let input = StandingInput { key: key.to_owned(), text: text.to_owned() };
        self.by_he(|tx, ctx, _| rules::publish(tx, ctx, &input)).map(|_| ())
    }

    /// The standard's next version.
    pub(crate) fn republish(&mut self) -> Called<()> {
        self.version += 1;
        let text = include_str!("door.toml").replacen(
            "version = 1",
            &format!("version = {}", self.version),
            1,
        );
        self.publish("standard/sim-door", &text)
    }

    pub(crate) fn code(&mut self, person: u32) -> Called<String> {
        let input = CodeInput { person: id(&self::person(person)), receipts: None };
        self.by_lin(|tx, ctx, _| rules::add_code(tx, ctx, &input)).map(|code| code.code)
    }

    pub(crate) fn enrol(&mut self, packet: &[u8]) -> Called<Vec<u8>> {
        match self.run(|tx, ctx| rules::enrol(tx, ctx, packet))? {
            Enrolment::Enrolled(answer) => Ok(answer),
            Enrolment::Refused(problem) => Err(NoAnswer::Refused(problem)),
        }
    }

    pub(crate) fn exchange(&mut self, packet: &[u8]) -> Called<Vec<u8>> {
        self.run(|tx, ctx| rules::exchange(tx, ctx, packet))
    }

    /// A phone's part of a photo.
    pub(crate) fn photo_part(&mut self, bytes: &[u8]) -> Called<Vec<u8>> {
        match self.run(|tx, ctx| rules::take_part(tx, ctx, bytes))? {
            Taken::Kept(kept) => Ok(kept),
            Taken::Refused(problem) => Err(NoAnswer::Refused(problem)),
        }
    }

    pub(crate) fn open_order(&mut self, number: u32) -> Called<()> {
        let input = OrderInput {
            action: Some(id(&format!("{} opens {number}", self.seed))),
            id: Some(order(self.seed, number)),
            kind: VisitKind::Repair,
            premises: id("Flat 1203"),
            number: format!("R-{number}"),
            standard: "sim-door".to_owned(),
            emergency: number % 7 == 3,
            due: None,
            promises: Vec::new(),
            received: None,
            customer: CustomerInput { name: Personal::new("Mrs Chan"), ..CustomerInput::default() },
        };
        self.by_lin(|tx, ctx, by| rules::open_order(tx, ctx, by, &input)).map(|_| ())
    }

    pub(crate) fn assign(&mut self, number: u32, to: u32, action: Id) -> Called<()> {
        let input = AssignInput { action: Some(action), to: id(&person(to)) };
        let order = order(self.seed, number);
        self.by_lin(|tx, ctx, by| rules::assign(tx, ctx, by, order, &input))
    }

    pub(crate) fn cancel(&mut self, number: u32, action: Id) -> Called<()> {
        let reason = "the customer rang".to_owned();
        let input = CancelInput { action: Some(action), reason };
        let order = order(self.seed, number);
        self.by_lin(|tx, ctx, by| rules::cancel(tx, ctx, by, order, &input))
    }

    pub(crate) fn revoke(&mut self, device: Id, lost: bool) -> Called<()> {
        let reason = if lost { RevokeReason::Lost } else { RevokeReason::Left };
        let input = RevokeInput { reason, effective: None };
        self.by_he(|tx, ctx, _| rules::revoke(tx, ctx, device, &input))
    }
}

/// The name of the person with this number.
pub(crate) fn person(number: u32) -> String {
    format!("technician {number}")
}

/// The id of the order with this number.
pub(crate) fn order(seed: u64, number: u32) -> Id {
    id(&format!("{seed} order {number}"))
}

fn told(no: NoAnswer) -> String {
    match no {
        NoAnswer::Down(why) => why,
        NoAnswer::Refused(problem) => problem.message,
    }
}
