//! Which photos stand with which entry, and how a paper shows them.

use super::{Engine, context::VisitView};
use crate::{
    base::{Hash, Lang},
    document::{Picture, ReportPhoto},
    event::{Payload, Recorded},
    order::named_photos,
    text::tr,
};

/// The photos that an event names, each with the entry it stands with: what a hazard asked for stands
/// with the hazard.
pub(super) fn photos_by_entry(recorded: &Recorded) -> impl Iterator<Item = (Hash, Hash)> + use<> {
    let entry = match &recorded.event.payload {
        Payload::DutyDone(done) => done.hazard,
        Payload::HazardRechecked(check) => check.hazard,
        Payload::GasShutOff(off) => off.hazard.unwrap_or(recorded.id),
        _ => recorded.id,
    };
    named_photos(&recorded.event.payload).into_iter().map(move |photo| (entry, photo))
}

impl Engine {
    /// The photos of a visit for its report, once each, as they were put down; not those of entries
    /// that were corrected. A small picture that is damaged, missing or no JPEG leaves its photo's
    /// hash.
    pub(super) fn report_photos(&self, view: &VisitView, lang: Lang) -> Vec<ReportPhoto> {
        let mut photos: Vec<ReportPhoto> = Vec::new();
        for recorded in &view.events {
            for (entry, address) in photos_by_entry(recorded) {
                let done = view.state.done().iter().find(|done| done.event == entry);
                let wrong = done.is_some_and(|done| done.corrected_by.is_some());
                if wrong || photos.iter().any(|photo| photo.address == address) {
                    continue;
                }
                let step = done.and_then(|done| view.state.standard().step(&done.step));
                let small = self.thumbnail(&address).ok().flatten();
                photos.push(ReportPhoto {
                    title: match step {
                        Some(step) => step.title.get(lang).to_owned(),
                        None => tr(lang, "report-photo-other", &[]),
                    },
                    at: recorded.event.clock.wall,
                    address,
                    erased: view.order_state.photos_erased.contains(&address),
                    picture: small.and_then(|bytes| Picture::read(&bytes)),
                });
            }
        }
        photos
    }
}
