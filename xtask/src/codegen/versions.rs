//! The dictionaries of all versions, compressed: the host unpacks the one that a log, or an overlay, needs.

use std::{fs, path::PathBuf};

use super::{COMMAND, DICTIONARY};
use crate::step::{self, Outcome};

const SOURCES: &str = "config/versions";
const PACKED: &str = "fix-host/src/dictionary/versions";
/// Bytes that all of them may add to the program.
const MAX_BYTES: usize = 400_000;
/// The slowest and smallest of miniz_oxide.
const LEVEL: u8 = 10;
/// No dictionary is near this size.
const MAX_TEXT: usize = 16 << 20;

/// Packs every dictionary.
pub(super) fn write() -> Outcome {
    let sources = sources()?;
    for (source, packed) in &sources {
        let text = read(source)?;
        fs::write(packed, miniz_oxide::deflate::compress_to_vec_zlib(&text, LEVEL))
            .map_err(|error| format!("{}: {error}", packed.display()))?;
    }
    println!("{} files written from {SOURCES} and {DICTIONARY}", sources.len());
    Ok(())
}

/// Fails unless every packed dictionary is what its source says, and all of them are small.
pub(super) fn check() -> Outcome {
    let mut size = 0;
    for (source, packed) in sources()? {
        let bytes = read(&packed)?;
        size += bytes.len();
        let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, MAX_TEXT);
        if text.ok() != Some(read(&source)?) {
            return Err(format!(
                "{} is not what {} says: run `{COMMAND}`",
                packed.display(),
                source.display()
            ));
        }
    }
    if size > MAX_BYTES {
        return Err(format!("{PACKED} has {size} bytes, more than {MAX_BYTES}"));
    }
    Ok(())
}

/// Each dictionary with its packed form.
fn sources() -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let folder = step::root().join(SOURCES);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut sources: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .chain([step::root().join(DICTIONARY)])
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let packed = step::root().join(PACKED).join(format!("{name}.z"));
            Some((path, packed))
        })
        .collect();
    sources.sort();
    Ok(sources)
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
