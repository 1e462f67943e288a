//! What is in a package, and where.

use std::path::Path;

use super::{Program, capture, copy, licences, make, write};
use crate::step::{self, Outcome};

/// Where a kind of package has its files, below its root.
pub(super) struct Places {
    program: &'static str,
    manual: &'static str,
    /// For bash, zsh and fish.
    completions: [&'static str; 3],
    unit: &'static str,
    /// What is to be read: pages, licences.
    pages: &'static str,
    /// Configuration to begin with.
    samples: &'static str,
}

/// As it is unpacked somewhere; the samples' own paths fit if it is run there.
pub(super) const ARCHIVE: Places = Places {
    program: "bin/fix-host",
    manual: "share/man/man1",
    completions: ["completions/fix-host.bash", "completions/_fix-host", "completions/fix-host.fish"],
    unit: "systemd/fix-host.service",
    pages: ".",
    samples: "config",
};

/// As Debian wants it.
pub(super) const DEBIAN: Places = Places {
    program: "usr/bin/fix-host",
    manual: "usr/share/man/man1",
    completions: [
        "usr/share/bash-completion/completions/fix-host",
        "usr/share/zsh/vendor-completions/_fix-host",
        "usr/share/fish/vendor_completions.d/fix-host.fish",
    ],
    unit: "usr/lib/systemd/system/fix-host.service",
    pages: "usr/share/doc/fix-host",
    samples: "usr/share/doc/fix-host/examples",
};

const PAGES: [&str; 15] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "NOTICE",
    "docs/configuration.md",
    "docs/exchange.md",
    "docs/load.md",
    "docs/order-states.md",
    "docs/replay.md",
    "docs/scenarios.md",
    "docs/upgrade.md",
    "docs/venues.md",
    "config/versions/LICENSE.quickfix",
    "config/systemd/README.md",
];

const SAMPLES: [&str; 5] =
    ["quickfix.cfg", "exchange.cfg", "load-exchange.cfg", "instruments.csv", "FIX44.xml"];

/// Writes all files of a package below `root`.
pub(super) fn write_all(root: &Path, places: &Places, program: &Program) -> Outcome {
    let source = step::root();
    copy(&program.path, &root.join(places.program))?;
    for page in PAGES {
        copy(&source.join(page), &root.join(places.pages).join(page))?;
    }
    write(&root.join(places.pages).join("LICENSES-OF-DEPENDENCIES"), &licences::text()?)?;
    for sample in SAMPLES {
        copy(&source.join("config").join(sample), &root.join(places.samples).join(sample))?;
    }
    copy(&source.join("config/systemd/fix-host.service"), &root.join(places.unit))?;
    let path = program.path.to_string_lossy().into_owned();
    for (shell, place) in ["bash", "zsh", "fish"].into_iter().zip(places.completions) {
        write(&root.join(place), &capture(&mut step::command(&path, &["completions", shell]))?)?;
    }
    let manual = root.join(places.manual);
    make(&manual)?;
    step::run(step::command(&path, &["man", &manual.to_string_lossy()]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The `docs/NAME.md` that a text names, and in a page of `docs/` the `NAME.md` that it links to.
    fn named(text: &str, is_in_docs: bool) -> Vec<String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let after = |before: &str| -> Vec<String> {
            let names = text.split(before).skip(1).filter_map(|rest| {
                let name = rest.split(|c| !is_part(c)).next()?.trim_end_matches('.');
                name.ends_with(".md").then(|| format!("docs/{name}"))
            });
            names.collect()
        };
        let mut pages = after("docs/");
        if is_in_docs {
            pages.extend(after("]("));
        }
        pages
    }

    fn all_below(folder: &Path, texts: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => all_below(&path, texts),
                false => texts.push(fs::read_to_string(&path).unwrap()),
            }
        }
    }

    #[test]
    fn every_page_that_a_packed_page_or_the_help_names_is_packed() {
        let mut pages = Vec::new();
        for page in PAGES.into_iter().filter(|page| page.ends_with(".md")) {
            pages.extend(named(
                &fs::read_to_string(step::root().join(page)).unwrap(),
                page.starts_with("docs/"),
            ));
        }
        assert!(pages.iter().any(|page| page == "docs/order-states.md"), "{pages:?}");
        let mut texts = Vec::new();
        all_below(&step::root().join("fix-host/src/cli"), &mut texts);
        let in_help: Vec<String> = texts.iter().flat_map(|text| named(text, false)).collect();
        assert!(!in_help.is_empty());
        for page in pages.into_iter().chain(in_help) {
            assert!(PAGES.contains(&page.as_str()), "{page} is named, and not among PAGES");
        }
    }
}
