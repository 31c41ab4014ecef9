//! What is told with the premises before their door opens: hazards that are still there, and gas that
//! is off, over all orders the server knows.

use minicbor::{Decode, Encode};

use crate::{
    base::{Hash, Id, Instant},
    event::ShutOff,
};

/// A hazard that is still there, as whoever comes next must know it. No personal data: what was
/// written about it stays sealed in its order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpenHazard {
    /// The order it was found under.
    #[n(0)]
    pub order: Id,
    /// Its finding.
    #[n(1)]
    pub event: Hash,
    /// When it was found.
    #[n(2)]
    pub at: Instant,
    /// The scale of its grade.
    #[n(3)]
    pub scale: String,
    /// Its grade's code now.
    #[n(4)]
    pub grade: String,
    /// 1 is the gravest.
    #[n(5)]
    pub rank: u32,
    /// What it is about.
    #[n(6)]
    pub item: String,
    /// To be mended by.
    #[n(7)]
    pub due: Option<Instant>,
    /// The finding it continues, which is told no more beside it.
    #[n(8)]
    pub first: Option<Hash>,
}

/// The hazards that are still there at some premises, over all orders the server knows. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct OpenHazards {
    /// Gravest first.
    #[n(0)]
    pub hazards: Vec<OpenHazard>,
    /// Gas that is off, in the order it was shut off; absent where it is on.
    #[n(1)]
    pub stops: Option<Vec<OpenStop>>,
}

/// Gas that was shut off and not restored since, as told with the premises. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpenStop {
    /// The order it was shut off under.
    #[n(0)]
    pub order: Id,
    /// The event that shut it off.
    #[n(1)]
    pub event: Hash,
    /// When.
    #[n(2)]
    pub at: Instant,
    /// What.
    #[n(3)]
    pub what: ShutOff,
    /// The finding it was shut off for.
    #[n(4)]
    pub hazard: Option<Hash>,
}

impl OpenHazards {
    /// The key of a premises' hazards in standing data.
    pub fn key(premises: Id) -> String {
        format!("hazards/{premises}")
    }

    /// These hazards, gravest first, without those that another one continues, and these stops.
    pub fn of(mut hazards: Vec<OpenHazard>, mut stops: Vec<OpenStop>) -> OpenHazards {
        let continued: Vec<Hash> = hazards.iter().filter_map(|hazard| hazard.first).collect();
        hazards.retain(|hazard| !continued.contains(&hazard.event));
        hazards.sort_by_key(|hazard| (hazard.rank, hazard.at, hazard.event));
        stops.sort_by_key(|stop| (stop.at, stop.event));
        OpenHazards { hazards, stops: (!stops.is_empty()).then_some(stops) }
    }
}
