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

const PAGES: [&str; 12] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "NOTICE",
    "docs/configuration.md",
    "docs/load.md",
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
