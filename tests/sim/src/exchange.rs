//! Exchanges, and what the network does to them.

use doorstep::sync::{Next, Trouble};
use doorstep_server::ProblemKind;

use crate::{
    history::Fate,
    network::{Content, PORTAL, cut, spoil},
    office::NoAnswer,
    phone::Phone,
    report::{Figures, Violation, violated},
    world::World,
};
use doorstep_server::Clock;

/// Requests that one phone may make at one instant before it counts as a hot loop.
const AT_ONCE: usize = 40;
/// Old packets kept to be sent again.
const KEPT: usize = 4;

impl World {
    /// A phone exchanges as its own machine tells it to, and the network does what it likes.
    pub(crate) fn sync(
        &mut self,
        device: u32,
        hurry: bool,
        fates: &[Fate],
    ) -> Result<String, Violation> {
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
            said += &self.send_photos(device, fates.get(at + 1..).unwrap_or_default())?;
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
                arrives(phone, &answer, &mut self.figures)
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
}

/// An answer reaches a phone.
pub(crate) fn arrives(phone: &mut Phone, bytes: &[u8], figures: &mut Figures) -> String {
    let reading = phone.reading();
    let Some(engine) = phone.running() else { return "nobody".to_owned() };
    let said = match engine.sync_answer(&reading, bytes) {
        Ok(taken) => {
            figures.purged += taken.purged as u64;
            format!(
                "sent {} received {} outcomes {} refused {} purged {} more {}",
                taken.sent, taken.received, taken.outcomes, taken.refused, taken.purged, taken.more
            )
        }
        Err(doorstep::engine::ExchangeError::Act(error)) => error.kind().to_owned(),
        Err(doorstep::engine::ExchangeError::NothingAsked) => "nothing asked".to_owned(),
        Err(doorstep::engine::ExchangeError::NotOurServer(_)) => "not our server".to_owned(),
    };
    if phone.disk.is_off() {
        phone.boot_anew();
    }
    said
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
