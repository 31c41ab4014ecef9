//! The shortest history that still fails: steps are left out as long as the same rule is broken.

use crate::{
    History,
    history::{Fate, What},
    run,
};

/// Leaves out of a failing history whatever it does not need in order to break the same rule. Plays
/// it at most `budget` times; gives it back unchanged if it does not fail.
pub fn shrink(history: &History, budget: usize) -> History {
    let Some(rule) = run(history).violation.map(|violation| violation.invariant) else {
        return history.clone();
    };
    let mut shrinker = Shrinker { rule, left: budget, best: history.clone() };
    loop {
        let before = (shrinker.best.steps.len(), fates(&shrinker.best));
        shrinker.steps();
        shrinker.fates();
        if shrinker.left == 0 || before == (shrinker.best.steps.len(), fates(&shrinker.best)) {
            return shrinker.best;
        }
    }
}

fn fates(history: &History) -> usize {
    let count = |what: &What| match what {
        What::Sync { fates, .. } => fates.iter().filter(|fate| **fate != Fate::Good).count(),
        _ => 0,
    };
    history.steps.iter().map(|step| count(&step.what)).sum()
}

struct Shrinker {
    rule: String,
    left: usize,
    best: History,
}

impl Shrinker {
    /// Keeps the history if it still fails.
    fn keep(&mut self, shorter: History) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let fails = run(&shorter).violation.is_some_and(|found| found.invariant == self.rule);
        if fails {
            self.best = shorter;
        }
        fails
    }

    /// Leaves out runs of steps: halves first, then smaller and smaller ones.
    fn steps(&mut self) {
        let mut size = self.best.steps.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < self.best.steps.len() && self.left > 0 {
                let mut shorter = self.best.clone();
                let end = (at + size).min(shorter.steps.len());
                shorter.steps.drain(at..end);
                if !self.keep(shorter) {
                    at += size;
                }
            }
            size /= 2;
        }
    }

    /// Lets requests arrive that need not fail.
    fn fates(&mut self) {
        for at in 0..self.best.steps.len() {
            let What::Sync { fates, .. } = &self.best.steps[at].what else { continue };
            for which in (0..fates.len()).rev() {
                let mut milder = self.best.clone();
                if let What::Sync { fates, .. } = &mut milder.steps[at].what {
                    if fates[which] == Fate::Good {
                        continue;
                    }
                    fates[which] = Fate::Good;
                }
                self.keep(milder);
            }
        }
    }
}
