//! Data dictionaries as text: reads QuickFIX's XML, lays overlays on top, resolves it, writes Rust tables from it.
//!
//! The host loads its users' dictionaries with it, `cargo xtask codegen` writes the tables of `fix-core`, and a
//! firmware's `build.rs` its own:
//!
//! ```
//! use fix_dictionary::{error::Warnings, rust::{self, Flavor}};
//!
//! # fn main() -> Result<(), fix_dictionary::error::SpecError> {
//! # let xml = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../config/FIX44.xml");
//! let overlays = ["broker.xml"; 0];
//! let mut warnings = Warnings::default();
//! let dictionary = fix_dictionary::load(xml.as_ref(), &overlays, &mut warnings)?;
//! for line in warnings.lines() {
//!     println!("cargo::warning={line}");
//! }
//! for source in rust::write(&dictionary, Flavor::External, "FIX44.xml", "build.rs") {
//!     println!("{} has {} bytes", source.name, source.text.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Knows nothing of `fix-core`, so that `cargo xtask codegen` works while the tables that it is about to write do not
//! compile.

#[cfg(feature = "encodings")]
mod encoding;
#[cfg(not(feature = "encodings"))]
#[path = "utf8.rs"]
mod encoding;
pub mod error;
mod fields;
mod markup;
mod members;
pub mod model;
pub mod overlay;
mod place;
pub mod resolve;
pub mod rust;
mod standard;
pub mod xml;

use std::path::Path;

use error::{SpecError, Warnings};
use model::Spec;
use resolve::Resolved;

/// No dictionary is near this size; reading stops there, so that a wrong path cannot fill the memory.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// Reads a dictionary file with the overlays, in this order, on top of it. What is odd but loaded goes to `warnings`.
///
/// # Errors
/// [`SpecError`]: where and what is wrong, and what to do about it.
pub fn load(
    file: &Path,
    overlays: &[impl AsRef<Path>],
    warnings: &mut Warnings,
) -> Result<Resolved, SpecError> {
    let spec = read(file, warnings)?;
    overlaid(spec, overlays, warnings)
}

/// Lays the overlay files, in this order, on top of a dictionary.
///
/// # Errors
/// As [`load`].
pub fn overlaid(
    mut spec: Spec,
    overlays: &[impl AsRef<Path>],
    warnings: &mut Warnings,
) -> Result<Resolved, SpecError> {
    for file in overlays {
        let overlay = read(file.as_ref(), warnings)?;
        overlay::apply(&mut spec, overlay, warnings)?;
    }
    resolve::resolve(&spec, warnings)
}

/// Reads one dictionary or overlay file.
///
/// # Errors
/// As [`load`].
pub fn read(file: &Path, warnings: &mut Warnings) -> Result<Spec, SpecError> {
    use std::io::Read;

    let name = file.display().to_string();
    let fail = |error: std::io::Error| SpecError::file(&name, format!("cannot be read: {error}"));
    let handle = std::fs::File::open(file).map_err(fail)?;
    let mut bytes = Vec::new();
    handle.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(SpecError::file(&name, format!("is larger than {MAX_FILE_BYTES} bytes")));
    }
    xml::parse(&name, &bytes, warnings)
}
