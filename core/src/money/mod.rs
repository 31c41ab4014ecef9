//! Charges, payment, receipts.
