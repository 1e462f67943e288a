//! `fix-host decode`: FIX messages in words, from an argument, a file or a pipe.

mod columns;
mod escape;
mod find;
mod json;
mod nesting;
mod render;
mod stream;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ValueEnum;
use render::Renderer;
use stream::Tally;

use crate::{
    dictionary::{self, Warnings},
    exit,
};

/// Print FIX messages with the names and meanings of their fields
///
/// Fields may be separated by SOH, | or ^A. What stands in front of a message, as in a log, is skipped. Passwords
/// are not shown. Reads the message given, or --file, or a pipe.
#[derive(clap::Args, Debug)]
pub struct DecodeArgs {
    /// A message, such as '8=FIX.4.4|9=5|35=0|10=163|'
    #[arg(value_name = "MESSAGE", conflicts_with = "file")]
    pub message: Option<OsString>,
    /// A file with messages, such as a message log
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The dictionary to use instead of FIX 4.4: XML in the dialect of QuickFIX
    #[arg(long, value_name = "FILE")]
    pub dictionary: Option<PathBuf>,
    /// A counterparty's differences, laid on top of the dictionary; may be given several times
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// Refuse a dictionary or overlay with anything odd, which is a warning else
    #[arg(long)]
    pub strict: bool,
    /// How to print [default: line for --file, else text]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
}

/// How messages are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One field a line, the entries of groups indented
    Text,
    /// One message a line
    Line,
    /// One JSON object a line
    Json,
}

/// Runs `fix-host decode`.
#[must_use]
pub fn run(args: &DecodeArgs) -> ExitCode {
    let mut warnings = Warnings::default();
    let dictionary = dictionary::load(args.dictionary.as_deref(), &args.overlay, &mut warnings);
    let dictionary = match exit::judged(dictionary, &warnings, args.strict) {
        Ok(dictionary) => dictionary,
        Err(code) => return code,
    };
    let format = args.format.unwrap_or(if args.file.is_some() { Format::Line } else { Format::Text });
    let renderer = Renderer::new(dictionary, format);
    let input: Box<dyn Read> = match (&args.message, &args.file) {
        (Some(message), _) => Box::new(io::Cursor::new(message.as_encoded_bytes().to_vec())),
        (None, Some(file)) => match open(file) {
            Ok(file) => Box::new(file),
            Err(error) => return exit::fail(exit::STORE_IO, format!("{}: {error}", file.display())),
        },
        (None, None) if io::stdin().is_terminal() => {
            return exit::fail(exit::USAGE, "nothing to decode: give a message, --file FILE, or a pipe");
        }
        (None, None) => Box::new(io::stdin().lock()),
    };
    report(stream::decode(input, io::stdout().lock(), &renderer))
}

/// A directory can be opened, but not read: said here, where its name is known.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

fn report(outcome: io::Result<Tally>) -> ExitCode {
    match outcome {
        Ok(Tally { good: 0, garbled: 0 }) => exit::fail(
            exit::REJECTED,
            "no FIX message found: one starts with 8=FIX, its fields separated by SOH, | or ^A",
        ),
        Ok(Tally { good, garbled }) => {
            if garbled > 0 {
                eprintln!("fix-host: {garbled} of {} messages are garbled", good + garbled);
            }
            ExitCode::from(if good > 0 { exit::OK } else { exit::REJECTED })
        }
        // The reader of our output has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(exit::OK),
        Err(error) => exit::fail(exit::STORE_IO, error),
    }
}
