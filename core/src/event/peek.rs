//! An event's type and time, read off its first bytes: to rank what is unsent without reading it.

use minicbor::{Decoder, decode};

use crate::base::Instant;

/// The beginning of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventHead {
    /// Its type's number.
    pub kind: u32,
    /// What the clock said.
    pub wall: Instant,
}

impl EventHead {
    /// This many bytes always hold it.
    pub const BYTES: usize = 96;

    /// Reads it off an event's first [`EventHead::BYTES`] bytes, or all of a shorter event. `None`
    /// when they don't begin like one.
    pub fn peek(bytes: &[u8]) -> Option<EventHead> {
        read(bytes).ok().flatten()
    }
}

fn read(bytes: &[u8]) -> Result<Option<EventHead>, decode::Error> {
    let mut d = Decoder::new(bytes);
    let mut kind = None;
    for _ in 0..d.map()?.unwrap_or(0) {
        match d.u64()? {
            0 => kind = Some(d.u32()?),
            4 => {
                let wall = d.decode()?;
                return Ok(kind.map(|kind| EventHead { kind, wall }));
            }
            _ => d.skip()?,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{ClockReading, Id, Zone},
        event::{Event, Payload, VisitFinished},
    };

    #[test]
    fn the_first_bytes_tell_type_and_time_and_noise_tells_nothing() {
        let clock = ClockReading {
            wall: Instant(i64::MIN),
            zone: Zone(480),
            boot: Id::new([255; 16]),
            since_boot_ms: u64::MAX,
        };
        for payload in [
            Payload::from(VisitFinished {
                outcome: "completed".to_owned(),
                order: None,
                then: None,
            }),
            Payload::Unknown { kind: u32::MAX, bytes: vec![0xa0; 1] },
        ] {
            let kind = payload.kind();
            let event = Event {
                action: Id::new([1; 16]),
                actor: Id::new([2; 16]),
                visit: Some(Id::new([3; 16])),
                clock,
                seen: None,
                payload,
                private: Default::default(),
            };
            let bytes = event.encode();
            let prefix = &bytes[..bytes.len().min(EventHead::BYTES)];
            assert_eq!(EventHead::peek(prefix), Some(EventHead { kind, wall: clock.wall }));
        }
        assert_eq!(EventHead::peek(b""), None);
        assert_eq!(EventHead::peek(b"<html>no event at all</html>"), None);
        assert_eq!(EventHead::peek(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]), None);
    }
}
