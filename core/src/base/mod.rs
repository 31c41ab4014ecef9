//! The small types every layer shares: identifiers, instants, money, languages.
//!
//! Nothing here knows about visits or streams.

mod clock;
mod decimal;
mod entropy;
mod hash;
mod id;
mod lang;
mod money;
mod names;
mod natural;
mod personal;
mod source;

pub use clock::{CLOCK_TOLERANCE_MS, ClockReading, Instant, Zone};
pub use decimal::{Decimal, DecimalError};
pub use entropy::Entropy;
pub(crate) use entropy::EntropyRng;
pub use hash::Hash;
pub use id::{Id, IdError};
pub use lang::{Lang, Text3, UnknownLang};
pub use money::{Currency, Money, MoneyError};
pub use names::did_you_mean;
pub use natural::{folded, natural_key};
pub use personal::Personal;
pub use source::{SourceError, parse_toml};
