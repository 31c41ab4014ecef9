//! `doorstep sim`: simulated worlds, one for each seed; see docs/simulation.md.

use std::{path::PathBuf, time::Instant};

use doorstep_sim::{Faults, History, Outcome, history, run, shrink};
use serde_json::json;

/// Times that a failing history is played in order to find a shorter one.
const SHRINK_BUDGET: usize = 2_000;

/// Which worlds.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The seed; the same one gives the same world.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// So many seeds, from that one on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Phones at the start.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    devices: u32,
    /// Days.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    days: u32,
    /// How bad the world is.
    #[arg(long, value_enum, default_value = "cruel")]
    faults: Badness,
    /// Plays a history that a failing run printed.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Prints what came of it as JSON, a line each; of a seed that fails, also the shortest history that
    /// fails so, as `shortest`.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Badness {
    /// Everything works.
    None,
    /// Bad networks, killed apps, failing disks, clocks that are set.
    Bad,
    /// All of that, power loss, clones, lost phones, spoilt bytes.
    Cruel,
}

impl From<Badness> for Faults {
    fn from(badness: Badness) -> Faults {
        match badness {
            Badness::None => Faults::None,
            Badness::Bad => Faults::Bad,
            Badness::Cruel => Faults::Cruel,
        }
    }
}

/// Plays them; `Err` when something happened that must never happen.
pub(crate) fn sim(options: &Options) -> Result<(), String> {
    if let Some(file) = &options.replay {
        let name = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        let history = History::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        let outcome = run(&history);
        tell(&history, &outcome, options.json);
        return match outcome.violation {
            Some(_) => Err("it fails as it did".to_owned()),
            None => Ok(()),
        };
    }
    let began = Instant::now();
    let mut failed = 0;
    for seed in (options.seed..).take(usize::try_from(options.seeds).unwrap_or(usize::MAX)) {
        let history = history(seed, options.devices, options.days, options.faults.into());
        let outcome = run(&history);
        let fails = outcome.violation.is_some();
        if fails || options.seeds == 1 || options.json {
            tell(&history, &outcome, options.json);
        }
        if fails {
            failed += 1;
            let shortest = shrink(&history, SHRINK_BUDGET);
            print_shortest(&shortest, options.json);
        }
    }
    let device_days = options.seeds * u64::from(options.devices) * u64::from(options.days);
    let rate = device_days as f64 / began.elapsed().as_secs_f64();
    eprintln!("{} seeds, {failed} failed, {rate:.0} device-days a second", options.seeds);
    if failed == 0 {
        return Ok(());
    }
    Err("the shortest history of each is printed: keep it in a file and play it with --replay FILE"
        .to_owned())
}

/// The shortest history that fails so: as it is kept in a file, or as a line like every other.
fn print_shortest(shortest: &History, as_json: bool) {
    if !as_json {
        println!("{shortest}");
        return;
    }
    let history: serde_json::Value =
        serde_json::from_str(&shortest.to_string()).unwrap_or_default();
    println!("{}", json!({ "seed": shortest.seed, "shortest": history }));
}

fn tell(history: &History, outcome: &Outcome, as_json: bool) {
    let History { seed, devices, days, faults, .. } = history;
    if as_json {
        let told = json!({
            "seed": seed, "devices": devices, "days": days, "faults": faults, "outcome": outcome,
        });
        println!("{told}");
        return;
    }
    println!("seed {seed}: {devices} phones, {days} days, trace {}", outcome.trace);
    println!("{:#?}", outcome.figures);
    if let Some(violation) = &outcome.violation {
        println!("{} is broken: {}", violation.invariant, violation.what);
    }
}
