//! One file: its content as the process sees it, and what of it would survive a power loss.
//!
//! Invariant: unless a sync failed, `durable` with all of `pending` applied in order is `live`.

use fastrand::Rng;

/// What a disk writes whole or not at all.
pub(crate) const SECTOR: usize = 512;

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

/// Which of the sectors in flight survive. Drawn anew for each file: the losses that hurt are
/// those where one file kept everything and another nothing.
enum Survival {
    /// The first so many, as if the disk had worked in order.
    First(usize),
    /// Each with a chance of so many eighths.
    Eighths(u8),
}

impl Survival {
    fn draw(rng: &mut Rng, pieces: usize) -> Self {
        match rng.u8(..6) {
            0 => Self::Eighths(0),
            1 => Self::Eighths(1),
            2 => Self::Eighths(4),
            3 => Self::Eighths(7),
            4 => Self::Eighths(8),
            _ => Self::First(rng.usize(..=pieces)),
        }
    }

    fn keeps(&self, rng: &mut Rng, piece: usize) -> bool {
        match self {
            Self::First(count) => piece < *count,
            Self::Eighths(chance) => rng.u8(..8) < *chance,
        }
    }
}

/// The content of one file.
#[derive(Default)]
pub(crate) struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

impl Inode {
    /// A file whose content has been on the disk for long.
    pub(crate) fn durable(content: Vec<u8>) -> Self {
        Self { live: content.clone(), durable: content, pending: Vec::new() }
    }

    pub(crate) fn live(&self) -> &[u8] {
        &self.live
    }

    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) {
        overwrite(&mut self.live, at, bytes);
        // Split here, so that a lost sector is simply one of these left out.
        let mut rest = bytes;
        let mut from = at;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(SECTOR - from % SECTOR));
            self.pending.push(Change::Write { at: from, bytes: piece.to_vec() });
            from += piece.len();
            rest = after;
        }
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.live.resize(len, 0);
        self.pending.push(Change::Truncate { len });
    }

    pub(crate) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            apply(&mut self.durable, &change);
        }
    }

    /// What a failed sync leaves: some of the data durable, the rest forgotten, though the process
    /// goes on seeing all of it. Lengths hold, as file systems guard those with a journal.
    pub(crate) fn fail_sync(&mut self, rng: &mut Rng) {
        self.settle(rng, true);
    }

    /// Leaves what survives a power loss now.
    pub(crate) fn lose_power(&mut self, rng: &mut Rng) {
        self.settle(rng, false);
        self.live.clone_from(&self.durable);
    }

    fn settle(&mut self, rng: &mut Rng, keep_truncations: bool) {
        let survival = Survival::draw(rng, self.pending.len());
        for (piece, change) in self.pending.drain(..).enumerate() {
            let kept = survival.keeps(rng, piece);
            match change {
                Change::Write { at, mut bytes } if !kept => {
                    if at + bytes.len() > self.durable.len() && rng.u8(..4) == 0 {
                        // The new length was kept, the data that should stand there was not.
                        rng.fill(&mut bytes);
                        overwrite(&mut self.durable, at, &bytes);
                    }
                }
                Change::Truncate { .. } if !kept && !keep_truncations => {}
                _ => apply(&mut self.durable, &change),
            }
        }
    }
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { at, bytes } => overwrite(content, *at, bytes),
        Change::Truncate { len } => content.resize(*len, 0),
    }
}

fn overwrite(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if content.len() < at {
        content.resize(at, 0);
    }
    // Nearly all is written at the end: appended, not put over what was first filled with zeros.
    let over = (content.len() - at).min(bytes.len());
    content[at..at + over].copy_from_slice(&bytes[..over]);
    content.extend_from_slice(&bytes[over..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survivors(prepare: impl Fn(&mut Inode)) -> Vec<Vec<u8>> {
        let one = |seed| {
            let mut file = Inode::durable(vec![b'.'; 2 * SECTOR]);
            prepare(&mut file);
            file.lose_power(&mut Rng::with_seed(seed));
            file.live
        };
        (0..300).map(one).collect()
    }

    #[test]
    fn what_was_synced_survives_every_power_loss() {
        for content in survivors(|file| {
            file.write(SECTOR - 2, b"Harbour Street");
            file.truncate(SECTOR + 100);
            file.sync();
        }) {
            assert_eq!(&content[SECTOR - 2..SECTOR + 12], b"Harbour Street");
            assert_eq!(content.len(), SECTOR + 100);
        }
    }

    #[test]
    fn each_sector_of_a_write_survives_on_its_own() {
        let survivors = survivors(|file| file.write(SECTOR - 2, b"Mei!"));
        let seen = |wanted: &[u8]| survivors.iter().any(|c| &c[SECTOR - 2..SECTOR + 2] == wanted);
        for outcome in [b"Mei!", b"Me..", b"..i!", b"...."] {
            assert!(seen(outcome), "{outcome:?} never came out");
        }
        assert!(survivors.iter().all(|c| matches!(&c[SECTOR - 2..SECTOR], b"Me" | b"..")));
    }

    #[test]
    fn growth_may_keep_its_length_without_its_data() {
        let survivors = survivors(|file| file.write(2 * SECTOR, &[b'x'; 8]));
        let grown = |c: &&Vec<u8>| c.len() > 2 * SECTOR;
        assert!(survivors.iter().any(|c| c.len() == 2 * SECTOR));
        assert!(survivors.iter().filter(grown).any(|c| c.ends_with(b"xxxxxxxx")));
        assert!(survivors.iter().filter(grown).any(|c| !c.ends_with(b"xxxxxxxx")));
    }

    #[test]
    fn a_failed_sync_is_not_mended_by_a_later_one() {
        let lost = (0..100).filter(|seed| {
            let mut file = Inode::default();
            file.write(0, b"Wu");
            file.fail_sync(&mut Rng::with_seed(*seed));
            file.sync();
            assert_eq!(file.live(), b"Wu");
            file.lose_power(&mut Rng::with_seed(*seed));
            file.live() != b"Wu"
        });
        assert!(lost.count() > 10);
    }
}
