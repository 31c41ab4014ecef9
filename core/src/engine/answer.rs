//! What an answer brings, stored in one transaction.

use std::collections::BTreeSet;

use super::{
    Identity,
    context::keep_standing,
    exchange::{Exchanged, InFlight},
    outbox::OFFERED,
    peer,
    project::project,
    take::{SigningKeys, Source, take_tail},
};
use crate::{
    base::{ClockReading, Id, Instant},
    log::{Certificate, DisclosedKey, StreamId, Subject, SubjectKind},
    order::OrderState,
    store::{Reader, StoreError, Transaction},
    sync::{Answer, Cursor, StandingDoc, Statement, StreamOutcome},
};

/// The version of the server's rules, while it is later than this phone's.
pub(super) const SERVER_RULES: &str = "server_rules";

/// What the server's clock said in its last answer, and when that was by this phone's boot.
/// CBOR: `[at, boot, since boot]`.
#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(array)]
struct ServerTime {
    #[n(0)]
    at: Instant,
    #[n(1)]
    boot: Id,
    #[n(2)]
    since_boot_ms: u64,
}

impl ServerTime {
    /// What the server's clock says now: known within one boot; across boots not less than it said.
    fn now(&self, clock: &ClockReading) -> Option<Instant> {
        let passed = clock.since_boot_ms.saturating_sub(self.since_boot_ms);
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        (self.boot == clock.boot).then(|| self.at.plus_ms(passed))
    }
}

/// What the server's clock says now, as far as it is known: the phone's own across boots.
pub(super) fn server_time(
    reader: &Reader<'_>,
    clock: &ClockReading,
) -> Result<Instant, StoreError> {
    let known: Option<ServerTime> = reader.meta(SERVER_TIME)?;
    Ok(known.and_then(|known| known.now(clock)).unwrap_or(clock.wall))
}

/// The latest that it can be said to be: a clock that was set back, or lost its time with the battery, is not
/// believed before what the server said.
pub(super) fn no_earlier(reader: &Reader<'_>, clock: &ClockReading) -> Result<Instant, StoreError> {
    let known: Option<ServerTime> = reader.meta(SERVER_TIME)?;
    let said = known.map(|known| known.now(clock).unwrap_or(known.at));
    Ok(said.map_or(clock.wall, |said| said.max(clock.wall)))
}

/// Where it is kept.
const SERVER_TIME: &str = "server_time";

/// Where the server's last statement is kept, as signed.
pub(super) const STATEMENT: &str = "signed_statement";

/// When the server's last verified backup was made.
pub(super) const BACKED_UP: &str = "backed_up";

/// Others' streams that this phone brought and the server keeps aside: it shows another past of each.
pub(super) const KEPT_ASIDE: &str = "kept_aside";

/// Why the server keeps a stream aside that tells another past than the one it knows.
pub(super) const FORKED: &str = "forked";

/// Why the server keeps a stream aside whose device's certificate was withdrawn.
pub(super) const REVOKED: &str = "revoked";

/// What the server says of a stream that it keeps aside for good: a supervisor decided so.
const REFUSED: &str = "refused";

/// Rules under which the office decides what it held back.
const RELEASES: [&str; 2] = ["C9", "C10"];

/// Everything of one answer; and whether the cursor moved.
pub(super) fn store_answer(
    tx: &Transaction<'_>,
    me: &Identity,
    flight: &InFlight,
    answer: &Answer,
    clock: &ClockReading,
) -> Result<(Exchanged, bool), StoreError> {
    let before: Cursor = tx.read().meta("cursor")?.unwrap_or_default();
    // An answer to a file that comes when the server has begun another epoch since.
    let past = flight.carried && answer.cursor.epoch < before.epoch;
    let begun = before.epoch != 0 && answer.cursor.epoch != before.epoch && !past;
    if begun && !planted!(EpochUnheard) {
        offer_all(tx)?;
    }
    let mut taking = Taking {
        tx,
        me,
        exchanged: Exchanged::default(),
        touched: BTreeSet::new(),
        offered: tx.read().meta(OFFERED)?.unwrap_or_default(),
    };
    let before_offers = taking.offered.len();
    taking.results(flight, answer, begun)?;
    taking.documents(answer)?;
    taking.keys(answer)?;
    taking.streams(answer)?;
    taking.photos_and_decisions(answer)?;
    for subject in taking.touched.iter().filter(|subject| subject.kind == SubjectKind::WorkOrder) {
        project(tx, me, subject.id)?;
    }
    taking.let_go(flight, answer)?;
    if taking.offered.len() != before_offers {
        tx.set_meta(OFFERED, &taking.offered)?;
    }
    taking.exchanged.more |= !taking.offered.is_empty();
    let cursor = remember(tx, flight, answer, clock, before)?;
    match Statement::open(&me.company_signing_key, &answer.statement) {
        Ok(statement) if statement.device == me.certificate.id() => {
            tx.set_meta(STATEMENT, &answer.statement)?;
        }
        // It would prove nothing to anybody.
        _ => taking.exchanged.refused += 1,
    }
    Ok((taking.exchanged, cursor != before))
}

