//! SQLite as it comes, over the disk: what it survives, and that the disk does lose.

// Clippy lets tests unwrap, but not the functions they share.
#![allow(clippy::unwrap_used)]

mod connections;
mod faults;
mod power_loss;
mod tour;
