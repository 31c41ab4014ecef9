//! A history: everything that happens in one simulated world, step by step, written down.
//!
//! It is made from a seed, or read from a file that a failing run wrote. Steps may be left out and
//! the rest still means the same: each carries its own number, from which the ids of what it does
//! are made, and a step that finds nothing to do does nothing.

use serde::{Deserialize, Serialize};

/// How bad the world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Faults {
    /// Everything works; people still work at the same time without knowing of each other.
    None,
    /// Bad networks, killed apps, full and failing disks, clocks that are set, restarts.
    Bad,
    /// All of that, power loss, clones, lost phones, and bytes that are spoilt.
    Cruel,
}

impl Faults {
    /// All of them, mildest first.
    pub const ALL: [Faults; 3] = [Faults::None, Faults::Bad, Faults::Cruel];
}

/// What happens in one world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The seed it was made from; ids and losses come from it too.
    pub seed: u64,
    /// Phones at the start.
    pub devices: u32,
    /// Days.
    pub days: u32,
    /// How bad.
    pub faults: Faults,
    /// Step by step.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number in the history as first made.
    pub n: u32,
    /// What happens.
    #[serde(flatten)]
    pub what: What,
}

/// What happens in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum What {
    /// Time passes, and what is on its way arrives.
    Pass {
        /// How much.
        ms: i64,
    },
    /// The office opens an order and gives it to somebody.
    Open {
        /// The order.
        order: u32,
        /// To whose person: the one of this phone.
        to: u32,
    },
    /// The office gives an order to somebody else.
    Assign {
        /// The order.
        order: u32,
        /// To whom.
        to: u32,
    },
    /// The office cancels an order.
    Cancel {
        /// The order.
        order: u32,
    },
    /// He decides a conflict, if one is open.
    Decide {
        /// Which of the open ones, counted round.
        nth: u32,
        /// Which of its choices, counted round.
        choice: u32,
    },
    /// He decides about something that is held back, if anything is.
    Release {
        /// Which of it, counted round.
        nth: u32,
        /// Which of its choices, counted round.
        choice: u32,
    },
    /// He allows money of a payment to be given back.
    AllowRefund {
        /// Which of all payments that still count, counted round.
        nth: u32,
        /// A part of it; otherwise all.
        part: bool,
    },
    /// He takes down what the provider says of a claimed payment.
    JudgeClaim {
        /// Which of all claimed payments, counted round.
        nth: u32,
        /// The money is there; otherwise nobody ever paid it.
        settled: bool,
    },
    /// A customer pays at the desk what is due as far as the office knows.
    PayAtDesk {
        /// For which of all visits with anything due, counted round.
        nth: u32,
    },
    /// He writes down that the customer of an order asks to be forgotten.
    Erase {
        /// The order.
        order: u32,
        /// The record of the work goes, too.
        service: bool,
    },
    /// The server is backed up, and the backup looked at.
    Backup,
    /// The server's disk is lost: it goes on from the last backup, if there is one.
    Restore {
        /// The operator says so; otherwise it finds out by itself.
        told: bool,
    },
    /// The standard is published in its next version.
    Republish,
    /// He revokes a device.
    Revoke {
        /// The phone.
        device: u32,
        /// Lost, or else its person left.
        lost: bool,
    },
    /// A person does something with a phone.
    Work {
        /// The phone.
        device: u32,
        /// What.
        deed: Deed,
    },
    /// A phone exchanges for as long as its own machine tells it to.
    Sync {
        /// The phone.
        device: u32,
        /// The person pulled to refresh.
        hurry: bool,
        /// What the network does to each request in turn; those behind arrive.
        fates: Vec<Fate>,
    },
    /// An app is killed.
    Kill {
        /// The phone.
        device: u32,
    },
    /// A phone's power goes during the change of its disk that comes after so many.
    Power {
        /// The phone.
        device: u32,
        /// Changes that still work.
        after: u64,
    },
    /// A phone's disk fails.
    Fail {
        /// The phone.
        device: u32,
        /// How.
        fault: DiskFault,
        /// Chances that still work.
        after: u64,
        /// Until it is healed, or else once.
        lasting: bool,
    },
    /// A phone's disk works again.
    Heal {
        /// The phone.
        device: u32,
    },
    /// Somebody sets a phone's clock.
    SetClock {
        /// The phone.
        device: u32,
        /// Off by this from now on.
        off_ms: i64,
    },
    /// A phone is switched off and on.
    Reboot {
        /// The phone.
        device: u32,
    },
    /// A phone's files are copied to another, and both go on.
    Clone {
        /// The phone.
        device: u32,
        /// The copy's number.
        copy: u32,
    },
    /// Garbage gets into a phone's file as a stream of its own.
    Poison {
        /// The phone.
        device: u32,
    },
    /// The server process ends; it starts again when it is next needed.
    ServerKill,
    /// The server's power goes during the change of its disk that comes after so many.
    ServerPower {
        /// Changes that still work.
        after: u64,
    },
    /// The server's disk fails once.
    ServerFail {
        /// How.
        fault: DiskFault,
        /// Chances that still work.
        after: u64,
    },
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskFault {
    /// No room.
    Full,
    /// A write fails.
    Write,
    /// A sync fails.
    Sync,
}

