//! Which orders a device carries, and what is put into its feed for it.

use doorstep::{
    base::{Id, Instant},
    log::{StreamId, Subject, SubjectKind, Writer},
};

use super::Context;
use crate::store::{DeviceRow, FeedItem, StoreError, StreamRow, Tx};

/// About how much one line of a feed may bring. An order that enters comes in lines of this size, and
/// what was read of them stays read when the link drops: small enough for the worst link.
const CHUNK_BYTES: u64 = 16 * 1024;

/// Tells every device that has the order in scope, save the writer, of new events. A branch is there only
/// because two phones write under one certificate and read one feed: the other one hears through it.
pub(super) fn spread(
    tx: &mut dyn Tx,
    stream: &StreamId,
    from: u64,
    to: u64,
    now: Instant,
) -> Result<(), StoreError> {
    if stream.subject.kind != SubjectKind::WorkOrder {
        return Ok(());
    }
    for device in tx.devices_with(stream.subject.id)? {
        if stream.writer != Writer::Device(device) || stream.is_branch() {
            tx.push(device, &[FeedItem::Events { stream: *stream, from, to }], now, true)?;
        }
    }
    Ok(())
}

/// Tells every device that has the order in scope, save one, that it has another key.
pub(super) fn spread_keys(
    tx: &mut dyn Tx,
    subject: &Subject,
    except: Id,
    now: Instant,
) -> Result<(), StoreError> {
    for device in tx.devices_with(subject.id)? {
        if device != except {
            tx.push(device, &[FeedItem::Keys(*subject)], now, true)?;
        }
    }
    Ok(())
}

/// Brings a device's scope up to date: what entered comes whole, standing data that is new too.
pub(super) fn refresh(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &mut DeviceRow,
) -> Result<(), StoreError> {
    let since = ctx.now.plus_ms(-ctx.settings.keep_ms);
    let wanted = tx.wanted(device.id, device.person, since)?;
    let has = tx.scope(device.id)?;
    let mut items = standing(tx, device)?;
    for left in has.difference(&wanted) {
        items.push(FeedItem::Left(*left));
        tx.set_scope(device.id, *left, false)?;
    }
    for entered in wanted.difference(&has) {
        let subject = Subject::work_order(*entered);
        items.push(FeedItem::Entered(*entered));
        items.push(FeedItem::Keys(subject));
        for StreamRow { stream, .. } in tx.streams_about(&subject)? {
            // The device's own too: it may have let go of them when the order left.
            items.extend(whole(tx, &stream)?);
        }
        tx.set_scope(device.id, *entered, true)?;
    }
    if !items.is_empty() {
        // The answer under way brings it: nobody need be told.
        tx.push(device.id, &items, ctx.now, false)?;
    }
    Ok(())
}

/// Gives a device back its own streams: it may have lost them in a restore.
pub(super) fn give_back(tx: &mut dyn Tx, device: Id, now: Instant) -> Result<(), StoreError> {
    let mut items = Vec::new();
    for StreamRow { stream, .. } in tx.streams_by(&Writer::Device(device))? {
        items.extend(whole(tx, &stream)?);
    }
    if items.is_empty() { Ok(()) } else { tx.push(device, &items, now, false) }
}

/// Tells one device of events, whoever wrote them.
pub(super) fn tell(
    tx: &mut dyn Tx,
    device: Id,
    stream: &StreamId,
    from: u64,
    to: u64,
    now: Instant,
) -> Result<(), StoreError> {
    tx.push(device, &[FeedItem::Events { stream: *stream, from, to }], now, false)
}

/// Gives a device one of its own streams.
pub(super) fn give_back_stream(
    tx: &mut dyn Tx,
    device: Id,
    stream: &StreamId,
    now: Instant,
) -> Result<(), StoreError> {
    let items = whole(tx, stream)?;
    if items.is_empty() { Ok(()) } else { tx.push(device, &items, now, false) }
}

fn whole(tx: &mut dyn Tx, stream: &StreamId) -> Result<Vec<FeedItem>, StoreError> {
    let mut from = 1;
    let item = |to| {
        let item = FeedItem::Events { stream: *stream, from, to };
        from = to + 1;
        item
    };
    Ok(chunks(&tx.cuts(stream)?).into_iter().map(item).collect())
}

fn standing(tx: &mut dyn Tx, device: &mut DeviceRow) -> Result<Vec<FeedItem>, StoreError> {
    let sizes = tx.standing_after(device.standing)?;
    let mut items = Vec::new();
    for to in chunks(&sizes) {
        items.push(FeedItem::Standing { after: device.standing, to });
        device.standing = to;
    }
    Ok(items)
}

/// Groups cuts `(where, size before it)` into runs of about [`CHUNK_BYTES`]; gives their ends.
fn chunks(cuts: &[(u64, u64)]) -> Vec<u64> {
    let (mut ends, mut size, mut last) = (Vec::new(), 0, None);
    for (at, bytes) in cuts {
        if size + bytes > CHUNK_BYTES
            && let Some(end) = last.take()
        {
            ends.push(end);
            size = 0;
        }
        size += bytes;
        last = Some(*at);
    }
    ends.extend(last);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stream_comes_in_chunks_that_end_at_seals() {
        let big = CHUNK_BYTES / 2;
        assert_eq!(chunks(&[]), Vec::<u64>::new());
        assert_eq!(chunks(&[(3, 10)]), vec![3]);
        assert_eq!(chunks(&[(3, big), (5, big), (9, 1), (12, 5)]), vec![5, 12]);
        assert_eq!(chunks(&[(3, CHUNK_BYTES * 3), (5, 1)]), vec![3, 5], "one run can't be cut");
    }
}
