//! Quiescence: everything is healed, and everybody exchanges until nothing is left on either side.

use doorstep::sync::Trouble;
use doorstep_server::{rules, rules::DecideInput};

use crate::{
    office::NoAnswer,
    report::{Violation, violated},
    world::World,
};

const HOUR: i64 = 3_600_000;
/// Rounds in which everybody exchanges, until nothing moves.
const ROUNDS: usize = 12;
/// Times that He goes through the list of conflicts.
const DECISIONS: usize = 3;
/// Requests of one phone in one round.
const REQUESTS: usize = 40;

/// Why something held cannot be decided as He wished, for now.
const WAITS: [&str; 5] = ["gap", "forked", "held", "not-forked", "decided"];

impl World {
    /// Heals everything, and lets everybody exchange and He decide until nothing is left.
    pub(crate) fn come_to_rest(&mut self) -> Result<(), Violation> {
        self.office.heal();
        for phone in self.phones.values_mut() {
            phone.heal();
        }
        self.pass(24 * HOUR);
        for phone in self.phones.values_mut() {
            phone.kill();
        }
        let before = self.figures.requests;
        self.exchange_all()?;
        self.release_all()?;
        self.exchange_all()?;
        // A decision makes its order be judged anew, which may bring up what a later publication did.
        for _ in 0..DECISIONS {
            if self.decide_all()? == 0 {
                break;
            }
            self.exchange_all()?;
        }
        self.figures.requests_at_rest = self.figures.requests - before;
        Ok(())
    }

    fn exchange_all(&mut self) -> Result<(), Violation> {
        let numbers: Vec<u32> = self.phones.keys().copied().collect();
        for _ in 0..ROUNDS {
            let mut moved = 0;
            for number in &numbers {
                moved += self.settle(*number)?;
            }
            self.clock.pass(60_000);
            if moved == 0 {
                return Ok(());
            }
        }
        Err(violated("I6", format!("after {ROUNDS} rounds something still moves")))
    }

    /// One phone exchanges until neither side has more. Gives what moved.
    fn settle(&mut self, number: u32) -> Result<usize, Violation> {
        let mut moved = 0;
        for _ in 0..REQUESTS {
            let Some(phone) = self.phones.get_mut(&number) else { return Ok(0) };
            let reading = phone.reading();
            let broken = |error: String| violated("I0", format!("phone {number}: {error}"));
            let engine = phone.engine().map_err(broken)?;
            let packet =
                engine.sync_request(&reading).map_err(|error| broken(error.to_string()))?;
            self.figures.requests += 1;
            match self.office.exchange(&packet.bytes) {
                Ok(answer) => {
                    let taken = engine.sync_answer(&reading, &answer);
                    let taken = taken.map_err(|error| broken(error.to_string()))?;
                    moved += taken.sent + taken.received + taken.outcomes + taken.purged;
                    self.figures.purged += taken.purged as u64;
                    if !taken.more {
                        self.send_photos(number, &[])?;
                        return Ok(moved);
                    }
                }
                Err(NoAnswer::Refused(problem)) => {
                    if !engine.sync_failed(reading.wall, Trouble::Refused, None) {
                        return Err(broken(format!("refused: {}", problem.message)));
                    }
                }
                Err(NoAnswer::Down(why)) => {
                    return Err(violated("I0", format!("the server, healed: {why}")));
                }
            }
        }
        Err(violated("I6", format!("phone {number} made {REQUESTS} requests and wants more")))
    }

    /// I5: He sees everything that is held back and can decide it, unless it must wait for something
    /// else. In every other world nobody decides at rest: what was left open stays open.
    fn release_all(&mut self) -> Result<(), Violation> {
        if self.seed % 2 == 1 {
            return Ok(());
        }
        let held = self.office.run(|tx, _| rules::held(tx));
        let held =
            held.map_err(|no| violated("I5", format!("the list of what is held: {no:?}")))?;
        for (nth, row) in (0..).zip(held.into_iter().filter(|row| row.decided.is_none())) {
            match self.office.release(row.id, nth) {
                Ok(()) => {}
                // It waits for what comes before it, became a fork since, or was decided with another.
                Err(NoAnswer::Refused(problem)) if WAITS.contains(&problem.code) => {}
                Err(no) => {
                    let why = format!("held as {}: {no:?}", row.reason);
                    return Err(violated("I5", why));
                }
            }
        }
        Ok(())
    }

    /// I5: He sees every open conflict and can decide it. Gives how many there were.
    fn decide_all(&mut self) -> Result<usize, Violation> {
        let seen = self.office.run(|tx, _| rules::conflicts(tx));
        let seen = seen.map_err(|no| violated("I5", format!("the list of conflicts: {no:?}")))?;
        let open: Vec<_> = seen.into_iter().filter(|view| view.conflict.is_open()).collect();
        let decided = open.len();
        for view in open {
            let rule = view.conflict.rule;
            let Some(choice) = rule.choices().first() else {
                return Err(violated("I5", format!("nothing can be chosen under {rule:?}")));
            };
            let input = DecideInput {
                action: None,
                conflict: view.conflict.key,
                rule: rule.id().to_owned(),
                choice: choice.id().to_owned(),
            };
            let decided =
                self.office.by_he(|tx, ctx, by| rules::decide(tx, ctx, by, view.order, &input));
            match decided {
                Ok(_) => {}
                // A decision before it made its order be judged anew: what took its place is in the next
                // list, and none may be open in the end.
                Err(NoAnswer::Refused(problem)) if problem.code == "unknown-conflict" => {}
                Err(no) => {
                    return Err(violated("I5", format!("{} {rule:?}: {no:?}", view.number)));
                }
            }
        }
        Ok(decided)
    }
}
