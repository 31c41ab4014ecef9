//! Letting a phone go: what must leave it before it is wiped, handed in or given to another person, and
//! the two ways to begin anew. That the server holds something is not enough, as its disk may be lost
//! the same night: a file is removed only when a verified backup covers all of it, or when what no
//! backup covers has left in files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use minicbor::{Decode, Encode};

use super::{
    ActError, Engine, Packet,
    carry::Carried,
    exchange::{InFlight, Wanted},
    outbox::{Cargo, OFFERED},
};
use crate::{
    base::{ClockReading, Hash},
    log::StreamId,
    store::{StoreError, set_aside},
    sync::{MAX_PART_BYTES, PhotoPiece},
};

/// Bytes of a photo in one file.
const PIECE: usize = 3 * MAX_PART_BYTES;

/// The files that left last, and what is in each.
pub(super) const LEFT_WITH: &str = "left_with";

/// What is in a file. CBOR: `[file, streams, photos]`.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(array)]
pub(super) struct Held {
    /// SHA-256 of its bytes.
    #[n(0)]
    pub(super) file: Hash,
    /// Events of streams, from the first to the last.
    #[n(1)]
    pub(super) streams: Vec<(StreamId, u64, u64)>,
    /// Bytes of photos, from and up to.
    #[n(2)]
    pub(super) photos: Vec<(Hash, u64, u64)>,
}

/// What stands in the way of letting a phone go.
#[derive(Debug, Clone)]
pub struct Leave {
    /// The server holds all of it, and said so. It may still lose it with its disk.
    pub everything_sent: bool,
    /// A verified backup of the server covers all of it: the phone may go as it is.
    pub everything_safe: bool,
    /// Own events it hasn't accepted.
    pub unsent: u64,
    /// Photos taken here that it hasn't got whole.
    pub photos: u64,
    /// Events that no backup covers, in files that must leave the phone first; none when everything is
    /// safe.
    pub files: Vec<Packet>,
    /// Photos that no backup covers: [`Engine::photo_files`] gives the files of each.
    pub photos_to_carry: Vec<Hash>,
    /// The server's last statement, as signed.
    pub statement: Option<Vec<u8>>,
}

/// Why a phone's file stays, with the engine as it was.
pub struct StaysHere {
    /// Still open.
    pub engine: Engine,
    /// Why.
    pub error: ActError,
}

impl Engine {
    /// What stands in the way of wiping this phone, logging its person out, handing it in, and so on:
    /// nothing, when a backup of the server covers all of it; otherwise the files that must leave it
    /// first. Whoever does any of that asks this before, and keeps the files where they can't be
    /// lost, until the office says that it has them in a backup.
    ///
    /// # Errors
    /// When the phone isn't enrolled or its file can't be read: then its file is to be kept as it is
    /// ([`crate::store::set_aside`]).
    pub fn leave(&mut self, clock: &ClockReading) -> Result<Leave, ActError> {
        let unsent = self.unsent()?;
        let reader = self.store.read();
        let recorded = reader.held_sum(&self.me()?.writer())?.events;
        let said = self.nothing_unsent()?;
        let said = said.filter(|said| said.holds_all() && said.recorded >= recorded);
        let photos = self.store.photos_waiting()?;
        let unsent_keys = self.store.unsent_keys()?;
        let keys = unsent_keys.boxes.len() + unsent_keys.keys.len();
        // What a colleague's phone brought may be nowhere else.
        let offered = reader.meta::<Vec<StreamId>>(OFFERED)?.unwrap_or_default();
        let nothing_else = offered.is_empty() && keys == 0;
        let everything_sent =
            unsent == 0 && photos == 0 && nothing_else && (said.is_some() || recorded == 0);
        let events_safe = reader.own_not_safe()?.is_empty() && nothing_else;
        let photos_to_carry = reader.photos_not_safe()?;
        let (files, held) = match events_safe {
            true => (Vec::new(), Vec::new()),
            false => self.files(clock, Cargo::NotSafe)?,
        };
        self.store.transaction(|tx| tx.set_meta(LEFT_WITH, &held))?;
        Ok(Leave {
            everything_sent,
            everything_safe: events_safe && photos_to_carry.is_empty(),
            unsent,
            photos,
            files,
            photos_to_carry,
            statement: self.statement_proof()?,
        })
    }

