//! `fix-host decode`: FIX messages in words, from an argument, a file or a pipe.

mod colour;
mod columns;
mod filter;
mod follow;
mod output;
mod render;
mod stream;
mod tables;
mod versions;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{ColorChoice, ValueEnum};
use colour::Colours;
use filter::Wanted;
use follow::Follow;
use render::Renderer;
use stream::{Decoder, Tally};
use versions::AllTables;

use fix_decoder::reading::Version;

use crate::{
    dictionary::{Dictionaries, Warnings},
    exit,
};

/// Print FIX messages with the names and meanings of their fields
///
/// Reads the message given, or --file, or a pipe. The separator is what stands between the fields 9 and 35: SOH, |,
/// ^A, ;, \x01, \u0001 and others; lines of JSON and UTF-16 are read too. FIX 4.0 to 5.0 SP2, by
/// BeginString(8), ApplVerID(1128) or the Logon of the session. Each message is shown with the time that its line in
/// the log has. What is malformed is shown and marked, bytes that are part of no message are counted; the exit code is
/// 1 if a message is garbled or none is found. Passwords are not shown.
#[derive(clap::Args, Debug)]
pub struct DecodeArgs {
    /// A message, such as '8=FIX.4.4|9=5|35=0|10=163|'
    #[arg(value_name = "MESSAGE", conflicts_with = "file")]
    pub message: Option<OsString>,
    /// A file with messages, such as a message log
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Go on with what is appended to the file, also behind its rotation, until interrupted
    #[arg(long, requires = "file")]
    pub follow: bool,
    /// Print only these: a message type or name, a field, or field=value, by tag or name, such as D, Symbol, 55=EUR/USD
    /// or Side=BUY; given several times, all must hold, of the same field one
    #[arg(long, value_name = "WHAT")]
    pub filter: Vec<Wanted>,
    /// The dictionary for its version of FIX, instead of the built-in one: XML in the dialect of QuickFIX; may be given
    /// once a version
    #[arg(long, value_name = "FILE")]
    pub dictionary: Vec<PathBuf>,
    /// A counterparty's differences, laid on top of the dictionaries; may be given several times
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// Refuse a dictionary or overlay with anything odd, which is a warning else
    #[arg(long)]
    pub strict: bool,
    /// How to print [default: line for --file, else text]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Whether to colour text and lines [default: on a terminal, unless NO_COLOR is set]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, hide_default_value = true)]
    pub color: ColorChoice,
}

impl DecodeArgs {
    fn format(&self) -> Format {
        self.format.unwrap_or(if self.file.is_some() { Format::Line } else { Format::Text })
    }

    fn colours(&self) -> Colours {
        let is_wanted = || {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        };
        match self.color {
            ColorChoice::Never => Colours::NONE,
            ColorChoice::Auto if !is_wanted() => Colours::NONE,
            _ => Colours::TERMINAL,
        }
    }
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
    let dictionaries = Dictionaries::load(&args.dictionary, &args.overlay, &mut warnings);
    let dictionaries = match exit::judged(dictionaries, &warnings, args.strict) {
        Ok(dictionaries) => dictionaries,
        Err(code) => return code,
    };
    let renderer = Renderer { format: args.format(), colours: args.colours() };
    if let Some(unknown) = args.filter.iter().find(|wanted| !is_known(wanted, &dictionaries)) {
        return exit::fail(exit::USAGE, format!("--filter {unknown}: no message and no field is called so"));
    }
    let tables = AllTables::new(dictionaries, renderer.colours, args.filter.clone());
    let input: Box<dyn Read> = match (&args.message, &args.file) {
        (Some(message), _) => Box::new(io::Cursor::new(message.as_encoded_bytes().to_vec())),
        (None, Some(file)) => match open(file) {
            Ok(opened) if args.follow => Box::new(Follow::new(file, opened)),
            Ok(opened) => Box::new(opened),
            Err(error) => return exit::fail(exit::STORE_IO, format!("{}: {error}", file.display())),
        },
        (None, None) if io::stdin().is_terminal() => {
            return exit::fail(exit::USAGE, "nothing to decode: give a message, --file FILE, or a pipe");
        }
        (None, None) => Box::new(io::stdin().lock()),
    };
    report(Decoder::new(&renderer, &tables).decode(input, io::stdout().lock()))
}

/// Whether some version has a message or field that is called so.
fn is_known(wanted: &Wanted, dictionaries: &Dictionaries) -> bool {
    let mut versions = [Version::Fix44].into_iter().chain(Version::ALL);
    versions.any(|version| wanted.in_terms_of(dictionaries.get(version)).is_some())
}

/// A directory can be opened, but not read: said here, where its name is known.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

/// Says on stderr what is not on stdout: what is wrong, and how many bytes are no part of a message.
fn report(outcome: io::Result<Tally>) -> ExitCode {
    let tally = match outcome {
        Ok(tally) => tally,
        // The reader of our output has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::from(exit::OK),
        Err(error) => return exit::fail(exit::STORE_IO, error),
    };
    let Tally { messages, garbled, beside, .. } = tally;
    if messages == 0 {
        return exit::fail(
            exit::REJECTED,
            format!(
                "no FIX message found in {} bytes: one starts with 8=FIX, and SOH, | or ^A separates its fields",
                beside.bytes
            ),
        );
    }
    let mut said = Vec::new();
    if tally.filtered > 0 {
        said.push(format!("--filter takes {} of {messages} messages", messages - tally.filtered));
    }
    if garbled > 0 {
        said.push(format!("{garbled} of {messages} messages are garbled"));
    }
    if beside.visible > 0 {
        let bytes = beside.bytes - beside.times;
        said.push(format!("{bytes} bytes are part of neither a message nor the time in front of one"));
    }
    if tally.assumed_versions > 0 {
        said.push(format!(
            "{} messages of FIXT are read as FIX 5.0 SP2: neither ApplVerID(1128) nor a Logon says otherwise",
            tally.assumed_versions
        ));
    }
    if tally.is_damaged_utf16 {
        said.push("the input is UTF-16 with what is no character, shown as U+FFFD".into());
    }
    if !said.is_empty() {
        eprintln!("fix-host: {}", said.join("; "));
    }
    ExitCode::from(if garbled == 0 && tally.filtered < messages && !tally.is_damaged_utf16 {
        exit::OK
    } else {
        exit::REJECTED
    })
}
