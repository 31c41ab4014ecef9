//! A person's day with the bag: opened with a float, closed with a count.
//!
//! What the bag should hold is folded from this device's receipt series and its shift, never from orders.

use minicbor::{Decode, Encode};

use super::{
    ActError, Done,
    act::{Desk, check_length},
    handover::taken,
    money::series,
    pen::plain,
};
use crate::{
    base::{Id, Money, Personal},
    event::{Pieces, ReasonText, Recorded, ShiftClosed, ShiftStarted},
    log::{Class, StreamId, Subject},
    money::SeriesTotals,
    store::{StoreError, Transaction},
};

/// The most kinds of notes and coins of one count.
const MOST_PIECES: usize = 40;

/// The shift that is open, as kept in the store.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct OpenShift {
    #[n(0)]
    pub id: Option<Id>,
    #[n(1)]
    pub float: Money,
    /// Where the receipt series stood when it began.
    #[n(2)]
    pub series_seq: u64,
    /// The last shift, open or closed.
    #[n(3)]
    pub last: Option<Id>,
    /// Where the receipt series stood when it closed.
    #[n(4)]
    pub ended_seq: Option<u64>,
}

impl OpenShift {
    /// The first receipt that a void may still take back stands after this.
    pub(super) fn settled_seq(&self) -> u64 {
        self.ended_seq.unwrap_or(self.series_seq)
    }
}

pub(super) const SHIFT: &str = "shift";

pub(super) fn start_shift(desk: &mut Desk<'_>, float: Money) -> Result<Done, ActError> {
    let open: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    if open.is_some_and(|shift| shift.id.is_some()) {
        return Err(ActError::Shift("a shift is open on this phone: close it first"));
    }
    if float.minor < 0 {
        return Err(ActError::Shift("the float cannot be less than nothing: count it again"));
    }
    // One bag, one currency: another could never be counted against the receipts.
    let reader = desk.tx.read();
    if let Ok(list) = desk.books.prices_now(&reader, &desk.clock) {
        float.plus(Money::zero(list.currency()))?;
    }
    let id = desk.action;
    let started =
        ShiftStarted { person: desk.me.person.id, badge: desk.me.person.badge.clone(), float };
    let (_, row) = desk.pen().write(Subject::shift(id), None, started, Vec::new())?;
    desk.pen().seal(&row)?;
    let series_seq = series(desk)?.map_or(0, |row| row.chain.seq);
    desk.tx.set_meta(
        SHIFT,
        &OpenShift { id: Some(id), float, series_seq, last: Some(id), ended_seq: None },
    )?;
    Ok(Done::default())
}

/// Closes the shift. A count that differs from what the receipts say needs a reason; notes and
/// coins, where they are listed, must come to what was counted.
pub(super) fn close_shift(
    desk: &mut Desk<'_>,
    counted: Money,
    pieces: Vec<Pieces>,
    reason: Option<Personal>,
) -> Result<Done, ActError> {
    let open: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    let Some(OpenShift { id: Some(id), float, series_seq, .. }) = open else {
        return Err(ActError::Shift("no shift is open on this phone"));
    };
    if counted.minor < 0 {
        return Err(ActError::Shift("cash cannot be less than nothing: count it again"));
    }
    if pieces.len() > MOST_PIECES {
        return Err(ActError::TooLong { what: "the count", limit: MOST_PIECES, unit: "values" });
    }
    if !pieces.is_empty() && sum_of(&pieces) != Some(counted.minor) {
        return Err(ActError::Shift(
            "notes and coins do not come to what was counted: count again",
        ));
    }
    check_length("the reason", reason.as_ref().map_or("", Personal::reveal))?;
    let events = since(desk, series_seq)?;
    let stream = StreamId::new(Subject::shift(id), desk.me.writer());
    let shift = match desk.tx.read().stream(&stream)? {
        Some(row) => desk.tx.read().events(&row, 1)?,
        None => Vec::new(),
    };
    let expected = float
        .plus(SeriesTotals::fold(float.currency, None, &events)?.cash)?
        .plus(Money::sum(float.currency, taken(&shift).map(|it| it.amount))?)?;
    // Two currencies in one bag are refused before anything is written.
    let difference = counted.minus(expected)?;
    let private = match reason.filter(|reason| !reason.reveal().trim().is_empty()) {
        Some(text) => vec![plain(Class::Money, &ReasonText { text })],
        None if difference.minor == 0 => Vec::new(),
        None => return Err(ActError::Difference { counted, expected }),
    };
    let pieces = (!pieces.is_empty()).then_some(pieces);
    let closed = ShiftClosed { expected, counted, pieces };
    let (_, row) = desk.pen().write(Subject::shift(id), None, closed, private)?;
    desk.pen().seal(&row)?;
    let ended_seq = Some(series(desk)?.map_or(0, |row| row.chain.seq));
    let shift = OpenShift { id: None, float, series_seq, last: Some(id), ended_seq };
    desk.tx.set_meta(SHIFT, &shift)?;
    Ok(Done::default())
}

/// Carries the open shift over to another certificate and its receipt series: the cash that was taken
/// under the earlier one, on whatever branch, stays in the bag.
pub(super) fn carry_over(tx: &Transaction<'_>, series: &Subject) -> Result<(), StoreError> {
    let Some(mut shift) = tx.read().meta::<OpenShift>(SHIFT)? else { return Ok(()) };
    for row in tx.read().streams_of(series)?.into_iter().filter(|row| row.own) {
        let events = tx.read().events(&row, shift.series_seq + 1)?;
        // Another currency than the float's was never counted with it.
        if let Ok(totals) = SeriesTotals::fold(shift.float.currency, None, &events)
            && let Ok(bag) = shift.float.plus(totals.cash)
        {
            shift.float = bag;
        }
    }
    if let Some(id) = shift.id {
        for row in tx.read().streams_of(&Subject::shift(id))?.into_iter().filter(|row| row.own) {
            let events = tx.read().events(&row, 1)?;
            let came = Money::sum(shift.float.currency, taken(&events).map(|it| it.amount));
            if let Ok(came) = came
                && let Ok(bag) = shift.float.plus(came)
            {
                shift.float = bag;
            }
        }
    }
    // A closed one is told by the earlier certificate's stream; the new one has had none.
    shift.last = shift.id;
    shift.series_seq = 0;
    shift.ended_seq = shift.ended_seq.map(|_| 0);
    tx.set_meta(SHIFT, &shift)
}

/// What this phone's series wrote after a place in it.
pub(super) fn since(desk: &Desk<'_>, series_seq: u64) -> Result<Vec<Recorded>, StoreError> {
    match series(desk)? {
        Some(row) => desk.tx.read().events(&row, series_seq + 1),
        None => Ok(Vec::new()),
    }
}

/// What notes and coins come to; `None` where a value makes no sense.
fn sum_of(pieces: &[Pieces]) -> Option<i64> {
    pieces.iter().try_fold(0_i64, |sum, piece| {
        let worth = piece.value.checked_mul(i64::from(piece.count))?;
        if piece.value <= 0 { None } else { sum.checked_add(worth) }
    })
}
