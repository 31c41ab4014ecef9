//! A supervisor decides what is held back: it counts after all, or it doesn't; of a fork, which
//! branch. Nothing held is ever deleted. The decision is an event about the subject, and those who
//! carry the device learn of it.

use doorstep::{
    base::{Hash, Id},
    event::{Effect, Payload, Recorded, VerdictGiven},
    log::{Chain, Seal, StreamId, SubjectKind, Tail},
    order::{Choice, RULES_VERSION, Rule, conflict_key},
    sync::Outcome,
};
use serde::{Deserialize, Serialize};

use super::{
    Context, admit, decide,
    forked::{self, Parting},
    held::known,
    judge::{Judgement, Known, judge},
    office, orders, scope, verdict,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, HeldDecision, HeldRow, Tx},
};

/// What may be decided about something held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// It counts, and is marked.
    Admit,
    /// It doesn't count, and stays aside.
    Refuse,
    /// Of a fork: what was here first counts, this stays aside.
    MainCounts,
    /// Of a fork: this counts, what was here from the fork on doesn't.
    BranchCounts,
}

impl Release {
    pub(super) fn id(self) -> &'static str {
        match self {
            Release::Admit => "admit",
            Release::Refuse => "refuse",
            Release::MainCounts => "main_counts",
            Release::BranchCounts => "branch_counts",
        }
    }

    pub(super) fn named(id: &str) -> Option<Release> {
        let all = [Release::Admit, Release::Refuse, Release::MainCounts, Release::BranchCounts];
        all.into_iter().find(|release| release.id() == id)
    }

    /// What those concerned are told.
    pub(super) fn told(self) -> Choice {
        match self {
            Release::Admit => Choice::WorkAdmitted,
            Release::Refuse => Choice::WorkDoesNotCount,
            Release::MainCounts => Choice::FirstBranchCounts,
            Release::BranchCounts => Choice::SecondBranchCounts,
        }
    }

    /// What may be decided about what is held for this reason.
    pub(super) fn of(reason: &str) -> &'static [Release] {
        match reason {
            "forked" => &[Release::MainCounts, Release::BranchCounts],
            // What can't be read or believed can't count.
            "malformed" | "bad-seal" => &[Release::Refuse],
            _ => &[Release::Admit, Release::Refuse],
        }
    }
}

/// A decision about something held.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseInput {
    /// What is decided.
    pub choice: Release,
}

/// What became of one thing held when all of a device's were decided at once.
#[derive(Debug, Serialize)]
pub struct ReleasedView {
    /// Which.
    pub held: Id,
    /// About what.
    pub stream: StreamId,
    /// What it is decided as now; absent where it could not be.
    pub decided: Option<String>,
    /// Why it could not be: a code, like `gap`.
    pub refused: Option<&'static str>,
}

/// Decides all that is held of a device at once, the earliest first: each of its streams by the same
/// rules as if it were decided alone. What does not offer this choice, or can't be decided so yet,
/// stays, and is named.
pub fn release_device(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    device: Id,
    input: &ReleaseInput,
) -> Result<Vec<ReleasedView>, Failure> {
    let mut held = tx.held()?;
    held.retain(|row| row.device == device && row.decided.is_none());
    held.sort_by_key(|row| (row.at, row.from, std::cmp::Reverse(row.events)));
    if held.is_empty() {
        let message = format!("nothing of the device {device} waits for a decision");
        let todo = "look it up in the list of what is held";
        return Err(Problem::not_found("unknown-held", message, todo).into());
    }
    let mut all = Vec::new();
    for row in held {
        // A refusal leaves nothing behind: whether it holds is looked at before anything is written.
        let refused = match release(tx, ctx, account, row.id, input) {
            Ok(()) => None,
            // Decided with the one before it.
            Err(Failure::Refused(problem)) if problem.code == "decided" => None,
            Err(Failure::Refused(problem)) => Some(problem.code),
            Err(failure) => return Err(failure),
        };
        let (now, _) = known(tx, row.id)?;
        let decided = now.decided.map(|decided| decided.choice);
        all.push(ReleasedView { held: row.id, stream: row.stream, decided, refused });
    }
    Ok(all)
}

