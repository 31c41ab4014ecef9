//! The small types every layer shares: identifiers, instants, money, languages.
//!
//! Nothing here knows about visits or streams.

mod clock;
mod id;
mod lang;
mod money;
mod source;

pub use clock::{ClockReading, Instant, Zone};
pub use id::{Id, IdError};
pub use lang::{Lang, Text3, UnknownLang};
pub use money::{Currency, Money, MoneyError};
pub use source::{SourceError, parse_toml};
