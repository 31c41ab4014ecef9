//! What a technician writes about hazards: found, what was done at once, checked again, gas shut off
//! and restored. The envelope names the visit.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Hash, Id, Instant, Personal};

/// What a grade asks for before a visit may end.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Gas or the appliance is shut off. Fulfilled by [`GasShutOff`].
    #[n(0)]
    ShutOff,
    /// A warning tag hangs there.
    #[n(1)]
    Tag,
    /// A numbered notice was served.
    #[n(2)]
    Notice,
    /// Somebody saw that it was served.
    #[n(3)]
    Witness,
    /// A picture before anything was changed.
    #[n(4)]
    PhotoBefore,
    /// A picture of how it was left.
    #[n(5)]
    PhotoAfter,
    /// The supervisor hears of it at the next network.
    #[n(6)]
    TellSupervisor,
}

/// How soon after the finding a duty is to be done, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct DutyWithin {
    /// Which.
    #[n(0)]
    pub duty: Duty,
    /// Minutes from the finding at most.
    #[n(1)]
    pub minutes: u32,
    /// The rule's short name.
    #[n(2)]
    pub rule: String,
}

/// A hazard was found. Grade, rank, duties, who mends it and all dates are pinned as the profile then had
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HazardFound {
    /// The scale.
    #[n(0)]
    pub scale: String,
    /// The grade's code on it.
    #[n(1)]
    pub grade: String,
    /// 1 is the scale's gravest.
    #[n(2)]
    pub rank: u32,
    /// What: an item of the checklist, or a word of the standard.
    #[n(3)]
    pub item: String,
    /// What the grade asks for.
    #[n(4)]
    pub duties: Vec<Duty>,
    /// To be mended by.
    #[n(5)]
    pub due: Option<Instant>,
    /// Pictures.
    #[n(6)]
    pub evidence: Vec<Hash>,
    /// The finding this one continues, of this order or another.
    #[n(7)]
    pub first: Option<Hash>,
    /// The order of that finding, where it is another.
    #[n(8)]
    pub first_order: Option<Id>,
    /// How soon duties are to be done; absent where none has a limit.
    #[n(9)]
    pub within: Option<Vec<DutyWithin>>,
    /// Who has to mend it: a party of the profile.
    #[n(10)]
    pub party: Option<String>,
    /// When it is looked at again.
    #[n(11)]
    pub recheck: Option<Instant>,
}

/// Private part of [`HazardFound`] and [`DutyDone`], class service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct HazardText {
    /// Where in the home, and what is wrong, or what was said.
    #[n(0)]
    pub text: Option<Personal>,
    /// Who saw it, and who they are to the customer.
    #[n(1)]
    pub witness: Option<Personal>,
}

/// Something a hazard asks for was done, or refused by the customer before a witness.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DutyDone {
    /// The hazard's event.
    #[n(0)]
    pub hazard: Hash,
    /// What.
    #[n(1)]
    pub duty: Duty,
    /// The customer refused it: a witness stands in the private part.
    #[n(2)]
    pub refused: bool,
    /// The notice's or tag's number.
    #[n(3)]
    pub number: Option<String>,
    /// A picture.
    #[n(4)]
    pub photo: Option<Hash>,
}

/// A hazard was looked at again. Passed, it is closed; not passed, it goes on, at this grade.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HazardRechecked {
    /// The first finding's event.
    #[n(0)]
    pub hazard: Hash,
    /// It is mended.
    #[n(1)]
    pub passed: bool,
    /// Where not: the grade's code now, on the finding's scale.
    #[n(2)]
    pub grade: Option<String>,
    /// And its rank.
    #[n(3)]
    pub rank: Option<u32>,
    /// Pictures.
    #[n(4)]
    pub evidence: Vec<Hash>,
    /// The order of the first finding, where it is another.
    #[n(5)]
    pub first_order: Option<Id>,
}

/// What was shut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ShutOff {
    /// A valve before one appliance.
    #[n(0)]
    Appliance,
    /// The valve of the flat.
    #[n(1)]
    Valve,
    /// The supply: on paper only, never by an electronic signature.
    #[n(2)]
    Supply,
}

/// Gas was shut off.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GasShutOff {
    /// What.
    #[n(0)]
    pub what: ShutOff,
    /// For which hazard.
    #[n(1)]
    pub hazard: Option<Hash>,
    /// The number of the paper form, for a stop of supply.
    #[n(2)]
    pub paper: Option<String>,
    /// A picture: of the signed or posted paper, for a stop of supply.
    #[n(3)]
    pub photo: Option<Hash>,
}

/// Gas was restored.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GasRestored {
    /// The event that shut it off.
    #[n(0)]
    pub shut_off: Hash,
    /// The order of that event, where it is another.
    #[n(1)]
    pub first_order: Option<Id>,
}
