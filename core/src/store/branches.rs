//! Branches: what this phone knows of a stream that has more than one past, and where each past left
//! which other.

use rusqlite::params;

use super::{Reader, Store, StoreError, StreamRow, Transaction, event, stream::by_row};
use crate::log::{Chain, StreamId, Tail};

impl Reader<'_> {
    /// Where the chain stood before the stream's first event here: at its start, or for a branch
    /// at the event before it in the past that it left.
    pub fn chain_before(&self, row: &StreamRow) -> Result<Chain, StoreError> {
        Ok(match self.left(row)? {
            Some((_, before)) => before,
            None => Chain::start(&row.stream),
        })
    }

    /// The stream that a branch left, the trunk or another branch, and where the chain stood there.
    /// `None` for a trunk.
    fn left(&self, row: &StreamRow) -> Result<Option<(StreamRow, Chain)>, StoreError> {
        if !row.stream.is_branch() {
            return Ok(None);
        }
        let first = event::first(self.0, row)?;
        let seq = first.map_or(row.chain.seq, |first| first - 1);
        let bytes = match first {
            Some(first) => event::bytes_at(self.0, row, first)?.unwrap_or_default(),
            None => Vec::new(),
        };
        let missing = || StoreError::Damaged(format!("event {seq} is missing before a branch"));
        Ok(Some(self.leads_to(&row.stream, seq, &bytes)?.ok_or_else(missing)?))
    }

    /// Where the chain stood before a branch's first event, which is here or comes now.
    pub fn chain_left_by(&self, tail: &Tail) -> Result<Option<Chain>, StoreError> {
        let Some(first) = tail.events.first() else { return Ok(None) };
        let left = self.leads_to(&tail.stream, tail.from.saturating_sub(1), first)?;
        Ok(left.map(|(_, before)| before))
    }

    /// The stream, trunk first, whose event `seq` comes before a branch's first one. A branch is named by
    /// that; bytes that were let go of tell no more.
    fn leads_to(
        &self,
        branch: &StreamId,
        seq: u64,
        first: &[u8],
    ) -> Result<Option<(StreamRow, Chain)>, StoreError> {
        let mut others = self.streams_of(&branch.subject)?;
        others.retain(|it| it.stream.trunk() == branch.trunk() && it.stream != *branch);
        others.sort_by_key(|other| other.stream.is_branch());
        for other in others {
            let before = match seq {
                0 => Some(Chain::start(&branch.trunk())),
                seq => event::hash_at(self.0, &other, seq)?.map(|hash| Chain { seq, hash }),
            };
            let follows = |before: &Chain| {
                first.is_empty() || Some(before.then(first).hash) == branch.branch.0
            };
            if let Some(before) = before.filter(follows) {
                return Ok(Some((other, before)));
            }
        }
        Ok(None)
    }
}

impl Store {
    /// A branch from where its past leaves the trunk's, with what it shares with branches that it left:
    /// named as its trunk, which is what its device believes to write.
    pub fn whole_branch(&self, row: &StreamRow) -> Result<Tail, StoreError> {
        let mut tail = Tail {
            stream: row.stream.trunk(),
            from: row.chain.seq + 1,
            events: Vec::new(),
            seal: self.seal(row, row.chain.seq)?.map(Into::into),
        };
        let mut part = row.clone();
        while let Some((parent, before)) = self.read().left(&part)? {
            let mut events = self.tail(&part, before.seq, usize::MAX)?.events;
            events.truncate((tail.from - 1 - before.seq) as usize);
            events.append(&mut tail.events);
            (tail.from, tail.events) = (before.seq + 1, events);
            part = parent;
        }
        Ok(tail)
    }
}