/// The server was restored from a backup: offer it all we wrote, and all we hold of others.
fn offer_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for row in tx.read().own_streams()? {
        tx.offer_again(&row, 0)?;
    }
    let held = tx.read().streams()?;
    let others = held.iter().filter(|row| !row.own && !row.stream.is_branch());
    tx.set_meta(OFFERED, &others.map(|row| row.stream).collect::<Vec<_>>())?;
    tx.offer_keys_again()?;
    tx.offer_photos_again()
}

/// An answer while it is stored.
struct Taking<'a> {
    tx: &'a Transaction<'a>,
    me: &'a Identity,
    exchanged: Exchanged,
    /// What its tails and its scope are about.
    touched: BTreeSet<Subject>,
    /// Streams of others that a restored server is still to be offered.
    offered: Vec<StreamId>,
}

impl Taking<'_> {
    /// What became of the tails that were sent, and of the keys beside them.
    fn results(
        &mut self,
        flight: &InFlight,
        answer: &Answer,
        begun: bool,
    ) -> Result<(), StoreError> {
        let tx = self.tx;
        let mut taken = BTreeSet::new();
        // One result for each tail, in the order they were sent; what is about another stream is noise.
        let asked = answer.results.iter().zip(&flight.sent);
        for (result, sent) in asked.filter(|(result, sent)| result.stream == sent.named) {
            // Somebody else's, offered to a server that lacks it: once is enough.
            self.offered.retain(|stream| *stream != sent.stream);
            if let StreamOutcome::Accepted(seq) | StreamOutcome::AlreadyHad(seq) = &result.outcome {
                peer::confirmed(tx, &sent.stream, (*seq).min(sent.last))?;
                taken.insert(result.stream.subject);
            }
            self.result(&sent.stream, sent.last, &result.outcome, begun)?;
        }
        // The server takes keys only of subjects that it has taken events of.
        for (subject, class) in flight.keys.iter().filter(|(subject, _)| taken.contains(subject)) {
            tx.key_sent(subject, *class)?;
        }
        Ok(())
    }

    /// What became of a tail that was sent up to `last`. An epoch may have `begun`.
    fn result(
        &mut self,
        stream: &StreamId,
        last: u64,
        outcome: &StreamOutcome,
        begun: bool,
    ) -> Result<(), StoreError> {
        let tx = self.tx;
        let Some(row) = tx.read().stream(stream)? else { return Ok(()) };
        if !row.own {
            // Another's, which this phone brought: the server has it, and counts another past.
            if let StreamOutcome::Forked(_) = outcome {
                let mut aside: Vec<StreamId> = tx.read().meta(KEPT_ASIDE)?.unwrap_or_default();
                if !aside.contains(stream) {
                    aside.push(*stream);
                    tx.set_meta(KEPT_ASIDE, &aside)?;
                }
            }
            return Ok(());
        }
        // What is kept aside is not sent again, unless the server may have lost what came before it.
        let aside = if begun { 0 } else { last };
        match outcome {
            StreamOutcome::Accepted(seq) => {
                let accepted = (*seq).min(last);
                self.exchanged.sent += accepted.saturating_sub(row.accepted) as usize;
                tx.set_accepted(&row, accepted)
            }
            StreamOutcome::AlreadyHad(seq) => tx.set_accepted(&row, (*seq).min(last)),
            StreamOutcome::Gap(from) => {
                // Worth asking again at once only when it brings more than last time.
                self.exchanged.more |= from.saturating_sub(1).max(row.purged) < row.accepted;
                tx.offer_again(&row, from.saturating_sub(1))
            }
            // The server has these bytes and keeps them aside; what is written later goes there too.
            StreamOutcome::Forked(_) => tx.set_trouble(&row, aside, FORKED),
            // It was decided, and nobody waits for anything.
            StreamOutcome::Held(reason) if reason == REFUSED => tx.set_trouble(&row, aside, ""),
            StreamOutcome::Held(reason) => tx.set_trouble(&row, aside, reason),
        }
    }

    /// Certificates and standing data, each under the company's signature or left out.
    fn documents(&mut self, answer: &Answer) -> Result<(), StoreError> {
        let company = &self.me.company_signing_key;
        for bytes in &answer.certificates {
            match Certificate::verify(bytes, company) {
                Ok(it) => self.tx.keep_certificate(it.id(), it.bytes())?,
                Err(_) => self.exchanged.refused += 1,
            }
        }
        for bytes in &answer.standing {
            match StandingDoc::verify(bytes, company) {
                Ok(doc) if keep_standing(self.tx, &doc, bytes)? => {}
                _ => self.exchanged.refused += 1,
            }
        }
        Ok(())
    }

    fn keys(&mut self, answer: &Answer) -> Result<(), StoreError> {
        let tx = self.tx;
        for DisclosedKey { subject, class, key } in &answer.keys {
            let from_peer = peer::makes_way(tx, subject, *class)?;
            let mut kept = tx.keep_key(subject, *class, key)?;
            if !kept && from_peer {
                tx.drop_key(subject, *class)?;
                kept = tx.keep_key(subject, *class, key)?;
            }
            self.exchanged.refused += usize::from(!kept);
        }
        Ok(())
    }

    /// Other writers' events, and which orders this phone carries.
    fn streams(&mut self, answer: &Answer) -> Result<(), StoreError> {
        let mut keys = SigningKeys::new();
        for tail in &answer.tails {
            match take_tail(self.tx, self.me, &mut keys, tail, Source::Server)? {
                Some(received) => self.exchanged.received += received,
                None => self.exchanged.refused += 1,
            }
            self.touched.insert(tail.stream.subject);
        }
        for (orders, entered) in [(&answer.scope.left, false), (&answer.scope.entered, true)] {
            for order in orders {
                self.tx.set_scope(*order, entered)?;
                self.touched.insert(Subject::work_order(*order));
            }
        }
        Ok(())
    }

    fn photos_and_decisions(&mut self, answer: &Answer) -> Result<(), StoreError> {
        let tx = self.tx;
        for kept in answer.pieces.iter().flatten() {
            tx.set_photo_sent(&kept.address, kept.received, kept.whole)?;
        }
        for outcome in &answer.outcomes {
            self.exchanged.outcomes += usize::from(tx.keep_decision(outcome)?);
            if RELEASES.contains(&outcome.rule.as_str()) {
                tx.clear_trouble(&outcome.subject, FORKED)?;
            }
        }
        if answer.grant.is_some() {
            tx.retry_photos()?;
        }
        Ok(())
    }

    /// Lets go of what a backup covers, of the orders asked about.
    fn let_go(&mut self, flight: &InFlight, answer: &Answer) -> Result<(), StoreError> {
        let Some((asked, backup)) = &flight.asked else { return Ok(()) };
        let photos = answer.safe_photos.as_deref().unwrap_or_default();
        for order in self.tx.keep_safe(asked, *backup, &answer.safe, photos)? {
            if purge(self.tx, self.me, order)? {
                self.exchanged.purged += 1;
                // What this answer, the first of a restored server, covers needs no offer, and is gone.
                self.offered.retain(|stream| stream.subject != Subject::work_order(order));
            }
        }
        Ok(())
    }
}

