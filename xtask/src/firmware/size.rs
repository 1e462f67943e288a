//! `cargo xtask firmware size`: what the codec costs on a Cortex-M4, and what an image of a board is made of, each held
//! against a ceiling.

use std::{collections::BTreeMap, path::Path};

use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

use super::{boards, codec, dictionary::Carried, panics};
use crate::step::{self, Outcome};

/// An image, and what a change may not exceed unseen: bytes of flash, and of RAM beside the stack.
const IMAGES: &[(&str, u64, u64)] = &[
    ("mps2-session", 129_000, 19_000),
    ("lm3s6965-session", 129_000, 19_000),
    ("mps2-gateway", 185_500, 33_500),
    // With a flight recorder of 8 KiB.
    ("mps2-recorder", 194_000, 42_000),
    // With room for TLS records of any length.
    ("mps2-gateway-tls", 457_000, 78_500),
    ("lm3s6965-gateway", 182_500, 33_500),
];
/// What of the dictionary an image may carry, names and tables: all names would be 20 KB, all tables 17.
const MOST_DICTIONARY: u64 = 2_200;
/// Of an image's crates, how many are named.
const NAMED: usize = 12;

pub(crate) fn run() -> Outcome {
    codec::run()?;
    images()
}

/// The images alone.
pub(crate) fn images() -> Outcome {
    if !boards::built()? {
        return step::skip("sizes of the firmware", boards::HOW);
    }
    for (name, most_flash, most_ram) in IMAGES {
        held(name, &boards::images().join(name), *most_flash, *most_ram)?;
    }
    Ok(())
}

/// Says what the image `name` is made of, and holds it against its ceilings.
pub(super) fn held(name: &str, image: &Path, most_flash: u64, most_ram: u64) -> Outcome {
    let sizes = Sizes::of(image)?;
    println!("{name}: {} bytes of flash, {} bytes of RAM beside the stack", sizes.flash, sizes.ram);
    // Most bytes first.
    let mut crates: Vec<_> = sizes.crates.iter().collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(**bytes));
    for (name, bytes) in crates.into_iter().take(NAMED) {
        println!("  {bytes:>7} {name}");
    }
    println!("  {}", sizes.dictionary);
    // The application of the small images is a sample, which adds to an Instant.
    if !name.ends_with("-session") {
        panics::none_of_ours(image)?;
    }
    bound(&format!("{name}: flash"), sizes.flash, most_flash)?;
    bound(&format!("{name}: dictionary"), sizes.dictionary.bytes(), MOST_DICTIONARY)?;
    bound(&format!("{name}: RAM"), sizes.ram, most_ram)
}

/// Fails if there is more than there may be.
pub(super) fn bound<T: PartialOrd + std::fmt::Display>(what: &str, is: T, most: T) -> Outcome {
    if is <= most { Ok(()) } else { Err(format!("{what}: {is}, more than {most}")) }
}

/// What an image takes.
pub(super) struct Sizes {
    /// Code, constants, and the first values of variables.
    pub(super) flash: u64,
    /// Variables.
    ram: u64,
    /// Bytes of code and named constants by the crate that a symbol names first: what was inlined counts where it was
    /// inlined to.
    crates: BTreeMap<String, u64>,
    /// What of it is FIX 4.4's dictionary.
    dictionary: Carried,
}

impl Sizes {
    pub(super) fn of(image: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(image).map_err(|error| format!("{}: {error}", image.display()))?;
        let file = object::File::parse(&*bytes).map_err(|error| format!("{}: {error}", image.display()))?;
        let (mut flash, mut ram) = (0, 0);
        for section in file.sections() {
            match section.kind() {
                SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                    flash += section.size();
                }
                // Copied from the one to the other at the start.
                SectionKind::Data => (flash, ram) = (flash + section.size(), ram + section.size()),
                SectionKind::UninitializedData => ram += section.size(),
                _ => {}
            }
        }
        let mut crates = BTreeMap::new();
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let name = crate_of(symbol.name().unwrap_or_default());
            *crates.entry(name.unwrap_or("(no name)").to_owned()).or_insert(0) += symbol.size();
        }
        Ok(Sizes { flash, ram, crates, dictionary: Carried::of(&file) })
    }
}

/// The first crate that a mangled name names (v0: `C`, `s` and the crate's hash up to `_`, the length of its name, the
/// name).
pub(super) fn crate_of(mangled: &str) -> Option<&str> {
    let mut rest = mangled.strip_prefix("_R")?;
    loop {
        rest = &rest[rest.find("Cs")? + 2..];
        let Some((hash, name)) = rest.split_once('_') else { continue };
        let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (len, name) = name.split_at(digits);
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if let (true, Ok(len)) = (is_hash, len.parse::<usize>()) {
            return name.get(..len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn a_symbol_tells_its_crate() {
        let method = "_RNvMNtNtCs5Kwx2nGk7CA_8fix_core3msg7messageNtB2_7Message5parse";
        assert_eq!(crate_of(method), Some("fix_core"));
        assert_eq!(
            crate_of("_RNvNtCseRROjply6MQ_17compiler_builtins3mem7memmove"),
            Some("compiler_builtins")
        );
        assert_eq!(crate_of("memcpy"), None);
        assert_eq!(crate_of("_RNvNtCs"), None);
    }
}
