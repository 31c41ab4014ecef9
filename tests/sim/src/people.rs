//! What people, networks and machines do, made from a seed.

use fastrand::Rng;

use crate::{
    Faults,
    history::{Deed, DiskFault, Fate, History, Step, What},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Makes a history. The same arguments give the same one.
pub fn history(seed: u64, devices: u32, days: u32, faults: Faults) -> History {
    let mut people = People {
        rng: Rng::with_seed(seed ^ 0x0064_6f6f_7273_7465),
        devices,
        phones: devices,
        orders: 0,
        given: Vec::new(),
        faults,
        steps: Vec::new(),
    };
    for _ in 0..days {
        people.day();
    }
    History { seed, devices, days, faults, steps: people.steps }
}

struct People {
    rng: Rng,
    /// People, each with a phone.
    devices: u32,
    /// Phones, copies too.
    phones: u32,
    orders: u32,
    /// Orders and the people they were ever given to.
    given: Vec<(u32, u32)>,
    faults: Faults,
    steps: Vec<Step>,
}

impl People {
    fn add(&mut self, what: What) {
        let n = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        self.steps.push(Step { n, what });
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.rng.u32(0..n) == 0
    }

    fn phone(&mut self) -> u32 {
        self.rng.u32(0..self.phones)
    }

    fn person(&mut self) -> u32 {
        self.rng.u32(0..self.devices)
    }

    fn order(&mut self) -> u32 {
        self.rng.u32(0..self.orders.max(1))
    }

    fn day(&mut self) {
        for device in 0..self.devices {
            if self.one_in(2) {
                self.work(device, Deed::StartShift);
            }
            for _ in 0..self.rng.u32(1..4) {
                self.open(device);
            }
            self.sync(device);
        }
        for _ in 0..self.devices * 8 {
            self.something();
            if self.faults != Faults::None && self.one_in(2) {
                self.trouble();
            }
            let ms = self.rng.i64(10_000..40 * MINUTE);
            self.add(What::Pass { ms });
        }
        if self.one_in(2) {
            self.add(What::Backup);
        }
        for device in 0..self.phones {
            if self.one_in(3) {
                self.work(device, Deed::CloseShift);
            }
            if self.one_in(2) {
                self.sync(device);
            }
        }
        let ms = self.rng.i64(8 * HOUR..14 * HOUR);
        self.add(What::Pass { ms });
    }

    fn open(&mut self, to: u32) {
        let order = self.orders;
        self.orders += 1;
        self.given.push((order, to));
        self.add(What::Open { order, to });
    }

    fn work(&mut self, device: u32, deed: Deed) {
        self.add(What::Work { device, deed });
    }

    fn something(&mut self) {
        let device = self.phone();
        match self.rng.u32(0..26) {
            0 | 14 => {
                let (order, to) = (self.order(), self.person());
                self.given.push((order, to));
                self.add(What::Assign { order, to });
                if self.one_in(2) {
                    self.sync(to);
                }
            }
            1 => {
                let order = self.order();
                self.add(What::Cancel { order });
            }
            2 => {
                let (nth, choice) = (self.rng.u32(0..4), self.rng.u32(0..2));
                self.add(What::Decide { nth, choice });
            }
            3 => self.add(What::Republish),
            4..7 => self.sync(device),
            16 | 17 | 24 => self.money(),
            18 => {
                let (nth, choice) = (self.rng.u32(0..4), self.rng.u32(0..2));
                self.add(What::Release { nth, choice });
            }
            19 => {
                let (order, service) = (self.order(), !self.one_in(3));
                self.add(What::Cancel { order });
                self.add(What::Erase { order, service });
            }
            20 => self.work(device, Deed::Refund),
            _ => self.visit(device),
        }
    }

    /// Money at the office; what is allowed to go back is given back soon, perhaps by several people.
    fn money(&mut self) {
        let nth = self.rng.u32(0..6);
        match self.rng.u32(0..6) {
            0 => self.add(What::PayAtDesk { nth }),
            1 | 2 => {
                let settled = !self.one_in(3);
                self.add(What::JudgeClaim { nth, settled });
            }
            _ => {
                let part = self.one_in(3);
                self.add(What::AllowRefund { nth, part });
                for device in 0..self.phones {
                    if !self.one_in(3) {
                        self.sync(device);
                        self.work(device, Deed::Refund);
                    }
                }
            }
        }
    }

    /// A run of deeds at one door; begun, gone on with or broken off anywhere.
    fn visit(&mut self, device: u32) {
        let own: Vec<u32> =
            self.given.iter().filter(|(_, to)| *to == device).map(|(order, _)| *order).collect();
        let order = match own.len() {
            0 => self.order(),
            _ if self.one_in(6) => self.order(),
            many => own[self.rng.usize(0..many)],
        };
        let (quantity, done) = (self.rng.i64(1..4), !self.one_in(4));
        let deeds = [
            Deed::Start { order },
            Deed::Knock,
            Deed::Sell { quantity },
            if self.one_in(3) { self.photo() } else { Deed::Knock },
            match self.rng.u32(0..8) {
                0 | 1 => Deed::PayPart,
                2 | 3 => Deed::Claim,
                _ => Deed::Pay,
            },
            if self.one_in(3) { Deed::Void } else { Deed::Knock },
            Deed::Finish { done },
        ];
        for deed in deeds {
            if self.one_in(8) {
                continue;
            }
            self.work(device, deed);
            if self.one_in(6) {
                self.work(device, Deed::Again);
            }
            if self.one_in(8) {
                self.sync(device);
            }
            if self.one_in(12) {
                return;
            }
        }
    }

    /// Most are small; some take several parts.
    fn photo(&mut self) -> Deed {
        let most = if self.one_in(4) { 200_000 } else { 4_000 };
        Deed::Photo { bytes: self.rng.u32(1..most) }
    }

    fn sync(&mut self, device: u32) {
        let fates = (0..self.rng.usize(0..4)).map(|_| self.fate()).collect();
        let hurry = !self.one_in(4);
        self.add(What::Sync { device, hurry, fates });
    }

    fn fate(&mut self) -> Fate {
        let part = self.rng.u32(0..1_000);
        let (there_ms, back_ms) = (self.rng.i64(0..90 * MINUTE), self.rng.i64(0..20 * MINUTE));
        let kinds = match self.faults {
            Faults::None => 1,
            Faults::Bad => 10,
            Faults::Cruel => 14,
        };
        match self.rng.u32(0..kinds) {
            0..3 => Fate::Good,
            3 => Fate::NoRequest,
            4 | 5 => Fate::NoAnswer,
            6 => Fate::Twice,
            7 => Fate::Late { there_ms, back_ms },
            8 => Fate::CutAnswer(part),
            9 => Fate::Portal,
            10 => Fate::CutRequest(part),
            11 => Fate::SpoilRequest(self.rng.u32(..)),
            12 => Fate::SpoilAnswer(self.rng.u32(..)),
            _ if part < 500 => Fate::Replay(part),
            _ => Fate::OldAnswer(part),
        }
    }

    fn trouble(&mut self) {
        let device = self.phone();
        let cruel = self.faults == Faults::Cruel;
        let after = self.rng.u64(0..24);
        let kinds = if cruel { 24 } else { 10 };
        match self.rng.u32(0..kinds) {
            0 | 1 => self.add(What::Kill { device }),
            2 => self.add(What::Reboot { device }),
            3 | 4 => {
                let span = if cruel { 400 * 24 * HOUR } else { 3 * HOUR };
                let off_ms = self.rng.i64(-span..span);
                self.add(What::SetClock { device, off_ms });
            }
            5 | 6 => {
                let fault = if self.one_in(2) { DiskFault::Full } else { DiskFault::Write };
                let lasting = self.one_in(5);
                self.add(What::Fail { device, fault, after, lasting });
            }
            7 | 18 => self.add(What::Heal { device }),
            8 => self.add(What::ServerKill),
            9 => {
                let fault = match self.rng.u32(0..4) {
                    0 if cruel => DiskFault::Sync,
                    0 | 1 => DiskFault::Full,
                    _ => DiskFault::Write,
                };
                self.add(What::ServerFail { fault, after });
            }
            10..13 => self.add(What::Power { device, after }),
            13 | 14 => self.add(What::ServerPower { after }),
            15 => {
                let lasting = self.one_in(4);
                self.add(What::Fail { device, fault: DiskFault::Sync, after: after / 4, lasting });
            }
            16 => {
                let copy = self.phones;
                self.phones += 1;
                self.add(What::Clone { device, copy });
            }
            17 if self.one_in(2) => {
                let lost = self.one_in(2);
                self.add(What::Revoke { device, lost });
            }
            19 => self.add(What::Poison { device }),
            22 => self.add(What::Backup),
            23 => {
                let told = !self.one_in(4);
                self.add(What::Restore { told });
            }
            _ => self.add(What::Heal { device }),
        }
    }
}
