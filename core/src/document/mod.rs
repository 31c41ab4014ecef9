//! Papers for people: receipts, statements, notices.
