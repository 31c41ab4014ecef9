//! Seeds: many small worlds, mixed faults. `DOORSTEP_SIM_SEEDS` sets how many (200).

use doorstep_sim::{Faults, history, run};

fn seeds() -> u64 {
    std::env::var("DOORSTEP_SIM_SEEDS")
        .map_or(200, |text| text.parse().expect("DOORSTEP_SIM_SEEDS is a number"))
}

#[test]
fn whatever_happens_nothing_is_lost_and_both_ends_agree() {
    let mut found = Vec::new();
    for seed in 0..seeds() {
        let faults = Faults::ALL[(seed % 3) as usize];
        let history = history(seed, 2 + (seed / 3 % 2) as u32, 1, faults);
        if let Some(violation) = run(&history).violation {
            found.push(format!(
                "seed {seed} {faults:?}: {} {}",
                violation.invariant, violation.what
            ));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_world_twice() {
    for (seed, faults) in (100..).zip(Faults::ALL) {
        let history = history(seed, 3, 2, faults);
        assert_eq!(run(&history), run(&history), "seed {seed}");
    }
}
