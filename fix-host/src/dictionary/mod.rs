//! Data dictionaries at run time: a user's XML, with overlays, as the same tables that fix-core has built in.
//!
//! The tables are leaked: a program loads its dictionaries once, when it starts.

pub mod spec;
mod tables;

use std::path::Path;

use fix_core::dict::Dictionary;
pub use spec::error::SpecError;

/// Loads a dictionary file in the dialect of QuickFIX, with the overlay files, in this order, on top of it.
///
/// FIX 5.0's application dictionary is an overlay of its transport dictionary, FIXT 1.1.
///
/// # Errors
/// [`SpecError`]: one line that says where (file, line, column), what is wrong, and what to do.
pub fn load(file: &Path, overlays: &[impl AsRef<Path>]) -> Result<&'static Dictionary, SpecError> {
    Ok(tables::leak(&spec::load(file, overlays)?))
}