/// Decides. The same decision again changes nothing; another one is refused, since a decision stands. Of a
/// fork, other streams of the device that the same actions wrote are decided alike.
pub fn release(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    id: Id,
    input: &ReleaseInput,
) -> Result<(), Failure> {
    let (held, tail) = known(tx, id)?;
    if let Some(decided) = &held.decided {
        if decided.choice == input.choice.id() {
            return Ok(());
        }
        let message = format!("it was decided already: {}", decided.choice);
        return Err(Problem::conflict("decided", message, "a decision stands").into());
    }
    let choices = Release::of(&held.reason);
    if !choices.contains(&input.choice) {
        let ids: Vec<_> = choices.iter().map(|choice| choice.id()).collect();
        let message = format!("what is held as `{}` does not offer this choice", held.reason);
        let todo = format!("choose one of {}", ids.join(", "));
        return Err(Problem::bad("unknown-choice", message, todo).into());
    }
    let alike = match held.reason == "forked" {
        true => forked::alike(tx, ctx, &held, input.choice)?,
        false => Vec::new(),
    };
    let decision =
        HeldDecision { choice: input.choice.id().to_owned(), by: account.person, at: ctx.now };
    let (rule, events) = match input.choice {
        Release::Refuse => (Rule::C9, vec![Hash::of(&[&held.id.as_bytes()[..]])]),
        Release::Admit => (Rule::C9, take_in(tx, ctx, account, &held, &tail)?),
        Release::MainCounts | Release::BranchCounts => {
            (Rule::C10, choose(tx, ctx, account, &held, &tail, input.choice)?)
        }
    };
    // The same tail with more behind it is the same matter.
    for other in tx.held()? {
        let shorter = other.events <= held.events && other.from == held.from;
        let same = other.stream == held.stream && other.device == held.device;
        if other.id == held.id || (same && shorter && other.decided.is_none()) {
            tx.decide_held(other.id, &decision)?;
        }
    }
    if tail.stream.subject.kind == SubjectKind::WorkOrder {
        orders::refresh(tx, ctx, tail.stream.subject.id)?;
    }
    if rule == Rule::C10 && tail.stream.subject.kind == SubjectKind::ReceiptSeries {
        decide_receipts(tx, ctx, account, tail.stream.subject.id, input.choice)?;
    }
    tell(tx, ctx, &held, rule, &events, input.choice.told())?;
    tracing::info!(held = %held.id, choice = input.choice.id(), "what was held was decided");
    for (other, choice) in alike {
        match release(tx, ctx, account, other, &ReleaseInput { choice }) {
            // Decided on the way; or it can't be yet, and waits for its own decision.
            Ok(()) | Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// C9: work that counts although its device was revoked, or could not seal it, says so. The verdict
/// names where visits begin and end, and the last event of what came: up to there a server that lost it in a
/// restore takes it back.
pub(super) fn marked(recorded: &[Recorded]) -> VerdictGiven {
    let bounds = |r: &&Recorded| {
        matches!(r.event.payload, Payload::VisitStarted(_) | Payload::VisitFinished(_))
    };
    let mut events: Vec<_> = recorded.iter().filter(bounds).map(|r| r.id).collect();
    events.extend(recorded.last().map(|r| r.id));
    events.sort();
    events.dedup();
    VerdictGiven::new(Rule::C9.id(), events, Effect::Mark)
}

/// Lets what was held count, and says so.
fn take_in(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    held: &HeldRow,
    tail: &Tail,
) -> Result<Vec<Hash>, Failure> {
    let known = admit::look_up(tx, tail)?;
    let (tail, judgement) = believed(tx, ctx, held.device, tail, &known)?;
    let recorded = match judgement {
        Judgement::Admit(recorded) => recorded,
        Judgement::AlreadyHad(_) => return Ok(vec![Hash::of(&[&held.id.as_bytes()[..]])]),
        Judgement::Gap(from) => {
            let message = format!("its stream ends before: event {from} is missing");
            let todo = "admit what was held before it, or wait for the device";
            return Err(Problem::conflict("gap", message, todo).into());
        }
        Judgement::Fork(_) => {
            let message = "other events stand in its place";
            let todo = "wait until its device sends it again, and decide it as a fork";
            return Err(Problem::conflict("forked", message, todo).into());
        }
        Judgement::Hold(reason) => {
            let message = format!("it cannot be believed: {reason}");
            return Err(Problem::conflict("held", message, "refuse it").into());
        }
    };
    put_behind(tx, ctx, &tail, known.head, &recorded)?;
    let verdict = marked(&recorded);
    let events = verdict.events.clone();
    office::write(tx, ctx, tail.stream.subject, office::Act::new(None, account.person, verdict))?;
    Ok(events)
}

/// Judges a tail that the office's word lets count: where its own device sealed it, under that seal; otherwise
/// the company vouches for it. Gives the tail with the seal it was judged by.
pub(super) fn believed(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: Id,
    tail: &Tail,
    known: &Known,
) -> Result<(Tail, Judgement), Failure> {
    let mut tail = tail.clone();
    let judgement = match device_key(tx, ctx, device)? {
        Some(key) => judge(&tail, known, &key),
        None => Judgement::Hold("not-yours"),
    };
    let judgement = match judgement {
        Judgement::Hold("bad-seal" | "not-yours") if tail.from <= known.head.seq + 1 => {
            let chain = tail.events.iter().fold(known.before, |chain, bytes| chain.then(bytes));
            let seal = Seal::make(&ctx.keys.sign_key(), tail.stream.trunk(), chain, RULES_VERSION);
            tail.seal = Some(seal.bytes().to_vec().into());
            judge(&tail, known, &ctx.keys.public().signing)
        }
        judgement => judgement,
    };
    Ok((tail, judgement))
}

/// C10: says which branch counts. The verdict excludes the first event of the one that doesn't.
fn choose(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    held: &HeldRow,
    tail: &Tail,
    choice: Release,
) -> Result<Vec<Hash>, Failure> {
    let gone = || {
        let message = "it is no fork of what is here any more";
        Problem::conflict("not-forked", message, "look at the list again")
    };
    let Some(Parting { branch, key }) = forked::parting(tx, ctx, held.device, tail)? else {
        return Err(gone().into());
    };
    let at = branch.stream.branch.0.ok_or_else(gone)?;
    let excluded = if choice == Release::BranchCounts {
        let first = tx.hashes(&tail.stream, branch.from, branch.from)?.pop().ok_or_else(gone)?.1;
        // Some of it is here already where a shorter part of it was let count before.
        let known = admit::look_up(tx, &branch)?;
        let recorded = match judge(&branch, &known, &key) {
            Judgement::Admit(recorded) => recorded,
            Judgement::AlreadyHad(_) => Vec::new(),
            Judgement::Gap(_) | Judgement::Fork(_) | Judgement::Hold(_) => {
                return Err(gone().into());
            }
        };
        if !recorded.is_empty() {
            put_behind(tx, ctx, &branch, known.head, &recorded)?;
        }
        // Of three pasts, what counted so far doesn't either.
        let mut others = forked::branches_at(tx, &tail.stream, branch.from)?;
        others.retain(|other| *other != at);
        others.insert(0, first);
        others
    } else {
        vec![at]
    };
    let verdict = VerdictGiven::new(Rule::C10.id(), excluded.clone(), Effect::Exclude);
    let act = office::Act::new(None, account.person, verdict);
    office::write(tx, ctx, tail.stream.subject, act)?;
    Ok(excluded)
}

/// C17: which branch of a receipt series counts says which receipt of a number does.
fn decide_receipts(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    series: Id,
    choice: Release,
) -> Result<(), Failure> {
    let choice = match choice {
        Release::BranchCounts => Choice::SecondReceiptCounts,
        _ => Choice::FirstReceiptCounts,
    };
    for twice in verdict::receipts_twice(tx, series)? {
        let key = conflict_key(Rule::C17, &twice.events());
        let mut orders = twice.orders().to_vec();
        orders.dedup();
        for order in orders {
            let state = orders::fold(tx, order)?;
            let open = state.open_conflicts().find(|conflict| conflict.key == key);
            if let Some(conflict) = open {
                let by = (account.person, None);
                decide::settle(tx, ctx, by, order, conflict, choice)?;
            }
        }
    }
    Ok(())
}

pub(super) fn device_key(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    id: Id,
) -> Result<Option<[u8; 32]>, Failure> {
    let Some(device) = tx.device(id)? else { return Ok(None) };
    let company = ctx.keys.public().signing;
    let certificate = doorstep::log::Certificate::verify(&device.certificate, &company).ok();
    Ok(certificate.map(|certificate| certificate.fields().signing_key))
}

/// Puts what counts now behind its stream, and shows it to the person's devices: they hold it as their own
/// and unsettled.
pub(super) fn put_behind(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    tail: &Tail,
    head: Chain,
    recorded: &[Recorded],
) -> Result<(), Failure> {
    let seal = tail.seal.as_ref().map(|seal| seal.to_vec()).unwrap_or_default();
    admit::store(tx, ctx, tail, head, recorded, &seal)?;
    let doorstep::log::Writer::Device(writer) = tail.stream.writer else { return Ok(()) };
    let Some(first) = recorded.first() else { return Ok(()) };
    for device in devices_of(tx, writer)? {
        scope::tell(tx, device, &tail.stream, first.seq, tail.last(), ctx.now)?;
    }
    Ok(())
}

/// The device and every other of its person.
fn devices_of(tx: &mut dyn Tx, device: Id) -> Result<Vec<Id>, Failure> {
    let person = tx.device(device)?.and_then(|device| device.person);
    let same = |other: &crate::store::DeviceRow| {
        other.id == device || (person.is_some() && other.person == person)
    };
    Ok(tx.devices()?.iter().filter(|other| same(other)).map(|other| other.id).collect())
}

fn tell(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    held: &HeldRow,
    rule: Rule,
    events: &[Hash],
    choice: Choice,
) -> Result<(), Failure> {
    let subject = held.stream.subject;
    let order = if subject.kind == SubjectKind::WorkOrder { tx.order(subject.id)? } else { None };
    let outcome = Outcome {
        id: ctx.id(),
        subject,
        rule: rule.id().to_owned(),
        conflict: conflict_key(rule, events),
        choice: choice.id().to_owned(),
        at: ctx.now,
        order_number: order.map(|order| order.number).unwrap_or_default(),
    };
    for device in devices_of(tx, held.device)? {
        tx.add_outcome(device, &outcome)?;
    }
    Ok(())
}
