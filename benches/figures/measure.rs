//! Samples, figures and how they are shown. A figure is one number with a goal; most are a ratio
//! to a floor that was sampled in turn with it, so that a busy or slow machine moves both.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// What a bench ends with when something it needs fails.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How long `body` took, and what it gave.
pub(crate) fn timed<T>(body: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = body();
    (start.elapsed(), value)
}

/// Times of one thing, in microseconds.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1e6);
    }

    /// The value that this share of the samples does not exceed; 0 without samples.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(0.0)
    }

    fn json(&self) -> Value {
        json!({
            "samples": self.0.len(),
            "p50_us": self.quantile(0.5),
            "p99_us": self.quantile(0.99),
        })
    }
}

/// One number, and what it should be.
pub(crate) struct Figure {
    what: &'static str,
    value: f64,
    unit: &'static str,
    goal: Option<f64>,
    ours: Option<Samples>,
    floor: Option<Samples>,
}

impl Figure {
    /// Ours at p50 as a multiple of the floor's.
    pub(crate) fn ratio(what: &'static str, goal: f64, ours: Samples, floor: Samples) -> Figure {
        let value = ours.quantile(0.5) / floor.quantile(0.5);
        Figure { what, value, unit: "×", goal: Some(goal), ours: Some(ours), floor: Some(floor) }
    }

    /// A time at p50, in milliseconds.
    pub(crate) fn time(what: &'static str, goal: Option<f64>, ours: Samples) -> Figure {
        let value = ours.quantile(0.5) / 1e3;
        Figure { what, value, unit: "ms", goal, ours: Some(ours), floor: None }
    }

    /// A time at p99, in milliseconds.
    pub(crate) fn p99(what: &'static str, goal: f64, ours: Samples) -> Figure {
        let value = ours.quantile(0.99) / 1e3;
        Figure { what, value, unit: "ms", goal: Some(goal), ours: Some(ours), floor: None }
    }

    /// Any other number.
    pub(crate) fn number(
        what: &'static str,
        goal: Option<f64>,
        value: f64,
        unit: &'static str,
    ) -> Figure {
        Figure { what, value, unit, goal, ours: None, floor: None }
    }

    fn verdict(&self) -> &'static str {
        match self.goal {
            None => "",
            Some(goal) if self.value <= goal => "met",
            Some(_) => "NOT MET",
        }
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.goal.map(|goal| self.value <= goal),
            "ours": self.ours.as_ref().map(Samples::json),
            "floor": self.floor.as_ref().map(Samples::json),
        })
    }
}

/// Prints the figures as a table.
pub(crate) fn print(figures: &[Figure]) {
    println!(
        "{:<52} {:>10} {:>8} {:>8}  {:>21} {:>21}",
        "", "value", "goal", "", "ours p50/p99 µs", "floor p50/p99 µs"
    );
    let spread = |samples: &Option<Samples>| {
        samples.as_ref().map_or_else(String::new, |samples| {
            format!("{:.0} / {:.0}", samples.quantile(0.5), samples.quantile(0.99))
        })
    };
    for figure in figures {
        let value = match figure.unit {
            "B" | "" => format!("{:.0} {}", figure.value, figure.unit),
            unit => format!("{:.2} {unit}", figure.value),
        };
        let goal = figure
            .goal
            .map_or_else(String::new, |goal| format!("≤ {}", (goal * 100.0).round() / 100.0));
        println!(
            "{:<52} {value:>10} {goal:>8} {:>8}  {:>21} {:>21}",
            figure.what,
            figure.verdict(),
            spread(&figure.ours),
            spread(&figure.floor),
        );
    }
}

/// Writes the figures for machines.
pub(crate) fn write(figures: &[Figure], quick: bool, path: &Path) -> Result<(), Failed> {
    let figures: Vec<_> = figures.iter().map(Figure::json).collect();
    let report = json!({ "quick": quick, "figures": figures });
    std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    Ok(())
}
