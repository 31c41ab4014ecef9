//! The world: a server, phones, a network and one clock, all in one thread; and how steps change it.

use std::collections::BTreeMap;

use doorstep::{
    base::{Id, Personal},
    engine::{ActError, Action, LineWanted},
    money::PaymentMethod,
    sync::{Next, Trouble},
};
use doorstep_fault_vfs::{Fault, Lasting};
use doorstep_server::{Clock, ProblemKind, rules, rules::DecideInput};
use doorstep_tests::{NOON, SetClock, cny, id, knock};

use crate::{
    book::{Book, Confirmed},
    history::{Deed, DiskFault, Fate, History, Step, What},
    network::{Content, Network, PORTAL, cut, spoil},
    office::{self, Called, NoAnswer, Office},
    phone::Phone,
    report::{Figures, Violation, violated},
};

/// Requests that one phone may make at one instant before it counts as a hot loop.
const AT_ONCE: usize = 40;
/// Old packets kept to be sent again.
const KEPT: usize = 4;

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
            What::Decide { nth, choice } => self.decide(*nth, *choice),
            What::Republish => told(self.office.republish()),
            What::Revoke { device, lost } => self.revoke(*device, *lost),
            What::Work { device, deed } => self.work(n, *device, *deed)?,
            What::Sync { device, hurry, fates } => self.sync(*device, *hurry, fates)?,
            _ => self.trouble(n, &step.what),
        };
        self.book.trace.add(&format!("{n} {said}"));
        Ok(())
    }

    fn id(&self, n: u32, part: u32) -> Id {
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
                        let said = arrives(phone, &bytes);
                        phone.flight = phone.flight.filter(|flight| *flight != packet.flight);
                        self.book.trace.add(&said);
                    }
                }
            }
        }
        self.clock.pass(end.since(self.clock.now()).max(0));
    }

    fn decide(&mut self, nth: u32, choice: u32) -> String {
        let open = self.office.run(|tx, _| rules::conflicts(tx)).map(|conflicts| {
            conflicts.into_iter().filter(|view| view.conflict.is_open()).collect::<Vec<_>>()
        });
        let Ok(open) = open else { return "down".to_owned() };
        if open.is_empty() {
            return String::new();
        }
        let view = &open[nth as usize % open.len()];
        let choices = view.conflict.rule.choices();
        let input = DecideInput {
            action: None,
            conflict: view.conflict.key,
            rule: view.conflict.rule.id().to_owned(),
            choice: choices[choice as usize % choices.len()].id().to_owned(),
        };
        let order = view.order;
        told(self.office.by_he(|tx, ctx, by| rules::decide(tx, ctx, by, order, &input)))
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

    fn work(&mut self, n: u32, device: u32, deed: Deed) -> Result<String, Violation> {
        let Some(phone) = self.phones.get(&device) else { return Ok(String::new()) };
        let (visit, last, receipt) = (phone.visit, phone.last.clone(), phone.receipt);
        let mut taps: Vec<Action> = Vec::new();
        match deed {
            Deed::StartShift => taps.push(Action::StartShift { float: cny(10_000) }),
            Deed::CloseShift => taps.push(Action::CloseShift {
                counted: cny(10_000),
                pieces: Vec::new(),
                reason: Some(Personal::new("counted twice")),
            }),
            Deed::Start { order } => {
                taps.push(Action::StartVisit { order: office::order(self.seed, order) });
            }
            Deed::Void => taps.extend(receipt.map(|receipt| Action::VoidReceipt {
                receipt,
                copies_back: true,
                reason: Personal::new("one too many"),
            })),
            Deed::Again => {
                let Some((id, action, done)) = last else { return Ok(String::new()) };
                let said = self.tap(device, id, action)?;
                let now = self.phones.get(&device).and_then(|phone| phone.last.clone());
                if let (Some(before), Some((_, _, Some(after)))) = (done, now)
                    && before != after
                {
                    return Err(violated("I1", format!("the tap {id} gave two outcomes")));
                }
                return Ok(said);
            }
            _ => {
                let Some(visit) = visit else { return Ok(String::new()) };
                let line = |quantity| LineWanted { code: "battery".into(), quantity, free: None };
                match deed {
                    Deed::Knock => taps.push(knock(visit, 2)),
                    Deed::Sell { quantity } => {
                        let lines = vec![line(quantity)];
                        taps.push(Action::OfferQuote { visit, lines });
                        taps.push(Action::AcceptQuote { visit, version: 0 });
                        taps.push(Action::Charge { visit, line: line(quantity) });
                    }
                    Deed::Pay | Deed::PayPart => taps.push(Action::Pay {
                        visit,
                        tendered: if deed == Deed::Pay { cny(100_000) } else { cny(100) },
                        method: PaymentMethod::Cash,
                        part: (deed == Deed::PayPart).then(|| cny(100)),
                    }),
                    _ => taps.push(Action::Finish {
                        visit,
                        outcome: match deed {
                            Deed::Finish { done: true } => "completed",
                            _ => "no_access",
                        }
                        .to_owned(),
                    }),
                }
            }
        }
        let mut said = String::new();
        for (part, mut action) in (0..).zip(taps) {
            let id = self.id(n, part);
            if let Action::AcceptQuote { version, .. } = &mut action {
                let done =
                    self.phones.get(&device).and_then(|phone| phone.last.as_ref()?.2.clone());
                *version = done.and_then(|done| done.quote).unwrap_or(0);
            }
            said += &self.tap(device, id, action)?;
        }
        Ok(said)
    }

    /// One tap; keeps in the book what the person was told.
    fn tap(&mut self, device: u32, action_id: Id, action: Action) -> Result<String, Violation> {
        let Some(phone) = self.phones.get_mut(&device) else { return Ok(String::new()) };
        let reading = phone.reading();
        let (armed, number) = (phone.armed, phone.number);
        let engine = match phone.engine() {
            Ok(engine) => engine,
            Err(_) if armed => return Ok("closed".to_owned()),
            Err(error) => {
                return Err(violated("I0", format!("phone {number} does not open: {error}")));
            }
        };
        let two = matches!(action, Action::Pay { .. } | Action::VoidReceipt { .. });
        let events = if two { 2 } else { 1 };
        let writer = engine.device();
        let done = engine.act(action_id, &reading, action.clone());
        self.figures.taps += 1;
        self.book.tried.insert(action_id, events);
        let said = match &done {
            Ok(done) => {
                phone.in_doubt &= phone.armed;
                if let Some(device) = writer {
                    let what = format!("phone {number}: {action:?}");
                    let receipt = done.receipt.clone();
                    let confirmed = Confirmed { device, events, receipt, what };
                    self.book.confirmed.insert(action_id, confirmed);
                    self.figures.confirmed = self.book.confirmed.len() as u64;
                }
                if let Some(receipt) = &done.receipt {
                    phone.receipt = Some(receipt.counter);
                }
                match &action {
                    Action::StartVisit { .. } => phone.visit = done.visit,
                    Action::Finish { .. } => phone.visit = None,
                    _ => {}
                }
                "done ".to_owned()
            }
            Err(error @ ActError::Store(_)) if !armed => {
                return Err(violated("I0", format!("phone {number}, a sound disk: {error}")));
            }
            Err(error) => format!("{} ", error.kind()),
        };
        phone.last = Some((action_id, action, done.ok()));
        if phone.disk.is_off() {
            phone.boot_anew();
        }
        Ok(said)
    }

    /// A phone exchanges as its own machine tells it to, and the network does what it likes.
    fn sync(&mut self, device: u32, hurry: bool, fates: &[Fate]) -> Result<String, Violation> {
        let mut said = String::new();
        for at in 0.. {
            let Some(phone) = self.phones.get_mut(&device) else { return Ok(said) };
            let reading = phone.reading();
            let waited = phone.flight.take().is_some();
            let Ok(engine) = phone.engine() else { return Ok(said + "closed") };
            if waited {
                engine.sync_failed(reading.wall, Trouble::Offline, None);
            }
            if at == 0 && hurry {
                engine.hurry();
            }
            if !matches!(engine.sync_next(reading.wall), Ok(Next::Exchange)) {
                break;
            }
            if at == AT_ONCE {
                let why = format!("phone {device} asked {at} times at one instant");
                return Err(violated("I6", why));
            }
            let fate = fates.get(at).copied().unwrap_or(Fate::Good);
            said += &self.round_trip(device, fate);
            said += " ";
        }
        Ok(said)
    }

    /// One request and what becomes of it.
    pub(crate) fn round_trip(&mut self, device: u32, fate: Fate) -> String {
        let Some(phone) = self.phones.get_mut(&device) else { return String::new() };
        let reading = phone.reading();
        let Ok(engine) = phone.engine() else { return "closed".to_owned() };
        let packet = match engine.sync_request(&reading) {
            Ok(packet) => packet,
            Err(error) => {
                // Nothing was sent; the machine is told so that it waits.
                engine.sync_failed(reading.wall, Trouble::Offline, None);
                return error.kind().to_owned();
            }
        };
        self.figures.requests += 1;
        let old = phone.requests.clone();
        keep(&mut phone.requests, &packet.bytes);
        let answers = phone.answers.clone();
        let bytes = packet.bytes;
        let answer = match fate {
            Fate::Good => self.ask(&bytes),
            Fate::NoRequest => Err(Trouble::Offline),
            Fate::NoAnswer => self.ask(&bytes).and(Err(Trouble::Offline)),
            Fate::Twice => self.ask(&bytes).and_then(|_| self.ask(&bytes)),
            Fate::Late { there_ms, back_ms } => {
                let flight = self.network.number();
                phone.flight = Some(flight);
                let due = self.clock.now().plus_ms(there_ms);
                self.network.send(due, device, flight, Content::Request { bytes, back_ms });
                return "on its way".to_owned();
            }
            Fate::CutRequest(part) => self.ask(&cut(bytes, part)),
            Fate::CutAnswer(part) => self.ask(&bytes).map(|answer| cut(answer, part)),
            Fate::SpoilRequest(bit) => self.ask(&spoil(bytes, bit)),
            Fate::SpoilAnswer(bit) => self.ask(&bytes).map(|answer| spoil(answer, bit)),
            Fate::Portal => Ok(PORTAL.to_vec()),
            Fate::Replay(which) => {
                if let Some(old) = pick(&old, which) {
                    let _ = self.ask(old);
                }
                self.ask(&bytes)
            }
            Fate::OldAnswer(which) => {
                let answer = self.ask(&bytes);
                match pick(&answers, which) {
                    Some(old) => Ok(old.clone()),
                    None => answer,
                }
            }
        };
        let Some(phone) = self.phones.get_mut(&device) else { return String::new() };
        match answer {
            Ok(answer) => {
                keep(&mut phone.answers, &answer);
                arrives(phone, &answer)
            }
            Err(trouble) => {
                if let Some(engine) = phone.running() {
                    engine.sync_failed(reading.wall, trouble, None);
                }
                format!("{trouble:?}")
            }
        }
    }

    fn ask(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.office.exchange(bytes).map_err(|no| match no {
            NoAnswer::Down(_) => Trouble::Offline,
            NoAnswer::Refused(problem) => match problem.kind {
                ProblemKind::Unauthorised | ProblemKind::Forbidden => Trouble::Refused,
                ProblemKind::Busy(_) | ProblemKind::TooMany(_) => Trouble::ServerBusy,
                // What was torn on its way may arrive whole the next time.
                _ => Trouble::Offline,
            },
        })
    }

    /// Machines fail.
    fn trouble(&mut self, n: u32, what: &What) -> String {
        match what {
            What::ServerKill => self.office.kill(),
            What::ServerPower { after } => {
                self.office.armed = true;
                self.office.disk.power_loss_after(*after);
            }
            What::ServerFail { fault, after } => {
                self.office.armed = true;
                self.office.disk.fail_after(*after, disk_fault(*fault), Lasting::Once);
            }
            What::Clone { device, copy } => {
                if self.phones.contains_key(copy) {
                    return String::new();
                }
                let Some(phone) = self.phones.get_mut(device) else { return String::new() };
                let Some(id) = phone.engine().ok().and_then(|engine| engine.device()) else {
                    return String::new();
                };
                let copied = phone.copied(*copy);
                self.phones.insert(*copy, copied);
                self.book.cloned.insert(id);
            }
            What::Poison { device } => {
                let Some(phone) = self.phones.get_mut(device) else { return String::new() };
                let id = phone.engine().ok().and_then(|engine| engine.device());
                if let (Some(id), Ok(())) = (id, phone.poison(n)) {
                    self.book.poisoned.insert(id);
                }
                if phone.disk.is_off() {
                    phone.boot_anew();
                }
            }
            What::Kill { device }
            | What::Power { device, .. }
            | What::Fail { device, .. }
            | What::Heal { device }
            | What::SetClock { device, .. }
            | What::Reboot { device } => {
                if let Some(phone) = self.phones.get_mut(device) {
                    phone_trouble(phone, what);
                }
            }
            _ => {}
        }
        String::new()
    }
}

