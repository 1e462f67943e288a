//! The licences of the crates that are part of the program, as their authors wrote them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use super::capture;
use crate::step;

/// One text for all: each licence once, under the crates that have it.
pub(super) fn text() -> Result<String, String> {
    let metadata = capture(&mut step::cargo(&["metadata", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata: no packages")?;
    let linked = linked()?;
    let mut crates_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        let of = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} v{}", of("name"), of("version"));
        if !linked.contains(&name) {
            continue;
        }
        let texts = licence_texts(Path::new(of("manifest_path")))?;
        let texts = if texts.is_empty() { vec![format!("Licence: {}\n", of("license"))] } else { texts };
        for text in texts {
            crates_of.entry(text).or_default().insert(name.clone());
        }
    }
    let mut out = String::from("The licences of the crates that are part of fix-host.\n");
    for (text, names) in crates_of {
        let names: Vec<String> = names.into_iter().collect();
        out.push_str(&format!("\n{}\n{}\n\n{}\n", "=".repeat(78), names.join("\n"), text.trim_end()));
    }
    Ok(out)
}

/// `name v1.2.3` of every crate from elsewhere that the program contains.
fn linked() -> Result<BTreeSet<String>, String> {
    let tree = ["tree", "--package", "fix-host", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = capture(&mut step::cargo(&tree))?;
    // A path behind it says that it is one of ours.
    Ok(tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.contains('/'))
        .map(str::to_owned)
        .collect())
}

/// The licence files beside a crate's manifest.
fn licence_texts(manifest: &Path) -> Result<Vec<String>, String> {
    let folder = manifest.parent().unwrap_or(manifest);
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_licence = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"]
            .iter()
            .any(|word| name.starts_with(word));
        if is_licence && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).map_err(fail)).collect()
}
