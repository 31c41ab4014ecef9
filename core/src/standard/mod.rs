//! The way of working as data.
