//! `fix-host codegen`: a dictionary as Rust tables for firmware.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use fix_dictionary::{
    error::Warnings,
    rust::{self, Flavor, Source},
};

use crate::exit;

/// Write a dictionary as Rust source: tables, constants and typed messages for a crate that depends on fix-core
#[derive(clap::Args, Debug)]
pub struct CodegenArgs {
    /// The dictionary: XML in the dialect of QuickFIX
    #[arg(long, value_name = "FILE")]
    pub dictionary: PathBuf,
    /// A counterparty's differences, laid on top of the dictionary; may be given several times
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// The folder of the module to write, such as src/dictionary; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "dictionary")]
    pub out: PathBuf,
    /// Refuse a dictionary with anything odd, which is a warning else
    #[arg(long)]
    pub strict: bool,
}

/// Runs `fix-host codegen`.
#[must_use]
pub fn run(args: &CodegenArgs) -> ExitCode {
    let mut warnings = Warnings::default();
    let dictionary = fix_dictionary::load(&args.dictionary, &args.overlay, &mut warnings);
    let dictionary = match exit::judged(dictionary, &warnings, args.strict) {
        Ok(dictionary) => dictionary,
        Err(code) => return code,
    };
    let files = [&args.dictionary].into_iter().chain(&args.overlay);
    let origin: Vec<_> =
        files.filter_map(|file| file.file_name()).map(|name| name.to_string_lossy()).collect();
    // A line end in a file name must not end the comment that it goes into.
    let origin = origin.join(" and ").replace(|c: char| c.is_control(), "?");
    let sources = rust::write(&dictionary, Flavor::External, &origin, "fix-host codegen");
    match write(&args.out, &sources) {
        Ok(()) => {
            println!(
                "{}: {} fields, {} messages, {} groups in {} files",
                args.out.display(),
                dictionary.fields.len(),
                dictionary.messages.len(),
                dictionary.groups.len(),
                sources.len()
            );
            ExitCode::SUCCESS
        }
        Err(message) => exit::fail(exit::STORE_IO, message),
    }
}

fn write(folder: &Path, sources: &[Source]) -> Result<(), String> {
    let fail = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    for source in sources {
        let path = folder.join(source.name);
        // What somebody wrote by hand is not ours to replace.
        if fs::read_to_string(&path).is_ok_and(|text| !text.starts_with("// @generated")) {
            return Err(format!(
                "{}: not written by codegen: move it away or give another --out",
                path.display()
            ));
        }
    }
    for source in sources {
        let path = folder.join(source.name);
        fs::write(&path, &source.text).map_err(|error| fail(&path, error))?;
    }
    Ok(())
}