fn phone_trouble(phone: &mut Phone, what: &What) {
    match what {
        What::Kill { .. } => phone.kill(),
        What::Reboot { .. } => phone.boot_anew(),
        What::Heal { .. } => phone.heal(),
        What::SetClock { off_ms, .. } => phone.off_ms = *off_ms,
        // A sync that failed and a power loss before anything else was written may cost what was
        // confirmed: the core says so, and no program can do better on such a disk.
        What::Power { after, .. } if !phone.in_doubt => {
            phone.armed = true;
            phone.disk.power_loss_after(*after);
        }
        What::Fail { fault, after, lasting, .. } => {
            if *fault == DiskFault::Sync {
                phone.heal();
                phone.in_doubt = true;
            }
            phone.armed = true;
            let lasting = if *lasting { Lasting::UntilHealed } else { Lasting::Once };
            phone.disk.fail_after(*after, disk_fault(*fault), lasting);
        }
        _ => {}
    }
}

/// An answer reaches a phone.
fn arrives(phone: &mut Phone, bytes: &[u8]) -> String {
    let reading = phone.reading();
    let Some(engine) = phone.running() else { return "nobody".to_owned() };
    let said = match engine.sync_answer(&reading, bytes) {
        Ok(taken) => format!(
            "sent {} received {} outcomes {} refused {} more {}",
            taken.sent, taken.received, taken.outcomes, taken.refused, taken.more
        ),
        Err(doorstep::engine::ExchangeError::Act(error)) => error.kind().to_owned(),
        Err(doorstep::engine::ExchangeError::NothingAsked) => "nothing asked".to_owned(),
        Err(doorstep::engine::ExchangeError::NotOurServer(_)) => "not our server".to_owned(),
    };
    if phone.disk.is_off() {
        phone.boot_anew();
    }
    said
}

fn disk_fault(fault: DiskFault) -> Fault {
    match fault {
        DiskFault::Full => Fault::Full,
        DiskFault::Write => Fault::WriteError,
        DiskFault::Sync => Fault::SyncError,
    }
}

fn keep(kept: &mut Vec<Vec<u8>>, bytes: &[u8]) {
    kept.push(bytes.to_vec());
    if kept.len() > KEPT {
        kept.remove(0);
    }
}

fn pick(kept: &[Vec<u8>], which: u32) -> Option<&Vec<u8>> {
    kept.get(which as usize % kept.len().max(1))
}

fn told<T>(called: Called<T>) -> String {
    match called {
        Ok(_) => "done ".to_owned(),
        Err(NoAnswer::Down(_)) => "down ".to_owned(),
        Err(NoAnswer::Refused(problem)) => format!("{} ", problem.code),
    }
}
