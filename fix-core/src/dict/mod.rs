//! Dictionary tables.
