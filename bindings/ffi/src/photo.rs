//! Photos: taken, shown, and sent behind the records by `sync`.

use std::sync::Arc;

use doorstep::{
    base::{Hash, Lang},
    engine::{Engine, ExchangeError, PhotoNext},
};
use doorstep_transport::Transport;

use crate::{
    Change, Done, Doorstep, DoorstepError, Synced,
    action::id,
    platform::now,
    sync::{count, post},
    worker::Worker,
};

#[uniffi::export]
impl Doorstep {
    /// Keeps a photo taken in a visit, sealed and as durably as `act`; `photo` of what comes back is
    /// what other actions call it. `image` is the file as the camera wrote it, at most 16 MB;
    /// `thumbnail` a small one of at most 32 KB, which stays on the phone when the image has been
    /// sent and let go of; as a JPEG, the service report shows it. The same action id again gives the same photo.
    pub async fn take_photo(
        &self,
        action_id: String,
        visit: String,
        image: Vec<u8>,
        thumbnail: Option<Vec<u8>>,
        lang: Lang,
    ) -> Result<Done, DoorstepError> {
        let (action_id, visit) = (id(&action_id)?, id(&visit)?);
        let changes = self.changes.clone();
        self.read(lang, move |engine, clock| {
            let small = thumbnail.unwrap_or_default();
            let done = engine.take_photo(action_id, clock, visit, &image, &small)?;
            changes.tell(Change::Recorded { visit: Some(visit.to_string()) });
            Ok(done.into())
        })
        .await
    }

    /// A photo that was taken on this phone; nothing when it was sent and let go of.
    pub async fn photo(&self, photo: Hash, lang: Lang) -> Result<Option<Vec<u8>>, DoorstepError> {
        self.read(lang, move |engine: &mut Engine, _| engine.photo(&photo)).await
    }

    /// The thumbnail of a photo that was taken on this phone; nothing when it was given none.
    pub async fn thumbnail(
        &self,
        photo: Hash,
        lang: Lang,
    ) -> Result<Option<Vec<u8>>, DoorstepError> {
        self.read(lang, move |engine: &mut Engine, _| engine.thumbnail(&photo)).await
    }
}

impl Doorstep {
    /// Sends photos until none is left or something is in the way; whether an exchange is worth it
    /// at once.
    pub(crate) async fn send_photos(
        &self,
        worker: &Worker,
        transport: &Transport,
        synced: &mut Synced,
        lang: Lang,
    ) -> Result<bool, DoorstepError> {
        let before = synced.photos;
        loop {
            let packet = worker
                .run(move |engine| {
                    engine.photo_request().map_err(|error| DoorstepError::act(&error, lang))
                })
                .await?;
            let Some(packet) = packet else { break };
            let reply = post(transport, "/v1/photos", packet.bytes).await?;
            synced.photo_bytes += count(packet.part);
            let platform = Arc::clone(&self.platform);
            let next = worker
                .run(move |engine| {
                    let now = now(&*platform)?.wall;
                    let error = match reply {
                        Ok(reply) => {
                            return engine
                                .photo_answer(now, &reply.body)
                                .map(|whole| (whole, PhotoNext::Again))
                                .map_err(|error: ExchangeError| {
                                    DoorstepError::exchange(&error, lang)
                                });
                        }
                        Err(error) => error,
                    };
                    let (trouble, wait) = (error.trouble(), error.retry_after_ms());
                    let code = error.problem().map(|problem| problem.code.as_str());
                    match engine.photo_failed(now, trouble, wait, code) {
                        Ok(PhotoNext::Stop) => {
                            Err(DoorstepError::trouble(trouble, wait.unwrap_or(0), lang))
                        }
                        Ok(next) => Ok((false, next)),
                        Err(error) => Err(DoorstepError::act(&error, lang)),
                    }
                })
                .await;
            let (whole, next) = next?;
            if whole {
                synced.photos += 1;
                self.changes.tell(Change::PhotoSent { photo: packet.address.to_string() });
            }
            if next == PhotoNext::Exchange {
                return Ok(true);
            }
        }
        // What the server said about photos still to come is out of date.
        Ok(synced.photos > before)
    }
}