/// What a person does with a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Takes it up for the day.
    StartShift,
    /// Counts the cash.
    CloseShift,
    /// Begins a visit.
    Start {
        /// To this order.
        order: u32,
    },
    /// Knocks.
    Knock,
    /// Quotes, has it accepted, and charges.
    Sell {
        /// So many.
        quantity: i64,
    },
    /// Takes all that is due.
    Pay,
    /// Takes a part of what is due.
    PayPart,
    /// Claims all that is due by the customer's wallet: no provider has said anything yet.
    Claim,
    /// Makes the receipt that this phone gave last void.
    Void,
    /// Gives back what the office allowed, as far as this phone knows.
    Refund,
    /// Takes a photo.
    Photo {
        /// How large.
        bytes: u32,
    },
    /// Ends the visit.
    Finish {
        /// The work was done; otherwise nobody opened.
        done: bool,
    },
    /// Taps once more what was tapped last, as a nervous finger or a restarted app does.
    Again,
}

/// What the network does to one request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Both arrive.
    Good,
    /// The request is lost.
    NoRequest,
    /// The answer is lost.
    NoAnswer,
    /// The request arrives twice; the second answer comes back.
    Twice,
    /// Both arrive, late: other things happen first.
    Late {
        /// On the way there.
        there_ms: i64,
        /// On the way back.
        back_ms: i64,
    },
    /// The request is cut off at this part in a thousand.
    CutRequest(u32),
    /// The answer is.
    CutAnswer(u32),
    /// A bit of the request is turned over.
    SpoilRequest(u32),
    /// A bit of the answer is.
    SpoilAnswer(u32),
    /// A portal answers in the server's place.
    Portal,
    /// An earlier request arrives once more before this one.
    Replay(u32),
    /// An earlier answer comes in the place of this one.
    OldAnswer(u32),
}

impl What {
    /// Whether somebody at the office does it, and writes.
    pub(crate) fn is_office(&self) -> bool {
        matches!(
            self,
            What::Open { .. }
                | What::Assign { .. }
                | What::Cancel { .. }
                | What::Decide { .. }
                | What::Release { .. }
                | What::AllowRefund { .. }
                | What::JudgeClaim { .. }
                | What::PayAtDesk { .. }
                | What::Erase { .. }
                | What::Republish
                | What::Revoke { .. }
        )
    }
}

impl History {
    /// Reads a history as it is printed.
    ///
    /// # Errors
    /// What is wrong and where, for the person who wrote the file.
    pub fn parse(text: &str) -> Result<History, String> {
        serde_json::from_str(text).map_err(|error| format!("this is no history: {error}"))
    }
}

/// JSON, a step a line.
impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        fn json(value: &impl Serialize) -> Result<String, std::fmt::Error> {
            serde_json::to_string(value).map_err(|_| std::fmt::Error)
        }
        let faults = json(&self.faults)?;
        let History { seed, devices, days, .. } = self;
        writeln!(f, "{{\"seed\": {seed}, \"devices\": {devices}, \"days\": {days},")?;
        writeln!(f, " \"faults\": {faults}, \"steps\": [")?;
        for (at, step) in self.steps.iter().enumerate() {
            let comma = if at + 1 == self.steps.len() { "" } else { "," };
            writeln!(f, "  {}{comma}", json(step)?)?;
        }
        writeln!(f, "]}}")
    }
}