    /// A photo that was taken here, in files of at most 3 MiB of it, as [`Leave::files`] are: to be
    /// kept with them, and handed in behind them, in their order. One photo at a time, as all of them
    /// together may be more than a phone's memory holds.
    ///
    /// # Errors
    /// When there is no such photo here, or the file can't be read.
    pub fn photo_files(
        &mut self,
        clock: &ClockReading,
        address: &Hash,
    ) -> Result<Vec<Packet>, ActError> {
        let row = self.store.photo(address)?.ok_or(super::PhotoError::Unknown)?;
        let (mut files, mut remembered) = (Vec::new(), Vec::new());
        let mut held: Vec<Held> = self.store.read().meta(LEFT_WITH)?.unwrap_or_default();
        let mut at = 0;
        while at < row.size {
            let bytes = self.store.photo_bytes(&row, at, PIECE)?;
            if bytes.is_empty() {
                return Err(StoreError::Damaged("a photo has a hole".to_owned()).into());
            }
            let end = at + bytes.len() as u64;
            let pieces = (at..end).step_by(MAX_PART_BYTES).zip(bytes.chunks(MAX_PART_BYTES));
            let pieces = pieces.map(|(at, bytes)| PhotoPiece {
                address: *address,
                at,
                bytes: bytes.to_vec(),
            });
            let wanted = Wanted {
                cargo: Cargo::Nothing,
                budget: PIECE,
                introduce: true,
                pieces: pieces.collect(),
            };
            let made = self.make_request(clock, wanted, &BTreeMap::new())?;
            let InFlight { hash, sent, keys, .. } = made.flight;
            held.push(Held { file: hash, streams: Vec::new(), photos: vec![(*address, at, end)] });
            remembered.push(Carried { hash, sent, keys });
            files.push(made.packet);
            at = end;
        }
        self.remember(remembered)?;
        self.store.transaction(|tx| tx.set_meta(LEFT_WITH, &held))?;
        Ok(files)
    }

    /// Logs the person out: the file is removed with all it holds, and another person may enrol on a
    /// new one. `taken` are SHA-256 of the files that left last and were kept elsewhere
    /// ([`Engine::leave`], [`Engine::photo_files`]); none are needed when everything is safe.
    ///
    /// # Errors
    /// [`ActError::NotSafe`] while the file holds what neither a backup nor one of these files has;
    /// nothing is removed then.
    pub fn log_out(self, taken: &[Hash]) -> Result<(), Box<StaysHere>> {
        let stays = |engine, error| Box::new(StaysHere { engine, error });
        match self.only_here(taken) {
            Ok((0, 0)) => {}
            Ok((events, photos)) => return Err(stays(self, ActError::NotSafe { events, photos })),
            Err(error) => return Err(stays(self, error)),
        }
        let path = self.close();
        // The log last: beside no file, SQLite drops it.
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            // What stays behind is opened as it was.
            let _ = std::fs::remove_file(Path::new(&name));
        }
        Ok(())
    }

    /// Begins anew whatever the file holds: it gets another name beside it, and nothing in it is
    /// removed. Gives the new name; opened under it, it still gives up its work.
    ///
    /// # Errors
    /// When it can't be renamed, or the label was used before: it stays under its name.
    pub fn reset(self, label: &str) -> std::io::Result<PathBuf> {
        set_aside(&self.close(), label)
    }

    /// Closes the file; gives where it is.
    fn close(self) -> PathBuf {
        self.store.path()
    }

    /// Events and photos that are here and neither in a backup nor in one of these files.
    fn only_here(&self, taken: &[Hash]) -> Result<(u64, u64), ActError> {
        let mut held: Vec<Held> = self.store.read().meta(LEFT_WITH)?.unwrap_or_default();
        held.retain(|held| taken.contains(&held.file));
        let mut events = 0;
        for row in self.store.read().own_not_safe()? {
            let first = self.store.read().chain_before(&row)?.seq;
            let safe = row.safe.max(row.purged).max(first);
            events += row.chain.seq.saturating_sub(covered(&held, &row.stream, safe));
        }
        for stream in self.store.read().meta::<Vec<StreamId>>(OFFERED)?.unwrap_or_default() {
            let Some(row) = self.store.read().stream(&stream)? else { continue };
            let Some((sealed, _)) = self.store.last_seal(&row)? else { continue };
            events += sealed.saturating_sub(covered(&held, &stream, row.purged));
        }
        let keys = self.store.unsent_keys()?;
        if held.iter().all(|held| held.streams.is_empty()) {
            events += (keys.keys.len() + keys.boxes.len()) as u64;
        }
        let mut photos = 0;
        for address in self.store.read().photos_not_safe()? {
            let Some(row) = self.store.photo(&address)? else { continue };
            let mut safe = 0;
            for (photo, from, to) in held.iter().flat_map(|held| &held.photos) {
                if *photo == address && *from <= safe {
                    safe = safe.max(*to);
                }
            }
            photos += u64::from(safe < row.size);
        }
        Ok((events, photos))
    }
}

/// Up to where a stream is in these files without a hole, where it is safe up to `safe`.
fn covered(held: &[Held], stream: &StreamId, safe: u64) -> u64 {
    held.iter().flat_map(|held| &held.streams).fold(safe, |safe, (held, from, to)| {
        if held == stream && *from <= safe + 1 { safe.max(*to) } else { safe }
    })
}
