//! A small world to test Doorstep in: an office with a real server over a real SQLite file, phones
//! with the real engine on real files, one clock, and a network that does what a test says.
//!
//! Everything is set by the test: randomness is counted up from a seed, time stands still until it
//! is [passed](World::pass), and a packet arrives when the test delivers it. Two runs do the same.
//!
//! What it does not do: no sockets and no HTTP (the server's rules are called as its routes call
//! them), no processes. The people are always the same: Mei and Wu, who go to doors, He, who
//! decides, Lin at the desk, and Mrs Chan, who waits in Flat 1203, 8 Harbour Street.

mod directory;
mod office;
mod parts;
mod phone;
mod visit;
mod world;

pub use directory::Directory;
pub use office::Office;
pub use parts::{Counter, MINUTE, NOON, Secrets, SetClock, id};
pub use phone::{Phone, engine};
pub use visit::{Tap, cny, knock, long_bill, no_access, repair, start, step, tap};
pub use world::{Loss, World};
