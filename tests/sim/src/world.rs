//! The world: a server, phones, a network and one clock, all in one thread; and how steps change it.

use std::collections::BTreeMap;

use doorstep::base::Id;
use doorstep_server::Clock;
use doorstep_tests::{NOON, SetClock, id};

use crate::{
    book::Book,
    exchange::arrives,
    history::{History, Step, What},
    network::{Content, Network},
    office::{Called, NoAnswer, Office},
    phone::Phone,
    report::{Figures, Violation, violated},
};

/// Everything.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) clock: SetClock,
    pub(crate) office: Office,
    pub(crate) phones: BTreeMap<u32, Phone>,
    pub(crate) network: Network,
    pub(crate) book: Book,
    pub(crate) figures: Figures,
}

impl World {
    /// A morning on which everybody has a phone.
    pub(crate) fn new(history: &History) -> Result<World, Violation> {
        let clock = SetClock::new(NOON);
        let office = Office::new(history.seed, &clock, history.devices)
            .map_err(|error| violated("setup", error))?;
        let mut world = World {
            seed: history.seed,
            clock,
            office,
            phones: BTreeMap::new(),
            network: Network::default(),
            book: Book::default(),
            figures: Figures::default(),
        };
        for number in 0..history.devices {
            world.enrol(number).map_err(|error| violated("setup", error))?;
        }
        Ok(world)
    }

    fn enrol(&mut self, number: u32) -> Result<(), String> {
        let mut phone = Phone::new(self.seed, number, &self.clock);
        let code = self.office.code(number).map_err(|no| format!("{no:?}"))?;
        let engine = phone.engine()?;
        let packet = engine.enrol_request(&code).map_err(|error| error.to_string())?;
        let answer = self.office.enrol(&packet).map_err(|no| format!("{no:?}"))?;
        let company = self.office.company_key();
        engine.finish_enrol(&answer, company.as_ref()).map_err(|error| error.to_string())?;
        self.phones.insert(number, phone);
        Ok(())
    }

    /// Takes one step.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Violation> {
        let n = step.n;
        let said = match &step.what {
            what if what.is_office() && !self.office.may_write() => "waits".to_owned(),
            What::Pass { ms } => {
                self.pass(*ms);
                String::new()
            }
            What::Open { order, to } => {
                let opened = self.office.open_order(*order);
                let given = self.office.assign(*order, *to, self.id(n, 1));
                told(opened) + &told(given)
            }
            What::Assign { order, to } => told(self.office.assign(*order, *to, self.id(n, 0))),
            What::Cancel { order } => told(self.office.cancel(*order, self.id(n, 0))),
            What::Decide { .. }
            | What::Release { .. }
            | What::AllowRefund { .. }
            | What::JudgeClaim { .. }
            | What::PayAtDesk { .. }
            | What::Erase { .. } => self.desk(n, &step.what),
            What::Backup => match self.office.back_up() {
                Ok(said) => said.to_owned(),
                Err(why) => return Err(violated("I4", format!("a backup: {why}"))),
            },
            What::Restore { told } => self.restore(*told),
            What::Republish => told(self.office.republish()),
            What::Revoke { device, lost } => self.revoke(*device, *lost),
            What::Work { device, deed } => self.work(n, *device, *deed)?,
            What::Sync { device, hurry, fates } => self.sync(*device, *hurry, fates)?,
            _ => self.trouble(n, &step.what),
        };
        self.book.trace.add(&format!("{n} {said}"));
        Ok(())
    }

    pub(crate) fn id(&self, n: u32, part: u32) -> Id {
        id(&format!("{} step {n} part {part}", self.seed))
    }

    /// Time passes; what is on its way arrives in its order.
    pub(crate) fn pass(&mut self, ms: i64) {
        let end = self.clock.now().plus_ms(ms);
        while let Some(packet) = self.network.next(end) {
            self.clock.pass(packet.due.since(self.clock.now()).max(0));
            match packet.content {
                Content::Request { bytes, back_ms } => {
                    if let Ok(answer) = self.office.exchange(&bytes) {
                        let due = self.clock.now().plus_ms(back_ms);
                        let content = Content::Answer(answer);
                        self.network.send(due, packet.phone, packet.flight, content);
                    }
                }
                Content::Answer(bytes) => {
                    if let Some(phone) = self.phones.get_mut(&packet.phone) {
                        let said = arrives(phone, &bytes, &mut self.figures);
                        phone.flight = phone.flight.filter(|flight| *flight != packet.flight);
                        self.book.trace.add(&said);
                    }
                }
            }
        }
        self.clock.pass(end.since(self.clock.now()).max(0));
    }

    fn restore(&mut self, says_so: bool) -> String {
        if !self.office.restore() {
            return String::new();
        }
        self.book.restores += 1;
        self.figures.restores += 1;
        // What was on its way to the lost server may still arrive at this one.
        if says_so {
            return told(self.office.begin_epoch());
        }
        self.book.untold = true;
        self.office.say_nothing();
        "back".to_owned()
    }

    fn revoke(&mut self, device: u32, lost: bool) -> String {
        let Some(phone) = self.phones.get_mut(&device) else { return String::new() };
        let Some(id) = phone.engine().ok().and_then(|engine| engine.device()) else {
            return String::new();
        };
        // The office may have done it even where its answer is not heard.
        self.book.revoked.insert(id);
        told(self.office.revoke(id, lost))
    }
}

pub(crate) fn told<T>(called: Called<T>) -> String {
    match called {
        Ok(_) => "done ".to_owned(),
        Err(NoAnswer::Down(_)) => "down ".to_owned(),
        Err(NoAnswer::Refused(problem)) => format!("{} ", problem.code),
    }
}
