//! Photos of a phone that is a process: taken from files, sent in parts.

use std::{fs::File, io::Read, path::Path};

use doorstep::{
    base::{ClockReading, Hash},
    engine::{Engine, ExchangeError, PhotoNext},
    sync::MAX_PHOTO_BYTES,
};
use serde_json::{Value, json};

use super::{
    Phone, Told,
    command::{Refusal, trouble_name},
};

/// Reads a picture; one byte over the limit is read, so that the engine says so.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let opened =
        File::open(file).and_then(|it| it.take(MAX_PHOTO_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|error| Refusal::new("no_file", format!("{}: {error}", file.display())))?;
    Ok(bytes)
}

/// Writes a photo, opened, into a file.
pub(super) fn show(
    engine: &Engine,
    address: &Hash,
    into: &Path,
    small: bool,
) -> Result<Value, Refusal> {
    let bytes = match small {
        true => engine.thumbnail(address)?,
        false => engine.photo(address)?,
    };
    if let Some(bytes) = &bytes {
        let written = std::fs::write(into, bytes);
        written.map_err(|error| Refusal::new("no_file", format!("{}: {error}", into.display())))?;
    }
    Ok(json!({ "bytes": bytes.map(|bytes| bytes.len()) }))
}

impl Phone {
    /// Sends photos until none is left or something is in the way. Says whether an exchange is worth
    /// it at once.
    pub(super) fn send_photos(
        &mut self,
        clock: &ClockReading,
        told: &mut Told,
    ) -> Result<bool, Refusal> {
        let before = told.photos_sent;
        while let Some(packet) = self.engine.photo_request()? {
            told.photo_parts += 1;
            told.photo_bytes += packet.part;
            let next = match self.post("/v1/photos", packet.bytes, None)? {
                Ok(reply) => match self.engine.photo_answer(clock.wall, &reply.body) {
                    Ok(whole) => {
                        told.photos_sent += usize::from(whole);
                        PhotoNext::Again
                    }
                    Err(ExchangeError::Act(error)) => return Err(error.into()),
                    Err(error) => {
                        told.trouble = Some(Refusal::from(error).kind);
                        PhotoNext::Stop
                    }
                },
                Err(error) => {
                    let code = error.problem().map(|problem| problem.code.clone());
                    let (trouble, wait) = (error.trouble(), error.retry_after_ms());
                    let next =
                        self.engine.photo_failed(clock.wall, trouble, wait, code.as_deref())?;
                    if next == PhotoNext::Stop {
                        told.trouble = Some(trouble_name(trouble));
                    }
                    next
                }
            };
            match next {
                PhotoNext::Again => {}
                PhotoNext::Exchange => return Ok(true),
                PhotoNext::Stop => return Ok(false),
            }
        }
        // What the server said about photos still to come is out of date.
        Ok(told.photos_sent > before)
    }
}
