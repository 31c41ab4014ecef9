//! How much at once: small pieces on a bad link, so that each cut costs little.
//!
//! It starts with what a good link carries and learns from what happens. Both ways: the phone sends
//! no more than this, and asks for no more.

/// How much to send and to ask for in one exchange.
#[derive(Debug, Clone)]
pub struct Pace {
    budget: usize,
    bytes_per_second: Option<u64>,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { budget: Pace::MOST, bytes_per_second: None }
    }
}

impl Pace {
    /// Bytes of events in one exchange on a good link.
    pub const MOST: usize = 256 * 1024;
    /// On the worst one. A stream's next event goes even when it is larger.
    pub const LEAST: usize = 8 * 1024;

    /// An exchange that takes no longer may be larger next time.
    const QUICK_MS: u64 = 5_000;
    /// One that takes longer was too large.
    const SLOW_MS: u64 = 20_000;
    /// Smaller ones tell of delay, not of speed.
    const TELLING_BYTES: u64 = 2 * 1024;

    /// Bytes of events to send, and to ask for.
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// What the link lately carried, where that could be told.
    pub fn bytes_per_second(&self) -> Option<u64> {
        self.bytes_per_second
    }

    /// An exchange of `bytes`, both ways together, took `ms`.
    pub fn carried(&mut self, bytes: u64, ms: u64) {
        if ms <= Pace::QUICK_MS {
            self.budget = (self.budget * 4).min(Pace::MOST);
        } else if ms > Pace::SLOW_MS {
            self.budget = (self.budget / 2).max(Pace::LEAST);
        }
        if ms > 0 && bytes >= Pace::TELLING_BYTES {
            self.bytes_per_second = Some((bytes.saturating_mul(1_000) / ms).max(1));
        }
    }

    /// An exchange was cut, or came to no end in time.
    pub fn broke(&mut self) {
        self.budget = (self.budget / 2).max(Pace::LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_breaks_gets_less_at_once_and_one_that_holds_more_again() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.broke();
        }
        assert_eq!(pace.budget(), Pace::LEAST);
        pace.carried(9 * 1024, 9_000);
        assert_eq!((pace.budget(), pace.bytes_per_second()), (Pace::LEAST, Some(1_024)));
        for _ in 0..3 {
            pace.carried(64 * 1024, 800);
        }
        assert_eq!(pace.budget(), Pace::MOST);
        pace.carried(64 * 1024, 64_000);
        assert_eq!(pace.budget(), Pace::MOST / 2);
    }

    #[test]
    fn an_answer_of_a_few_bytes_tells_nothing_of_the_speed() {
        let mut pace = Pace::default();
        pace.carried(300, 30_000);
        assert_eq!(pace.bytes_per_second(), None);
    }
}
