//! Data dictionaries as text: read the XML, lay overlays on top, resolve it, write Rust tables from it.
//!
//! Knows nothing of `fix-core`, so that `cargo xtask codegen`, which compiles this folder too, works while the
//! tables that it is about to write do not compile.

pub mod error;
pub mod model;
pub mod overlay;
pub mod resolve;
pub mod rust;
pub mod xml;

use std::path::Path;

use error::SpecError;
use model::Spec;
use resolve::Resolved;

/// No dictionary is near this size; reading stops there, so that a wrong path cannot fill the memory.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// Reads a dictionary file with the overlays, in this order, on top of it.
///
/// # Errors
/// [`SpecError`]: where and what is wrong, and what to do about it.
pub fn load(file: &Path, overlays: &[impl AsRef<Path>]) -> Result<Resolved, SpecError> {
    overlaid(read(file)?, overlays)
}

/// Lays the overlay files, in this order, on top of a dictionary.
///
/// # Errors
/// As [`load`].
pub fn overlaid(mut spec: Spec, overlays: &[impl AsRef<Path>]) -> Result<Resolved, SpecError> {
    for file in overlays {
        overlay::apply(&mut spec, read(file.as_ref())?)?;
    }
    resolve::resolve(&spec)
}

/// Reads one dictionary or overlay file.
fn read(file: &Path) -> Result<Spec, SpecError> {
    use std::io::Read;

    let name = file.display().to_string();
    let fail = |error: std::io::Error| SpecError::file(&name, format!("cannot be read: {error}"));
    let handle = std::fs::File::open(file).map_err(fail)?;
    let mut text = String::new();
    handle.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(fail)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(SpecError::file(&name, format!("is larger than {MAX_FILE_BYTES} bytes")));
    }
    xml::parse(&name, &text)
}