impl Transaction<'_> {
    /// Takes the events from `first` on out of a stream, as a branch of it: what this phone wrote
    /// stays, and the stream can take another past. Gives the stream as it then is.
    pub fn split(&self, row: &StreamRow, first: u64) -> Result<StreamRow, StoreError> {
        let before = self.chain_until(row, first)?;
        self.step_aside(row, first)?;
        self.prepare_cached(
            "UPDATE stream SET seq = ?2, hash = ?3, accepted = min(accepted, ?2),
                               safe = min(safe, ?2), seen = x'80', trouble = '' WHERE id = ?1",
        )?
        .execute(params![row.row, before.seq, before.hash.as_bytes()])?;
        self.own_moved(row, before)?;
        by_row(self, row.row)
    }

    /// The events from `first` on become a branch, or what is new of them joins the one that they are.
    fn step_aside(&self, row: &StreamRow, first: u64) -> Result<(), StoreError> {
        let name = row.stream.branch(self.read().chain_at(row, first)?.hash);
        let Some(known) = self.read().stream(&name)? else {
            let before = self.chain_until(row, first)?;
            let branch = self.stream_or_begun(&name, row.own, before)?;
            return self.move_events(row, &branch, first);
        };
        // The server showed it before it showed the other past.
        for seq in first..=known.chain.seq.min(row.chain.seq) {
            if self.read().chain_at(row, seq)? != self.read().chain_at(&known, seq)? {
                self.step_aside(row, seq)?;
                return self.drop_doubles(row, &known, first);
            }
        }
        if row.chain.seq > known.chain.seq {
            self.move_events(row, &known, known.chain.seq + 1)?;
        }
        self.drop_doubles(row, &known, first)
    }

    /// Events from `from` on stand behind a branch from now on, with all that is known of them.
    fn move_events(&self, row: &StreamRow, to: &StreamRow, from: u64) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE stream SET seq = ?2, hash = ?3, accepted = max(accepted, ?4, ?5), seen = ?6,
                               trouble = ?7 WHERE id = ?1",
        )?
        .execute(params![
            to.row,
            row.chain.seq,
            row.chain.hash.as_bytes(),
            row.accepted,
            from - 1,
            minicbor::to_vec(&row.seen).unwrap_or_default(),
            row.trouble,
        ])?;
        for moved in [
            "UPDATE visit_row SET stream = ?2 WHERE stream = ?1 AND first >= ?3",
            "UPDATE event SET stream = ?2 WHERE stream = ?1 AND seq >= ?3",
            "UPDATE seal SET stream = ?2 WHERE stream = ?1 AND seq >= ?3",
        ] {
            self.prepare_cached(moved)?.execute(params![row.row, to.row, from])?;
        }
        Ok(())
    }

    /// Events of a stream from `from` on that stand in a branch too stand there alone.
    fn drop_doubles(
        &self,
        row: &StreamRow,
        branch: &StreamRow,
        from: u64,
    ) -> Result<(), StoreError> {
        for moved in [
            "UPDATE visit_row SET stream = ?2 WHERE stream = ?1 AND first >= ?3",
            "UPDATE OR IGNORE seal SET stream = ?2 WHERE stream = ?1 AND seq >= ?3",
        ] {
            self.prepare_cached(moved)?.execute(params![row.row, branch.row, from])?;
        }
        for gone in [
            "DELETE FROM event WHERE stream = ?1 AND seq >= ?2",
            "DELETE FROM seal WHERE stream = ?1 AND seq >= ?2",
        ] {
            self.prepare_cached(gone)?.execute(params![row.row, from])?;
        }
        Ok(())
    }

    /// Takes the events from `first` on out of a stream of another device: it has another past. Gives
    /// the stream as it then is.
    pub fn cut(&self, row: &StreamRow, first: u64) -> Result<StreamRow, StoreError> {
        let before = self.chain_until(row, first)?;
        for gone in [
            "DELETE FROM visit_row WHERE stream = ?1 AND first >= ?2",
            "DELETE FROM event WHERE stream = ?1 AND seq >= ?2",
            "DELETE FROM seal WHERE stream = ?1 AND seq >= ?2",
        ] {
            self.prepare_cached(gone)?.execute(params![row.row, first])?;
        }
        self.prepare_cached("UPDATE stream SET seq = ?2, hash = ?3 WHERE id = ?1")?
            .execute(params![row.row, before.seq, before.hash.as_bytes()])?;
        by_row(self, row.row)
    }

    /// Where the chain stood before event `first` of a stream.
    fn chain_until(&self, row: &StreamRow, first: u64) -> Result<Chain, StoreError> {
        let begins = self.read().chain_before(row)?;
        match first - 1 {
            seq if seq == begins.seq => Ok(begins),
            seq => self.read().chain_at(row, seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        base::{Hash, Id},
        log::{Subject, Writer},
        store::OpenError,
    };

    fn written(tx: &Transaction<'_>, row: &mut StreamRow, events: &[&str]) {
        for event in events {
            tx.append(row, event.as_bytes()).unwrap();
        }
    }

    fn texts(store: &Store, row: &StreamRow) -> Vec<String> {
        let tail = store.tail(row, 0, usize::MAX).unwrap();
        tail.events.iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect()
    }

    fn opened() -> Result<Store, OpenError> {
        Store::open(Path::new(":memory:"), None)
    }

    /// A stream with these events, with which another past of three events from event 2 on takes turns:
    /// the server showed the branch before it showed that it was one.
    fn shown_before(here: &[&str], shown: &[&str]) -> Vec<(String, Vec<String>)> {
        let mut store = opened().unwrap();
        let stream =
            StreamId::new(Subject::work_order(Id::new([1; 16])), Writer::Device(Id::new([2; 16])));
        let done = store.transaction(|tx| {
            let mut trunk = tx.stream_or_new(&stream, true)?;
            written(tx, &mut trunk, &["one"]);
            let before = trunk.chain;
            written(tx, &mut trunk, here);
            let name = stream.branch(before.then(shown[0].as_bytes()).hash);
            let mut branch = tx.stream_or_begun(&name, true, before)?;
            written(tx, &mut branch, shown);
            let mut trunk = tx.split(&trunk, 2)?;
            written(tx, &mut trunk, &["the other past"]);
            tx.read().streams()
        });
        let rows: Vec<StreamRow> = done.unwrap();
        let mut all = Vec::new();
        for row in &rows {
            let whole = match row.stream.is_branch() {
                true => store.whole_branch(row).unwrap(),
                false => store.tail(row, 0, usize::MAX).unwrap(),
            };
            let start = Chain { seq: whole.from - 1, ..Chain::start(&stream) };
            let before = match start.seq {
                0 => start,
                seq => store.read().chain_at(&rows[0], seq).unwrap(),
            };
            let end = whole.events.iter().fold(before, |chain, bytes| chain.then(bytes));
            assert_eq!(end, row.chain, "what is sent leads to the head");
            let last: Option<Hash> = whole.hashes(before).last().copied();
            assert_eq!(last, Some(row.chain.hash));
            all.push((format!("{}-{}", whole.from, whole.last()), texts(&store, row)));
        }
        all
    }

    fn lines(of: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let line = |(range, texts): &(&str, &[&str])| {
            ((*range).to_owned(), texts.iter().map(|text| (*text).to_owned()).collect())
        };
        of.iter().map(line).collect()
    }

    #[test]
    fn what_steps_aside_joins_the_branch_that_it_is() {
        let same = shown_before(&["a", "b"], &["a", "b"]);
        let trunk: (&str, &[&str]) = ("1-2", &["one", "the other past"]);
        assert_eq!(same, lines(&[trunk, ("2-3", &["a", "b"])]));
        let more_here = shown_before(&["a", "b", "c"], &["a", "b"]);
        assert_eq!(more_here, lines(&[trunk, ("2-4", &["a", "b", "c"])]));
        let more_there = shown_before(&["a"], &["a", "b"]);
        assert_eq!(more_there, lines(&[trunk, ("2-3", &["a", "b"])]));
    }

    #[test]
    fn what_parts_from_that_branch_is_one_that_left_it() {
        let parted = shown_before(&["a", "b", "x", "y"], &["a", "b", "c"]);
        let trunk: (&str, &[&str]) = ("1-2", &["one", "the other past"]);
        let own: (&str, &[&str]) = ("2-5", &["x", "y"]);
        assert_eq!(parted, lines(&[trunk, ("2-4", &["a", "b", "c"]), own]));
    }
}
