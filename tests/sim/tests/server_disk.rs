//! What the simulation found once, kept as a story of its own.

use doorstep_sim::{DiskFault, Faults, History, Step, What, run};

/// Everybody gets orders; a sync of the server's disk fails on the way, it works on, and its power
/// goes much later. `after` and `later` move both moments.
fn story(after: u64, later: u64) -> History {
    let mut steps = vec![What::ServerFail { fault: DiskFault::Sync, after }];
    for order in 0..6 {
        steps.push(What::Open { order, to: order % 2 });
        steps.push(What::Sync { device: order % 2, hurry: true, fates: Vec::new() });
        let deed = doorstep_sim::Deed::Start { order };
        steps.push(What::Work { device: order % 2, deed });
        steps.push(What::Sync { device: order % 2, hurry: true, fates: Vec::new() });
    }
    steps.push(What::ServerPower { after: later });
    for order in 6..10 {
        steps.push(What::Open { order, to: order % 2 });
        steps.push(What::Sync { device: order % 2, hurry: true, fates: Vec::new() });
    }
    let steps = (0..).zip(steps).map(|(n, what)| Step { n, what }).collect();
    History { seed: after << 8 | later, devices: 2, days: 1, faults: Faults::Cruel, steps }
}

#[test]
fn a_server_whose_sync_failed_loses_nothing_when_its_power_goes_later() {
    for (after, later) in (0..24).flat_map(|after| [0, 3, 10].map(|later| (after, later))) {
        let violation = run(&story(after, later)).violation;
        assert_eq!(violation, None, "sync {after} fails, power goes after {later} changes");
    }
}
