//! Seeds: many small worlds, mixed faults. `DOORSTEP_SIM_SEEDS` sets how many (200).

use doorstep_sim::{Faults, Figures, history, run};

fn seeds() -> u64 {
    std::env::var("DOORSTEP_SIM_SEEDS")
        .map_or(200, |text| text.parse().expect("DOORSTEP_SIM_SEEDS is a number"))
}

#[test]
fn whatever_happens_nothing_is_lost_and_both_ends_agree() {
    let (mut found, mut done) = (Vec::new(), [0; 6]);
    for seed in 0..seeds() {
        let faults = Faults::ALL[(seed % 3) as usize];
        let history = history(seed, 2 + (seed / 3 % 2) as u32, 1, faults);
        let outcome = run(&history);
        let Figures { held, receipts, refunds, photos, purged, restores, .. } = outcome.figures;
        let did = [held, receipts, refunds, photos, purged, restores];
        done.iter_mut().zip(did).for_each(|(sum, more)| *sum += more);
        if let Some(violation) = outcome.violation {
            found.push(format!(
                "seed {seed} {faults:?}: {} {}",
                violation.invariant, violation.what
            ));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    // A world in which nothing of a kind happens proves nothing about it.
    let all = done.iter().all(|sum| *sum > 0) || seeds() < 200;
    assert!(all, "held, receipts, refunds, photos, let go of, restores: {done:?}");
}

#[test]
fn the_same_seed_gives_the_same_world_twice() {
    for (seed, faults) in (100..).zip(Faults::ALL) {
        let history = history(seed, 3, 2, faults);
        assert_eq!(run(&history), run(&history), "seed {seed}");
    }
}
