//! The office's pen: its events in a work order, sealed with the company's key.

use doorstep::{
    base::{Hash, Id},
    event::{Event, MAX_EVENT_BYTES, Payload},
    log::{Chain, Class, Head, Seal, StreamId, Subject, Writer},
    order::RULES_VERSION,
};

use super::{Context, scope};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{NewEvent, StoreError, Tx},
};

/// Who acts when nobody does: the server's own word, in verdicts and clock corrections.
const SERVER: Id = Id::new([0; 16]);

/// What the office does.
pub(super) struct Act {
    /// Made by the caller; drawn when absent.
    pub(super) action: Option<Id>,
    /// The account's person.
    pub(super) actor: Id,
    /// What happened.
    pub(super) payload: Payload,
    /// Personal data: plain CBOR, sealed under the subject's key of that class.
    pub(super) private: Option<(Class, Vec<u8>)>,
}

impl Act {
    /// An act without personal data.
    pub(super) fn new(action: Option<Id>, actor: Id, payload: impl Into<Payload>) -> Act {
        Act { action, actor, payload: payload.into(), private: None }
    }

    /// The server's own word.
    pub(super) fn of_server(payload: impl Into<Payload>) -> Act {
        Act::new(None, SERVER, payload)
    }
}

/// Where every stream of a subject stands.
pub(super) fn heads(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<Head>, StoreError> {
    let mut heads: Vec<_> = tx
        .streams_about(subject)?
        .iter()
        .map(|row| Head { writer: row.stream.writer, branch: row.stream.branch, seq: row.head.seq })
        .collect();
    heads.sort();
    Ok(heads)
}

/// Writes one event behind the office's stream about `subject` and tells the devices concerned.
/// Gives the event's id.
pub(super) fn write(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    subject: Subject,
    act: Act,
) -> Result<Hash, Failure> {
    let writer = Writer::Office(ctx.epoch);
    let stream = StreamId::new(subject, writer);
    let before = tx.head(&stream)?.unwrap_or_else(|| Chain::start(&stream));
    let mut seen = heads(tx, &subject)?;
    seen.retain(|head| head.writer != writer);
    let action = act.action.unwrap_or_else(|| ctx.id());
    let mut event = Event {
        action,
        actor: act.actor,
        visit: None,
        clock: ctx.clock(),
        seen: (!seen.is_empty()).then_some(seen),
        payload: act.payload,
        private: Default::default(),
    };
    if let Some((class, plain)) = act.private {
        let keys = tx.keys(&subject)?;
        let Some((_, key)) = keys.iter().find(|(of, _)| *of == class) else {
            return Err(StoreError::Damaged("an order without its keys".to_owned()).into());
        };
        let sealed = key.seal(ctx.entropy, subject, class, action, &plain);
        event.private.insert(class, sealed);
    }
    let bytes = event.encode();
    if bytes.len() > MAX_EVENT_BYTES {
        let message = format!("this would be {} bytes; at most {MAX_EVENT_BYTES}", bytes.len());
        let todo = "write less";
        return Err(Problem::new(ProblemKind::TooLarge, "too-large", message, todo).into());
    }
    let after = before.then(&bytes);
    let seal = Seal::make(&ctx.keys.sign_key(), stream, after, RULES_VERSION);
    let new = NewEvent { hash: after.hash, action, bytes };
    tx.append(&stream, before, &[new], seal.bytes(), ctx.now)?;
    scope::spread(tx, &stream, after.seq, after.seq, ctx.now)?;
    Ok(after.hash)
}
