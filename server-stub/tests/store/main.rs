//! What every store must do, case by case: on an SQLite file, on SQLite in memory, and on a real PostgreSQL.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

/// Makes a test of each case for each store.
macro_rules! on_each_store {
    ($($case:ident),* $(,)?) => {
        $(mod $case {
            #[test]
            fn on_sqlite() {
                super::$case(&crate::place::Place::sqlite());
            }

            #[test]
            fn in_memory() {
                super::$case(&crate::place::Place::memory());
            }

            #[test]
            fn on_postgresql() {
                super::$case(&crate::place::Place::postgresql());
            }
        })*
    };
}

mod ahead;
mod devices;
mod districts;
mod feed;
mod interleaved;
mod office;
mod photos;
mod place;
mod schema;
mod streams;
mod transactions;
