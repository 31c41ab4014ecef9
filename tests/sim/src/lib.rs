//! A simulated world that is crueller than any stairwell: real engines, the real server's rules, a
//! network and disks that fail, clocks that jump, all in one thread and from one seed.
//!
//! A seed makes a [`History`]; [`run`] plays it and checks, when everything has come to rest, what
//! must hold whatever happened. The same history gives the same [`Outcome`], trace and all: nothing
//! here reads a clock, starts a thread, or looks at an order that is not its own. What a failing
//! history needs in order to fail, [`shrink`] finds.
//!
//! What it does not do: no HTTP, no PostgreSQL, no screens, no second certificate on one file.

mod backups;
mod book;
mod deeds;
mod desk;
mod exchange;
mod history;
mod invariants;
mod network;
mod office;
mod people;
mod phone;
mod photos;
mod report;
mod rest;
mod shrink;
mod trouble;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use history::{Deed, DiskFault, Fate, Faults, History, Step, What};
pub use people::history;
pub use report::{Figures, Outcome, Violation};
pub use shrink::shrink;

use doorstep::base::Hash;
use report::violated;
use world::World;

/// Plays a history to its end and checks what must hold. A panic is a violation too.
pub fn run(history: &History) -> Outcome {
    #[cfg(feature = "planted")]
    wake_named();
    let played = catch_unwind(AssertUnwindSafe(|| play(history)));
    played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Outcome {
            trace: Hash::of(&[]),
            figures: Figures::default(),
            violation: Some(violated("I0", format!("panic: {}", text.unwrap_or_default()))),
        }
    })
}

/// Wakes the bug that `DOORSTEP_PLANTED` names: how a test of the command line sees a world fail.
#[cfg(feature = "planted")]
fn wake_named() {
    use doorstep::planted::{Bug, plant};
    let Ok(name) = std::env::var("DOORSTEP_PLANTED") else { return };
    let named = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
    plant(Some(named.unwrap_or_else(|| panic!("no bug is called {name}"))));
}

fn play(history: &History) -> Outcome {
    let mut world = match World::new(history) {
        Ok(world) => world,
        Err(violation) => {
            let trace = Hash::of(&[]);
            let figures = Figures::default();
            return Outcome { trace, figures, violation: Some(violation) };
        }
    };
    let mut violation = None;
    for step in &history.steps {
        world.figures.steps += 1;
        if let Err(found) = world.step(step) {
            let what = format!("step {}: {}", step.n, found.what);
            violation = Some(violated(&found.invariant, what));
            break;
        }
    }
    let violation =
        violation.or_else(|| world.come_to_rest().err()).or_else(|| world.check().err());
    Outcome { trace: world.book.trace.0, figures: world.figures, violation }
}
