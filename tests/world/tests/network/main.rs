//! Sync where networks are bad or absent: slow links, files on a stick, copies of a phone, and what
//! must never be lost on the way.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

mod copies;
mod files;
mod kept;
mod leaving;
mod links;
mod recorder;
mod upgrades;
mod versions;