/// Lets go of an order if nothing of it would be lost, and no visit to it is open here.
fn purge(tx: &Transaction<'_>, me: &Identity, order: Id) -> Result<bool, StoreError> {
    if !tx.may_purge(order)? {
        return Ok(false);
    }
    let state = OrderState::fold(&tx.read().events_about(&Subject::work_order(order))?);
    if state.open_visit_of(me.writer()).is_some() {
        return Ok(false);
    }
    tx.purge(order)?;
    Ok(true)
}

/// How far the server is, and when; gives the cursor from here on.
fn remember(
    tx: &Transaction<'_>,
    flight: &InFlight,
    answer: &Answer,
    clock: &ClockReading,
    before: Cursor,
) -> Result<Cursor, StoreError> {
    if let Some(at) = answer.backed_up {
        tx.set_meta(BACKED_UP, &at)?;
    }
    if let Some(mark) = &answer.mark {
        tx.set_meta("mark", mark)?;
    }
    // What comes late as a file takes nothing back of what was read since.
    let cursor = match flight.carried && answer.cursor.epoch <= before.epoch {
        true => before.max(answer.cursor),
        false => answer.cursor,
    };
    tx.set_meta("cursor", &cursor)?;
    if answer.rules != tx.read().meta(SERVER_RULES)? {
        match answer.rules {
            Some(rules) => tx.set_meta(SERVER_RULES, &rules)?,
            None => tx.clear_meta(SERVER_RULES)?,
        }
    }
    tx.set_meta("last_answer", &answer.id)?;
    tx.set_meta("last_success", &clock.wall)?;
    // It was said between request and answer; the later is the safer guess of what has passed.
    let time = ServerTime { at: answer.time, boot: clock.boot, since_boot_ms: clock.since_boot_ms };
    tx.set_meta(SERVER_TIME, &time)?;
    Ok(cursor)
}
