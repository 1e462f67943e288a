//! `cargo xtask codegen`: config/FIX44.xml to the tables of fix-core, and it and config/versions to what the host holds
//! of all versions.

#[cfg(test)]
mod independent;
mod typed;
mod versions;

use std::{fs, path::PathBuf};

use fix_dictionary::{
    error::Warnings,
    rust::{self, Flavor, Source},
};

use crate::step::{self, Outcome};

const COMMAND: &str = "cargo xtask codegen";
const DICTIONARY: &str = "config/FIX44.xml";

/// Options of `cargo xtask codegen`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if the committed tables are not what would be written
    #[arg(long)]
    check: bool,
}

/// Writes the tables, or checks that they are fresh.
pub(crate) fn run(args: &Args) -> Outcome {
    let files = generate()?;
    if args.check {
        check(&files)?;
        return versions::check();
    }
    for (path, text) in &files {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("{} files written from {DICTIONARY}", files.len());
    versions::write()
}

fn generate() -> Result<Vec<(PathBuf, String)>, String> {
    let root = step::root();
    let no_overlays: [PathBuf; 0] = [];
    let mut warnings = Warnings::default();
    let dictionary = fix_dictionary::load(&root.join(DICTIONARY), &no_overlays, &mut warnings)
        .map_err(|error| error.to_string())?;
    if let Some(warning) = warnings.lines().next() {
        return Err(warning);
    }
    let place = |source: Source| match source.name {
        // The constants of MsgType and Tag belong to these types, which lie below the dictionary.
        "msg_type.rs" => (root.join("fix-core/src/msg_type/fix44.rs"), source.text),
        "tag.rs" => (root.join("fix-core/src/tag/fix44.rs"), source.text),
        name => (root.join("fix-core/src/dict/fix44").join(name), source.text),
    };
    let tables = rust::write(&dictionary, Flavor::Core, DICTIONARY, COMMAND).into_iter().map(place);
    let header = rust::header(COMMAND, &format!("{DICTIONARY} and {}", typed::LIST));
    let typed = typed::generate(&dictionary, &root, &header)?;
    let folder = root.join("fix-core/src/msg/typed");
    Ok(tables.chain(typed.into_iter().map(|(name, text)| (folder.join(name + ".rs"), text))).collect())
}

fn check(files: &[(PathBuf, String)]) -> Result<(), String> {
    let stale = |(path, text): &&(PathBuf, String)| fs::read_to_string(path).ok().as_ref() != Some(text);
    match files.iter().find(stale) {
        None => Ok(()),
        Some((path, _)) => Err(format!("{} is not what {DICTIONARY} says: run `{COMMAND}`", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_tables_are_fresh() {
        check(&generate().unwrap()).unwrap();
        versions::check().unwrap();
    }

    #[test]
    fn the_file_has_all_of_fix_4_4() {
        let bytes = fs::read(step::root().join(DICTIONARY)).unwrap();
        let mut warnings = Warnings::default();
        let spec = fix_dictionary::xml::parse(DICTIONARY, &bytes, &mut warnings).unwrap();
        assert_eq!((spec.fields.len(), spec.messages.len(), spec.components.len()), (912, 93, 104));
        assert!(warnings.is_empty(), "{:?}", warnings.lines().next());
    }
}
