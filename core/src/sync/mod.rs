//! The exchange: what a phone and the server say to each other, and when.
//!
//! Sans-IO: requests and answers are bytes, `now` is a parameter. The same bytes are authentic
//! over HTTP, as a file, on a stick. `docs/protocol.md` is the prose, `docs/wire.cddl` the schema.

mod bottles;
mod enrol;
mod handed;
mod hazards;
mod lane;
mod machine;
mod message;
mod pace;
mod packet;
mod photo;
mod standing;
mod statement;
mod wake;

pub use bottles::{BackTold, BottleThere, BottleTold, Bottles, DepositTold, Held};
pub use enrol::{Company, EnrolAnswer, EnrolRequest, Person};
pub use handed::{HandedError, HandedVisit, read_taker_code, taker_code};
pub use hazards::{OpenHazard, OpenHazards, OpenStop};
pub use lane::{Backlog, Lane};
pub use machine::{Machine, Next, Status, Trouble};
pub use message::{
    Answer, Cursor, NothingUnsent, Outcome, Request, SafeAsked, Scope, StreamOutcome, StreamResult,
};
pub use pace::Pace;
pub use packet::{
    MAX_BODY_BYTES, MAX_PACKET_BYTES, PacketError, RequestPacket, open_answer, open_enrol_answer,
    seal_answer, seal_enrol, seal_enrol_answer, seal_request,
};
pub use photo::{
    MAX_PART_BYTES, MAX_PHOTO_BYTES, Mark, PhotoGrant, PhotoKept, PhotoPart, PhotoPiece,
};
pub use standing::{MetersOf, Premises, PremisesDelta, StandingDoc, StandingError};
pub use statement::Statement;
pub use wake::{WakePacket, WakeRequest};
