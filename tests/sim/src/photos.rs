//! Photos on their way, part by part.

use doorstep::{
    engine::{ExchangeError, PhotoNext},
    sync::Trouble,
};
use doorstep_server::ProblemKind;

use crate::{
    history::Fate,
    network::{PORTAL, cut, spoil},
    office::NoAnswer,
    report::{Violation, violated},
    world::World,
};

/// Parts that one phone may send at one instant before it counts as a hot loop.
const AT_ONCE: usize = 400;

/// Why a part came to nothing, and the server's code where it refused.
type Nothing = (Trouble, Option<&'static str>);

impl World {
    /// A phone sends photos until none is left or something is in the way, as its app does.
    pub(crate) fn send_photos(&mut self, device: u32, fates: &[Fate]) -> Result<String, Violation> {
        let mut said = String::new();
        for at in 0.. {
            let Some(phone) = self.phones.get_mut(&device) else { return Ok(said) };
            let Some(engine) = phone.running() else { return Ok(said) };
            let Ok(Some(packet)) = engine.photo_request() else { break };
            if at == AT_ONCE {
                let why = format!("phone {device} sent {at} parts of photos at one instant");
                return Err(violated("I6", why));
            }
            self.figures.photo_parts += 1;
            let answer =
                self.photo_part(packet.bytes, fates.get(at).copied().unwrap_or(Fate::Good));
            let (next, told) = self.photo_told(device, answer);
            said += &told;
            if next != PhotoNext::Again {
                break;
            }
        }
        if let Some(phone) = self.phones.get_mut(&device)
            && phone.disk.is_off()
        {
            phone.boot_anew();
        }
        Ok(said)
    }

    /// What a phone makes of the answer to a part.
    fn photo_told(&mut self, device: u32, answer: Result<Vec<u8>, Nothing>) -> (PhotoNext, String) {
        let Some(phone) = self.phones.get_mut(&device) else {
            return (PhotoNext::Stop, String::new());
        };
        let wall = phone.reading().wall;
        let Some(engine) = phone.running() else { return (PhotoNext::Stop, String::new()) };
        match answer {
            Ok(bytes) => match engine.photo_answer(wall, &bytes) {
                Ok(whole) => (PhotoNext::Again, format!("part {whole} ")),
                Err(ExchangeError::Act(error)) => (PhotoNext::Stop, format!("{} ", error.kind())),
                Err(_) => (PhotoNext::Stop, "not our server ".to_owned()),
            },
            Err((trouble, code)) => {
                let told = format!("{} ", code.unwrap_or("part lost"));
                match engine.photo_failed(wall, trouble, None, code) {
                    Ok(next) => (next, told),
                    Err(error) => (PhotoNext::Stop, format!("{} ", error.kind())),
                }
            }
        }
    }

    /// A part and its answer, as the network lets them be.
    fn photo_part(&mut self, bytes: Vec<u8>, fate: Fate) -> Result<Vec<u8>, Nothing> {
        let lost = Err((Trouble::Offline, None));
        match fate {
            Fate::NoRequest | Fate::Late { .. } => lost,
            Fate::NoAnswer => self.post_part(&bytes).and(lost),
            Fate::Twice | Fate::Replay(_) => {
                self.post_part(&bytes).and_then(|_| self.post_part(&bytes))
            }
            Fate::CutRequest(part) => self.post_part(&cut(bytes, part)),
            Fate::CutAnswer(part) => self.post_part(&bytes).map(|answer| cut(answer, part)),
            Fate::SpoilRequest(bit) => self.post_part(&spoil(bytes, bit)),
            Fate::SpoilAnswer(bit) => self.post_part(&bytes).map(|answer| spoil(answer, bit)),
            Fate::Portal => Ok(PORTAL.to_vec()),
            Fate::Good | Fate::OldAnswer(_) => self.post_part(&bytes),
        }
    }

    fn post_part(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Nothing> {
        self.office.photo_part(bytes).map_err(|no| match no {
            NoAnswer::Down(_) => (Trouble::Offline, None),
            NoAnswer::Refused(problem) => {
                let trouble = match problem.kind {
                    ProblemKind::Unauthorised | ProblemKind::Forbidden => Trouble::Refused,
                    ProblemKind::Busy(_) | ProblemKind::TooMany(_) => Trouble::ServerBusy,
                    // What was torn on its way may arrive whole the next time.
                    _ => Trouble::Offline,
                };
                (trouble, Some(problem.code))
            }
        })
    }
}
