//! Data dictionaries at run time.

pub mod spec;
