//! Data dictionaries at run time: a user's XML, with overlays, as the same tables that fix-core has built in.
//!
//! The tables are leaked: a program loads its dictionaries once, when it starts.

mod versions;

use std::path::Path;

use fix_core::dict::{Dictionary, fix44};
use fix_decoder::{reading::Version, tables};
pub use fix_dictionary::error::{SpecError, Warnings};
pub use versions::{Dictionaries, packed_text};

/// Loads a dictionary file in the dialect of QuickFIX, or the built-in FIX 4.4, with the overlay files, in this
/// order, on top of it.
///
/// FIX 5.0's application dictionary is an overlay of its transport dictionary, FIXT 1.1. What is odd in the files, but
/// loaded, as QuickFIX loads it, goes to `warnings`.
///
/// # Errors
/// [`SpecError`]: one line that says where (file, line, column), what is wrong, and what to do.
pub fn load(
    file: Option<&Path>,
    overlays: &[impl AsRef<Path>],
    warnings: &mut Warnings,
) -> Result<&'static Dictionary, SpecError> {
    let resolved = match file {
        Some(file) => fix_dictionary::load(file, overlays, warnings)?,
        None if overlays.is_empty() => return Ok(&fix44::DICTIONARY),
        None => {
            // The text that the built-in tables were generated from.
            let built_in = versions::unpack(versions::packed(Version::Fix44), warnings)?;
            fix_dictionary::overlaid(built_in, overlays, warnings)?
        }
    };
    Ok(tables::leak(&resolved))
}
