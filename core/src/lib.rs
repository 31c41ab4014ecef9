//! The offline-first core of Doorstep: what a phone records at somebody's door, how it is kept,
//! and how it reaches the office.
//!
//! Layers, top to bottom; a module may use what stands below it, never above:
//!
//! ```text
//! engine               opens the store, takes actions, runs sync, tells listeners
//! screen · document    view-models; receipts as text, SVG, ESC/POS
//! visit · order · money · proof  pure folds and rules: events in, state and findings out
//! sync                 sans-IO exchange: bytes in, bytes out, `now` is a parameter
//! store                SQLite: events as signed bytes, projections, outbox
//! standard · event · log  the vocabulary, its encoding, the chain and the seals
//! text · base          texts in three languages; ids, instants, money
//! ```
//!
//! What this crate refuses to do: it opens no socket, starts no thread, reads no clock and draws
//! no randomness of its own. Time, entropy and bytes from the network are arguments.

/// Whether this planted bug is awake: never, save in a test build (see `planted`).
macro_rules! planted {
    ($bug:ident) => {{
        #[cfg(feature = "planted")]
        {
            $crate::planted::is($crate::planted::Bug::$bug)
        }
        #[cfg(not(feature = "planted"))]
        {
            false
        }
    }};
}

pub mod base;
pub mod document;
pub mod engine;
pub mod event;
pub mod log;
pub mod meter;
pub mod money;
pub mod order;
#[cfg(feature = "planted")]
#[doc(hidden)]
pub mod planted;
pub mod proof;
pub mod screen;
pub mod standard;
pub mod store;
pub mod sync;
pub mod text;
pub mod visit;
