//! What a stranger can check with the company's public key alone: a receipt from its QR text, a
//! visit from its exported file. No store, no server, no network.

mod bundle;
mod codes;
mod receipt;

pub use bundle::{Bundle, BundleError, VerifiedBundle};
pub use codes::receipt_codes;
pub use receipt::{MAX_RECEIPT_TEXT, Proven, ReceiptProof, ReceiptProofError, VerifiedReceipt};
