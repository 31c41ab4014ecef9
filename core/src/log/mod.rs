//! Chains and seals.
