//! The server as phones and the office meet it: through its routes, one request at a time.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

mod backup;
mod bottles;
mod complaints;
mod device;
mod enrolment;
mod feed;
mod gate;
mod halves;
mod hostile;
mod office;
mod readings;
mod restart;
mod retention;
mod shuffle;
mod skew;
mod socket;
mod story;
mod two_desks;
mod two_servers;
mod wake;
mod world;
