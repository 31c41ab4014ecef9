//! Plays scenario files: real phones in processes of their own, the real server on loopback, a
//! network that fails on purpose, clocks that are held. `docs/scenarios.md` says how to write one.
//!
//! ```text
//! expand · blame                   routines and rows, written out; what a TOML reader says, in words
//! raw · scenario · load · steps   the file: its shape; its meaning; errors with line and column
//! play · setup · taps · proofs    what stands ready; step by step, until the end
//! phone · link                    a phone as a child process; the proxy between it and the server
//! carried                         files on a stick, and the server going back to a backup
//! office                          the server, its clock, the people who work through its routes
//! state · expect                  what everybody sees; what must be seen
//! story · outside                 the telling; the check by a script that shares no code with us
//! ```
//!
//! Nothing here decides what Doorstep does: a step is an action on a phone or a request of the
//! office, and what comes of it is theirs.

mod blame;
mod carried;
mod expand;
mod expect;
mod hazard;
mod link;
mod load;
mod office;
mod outside;
mod phone;
mod play;
mod proofs;
mod raw;
mod scenario;
mod setup;
mod state;
mod steps;
mod story;
mod taps;
mod time;
mod value;

pub use play::{Failure, Options, Outcome, Report, play};
pub use scenario::{LoadError, MAX_FILE, MAX_STEPS, Scenario};
