//! `fix-host replay`: does a flight recording again, and says whether every message is the same.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use fix_core::{
    dict::{Dictionary, fix44},
    flight::{End, Unready},
};

use super::{remote::Failure, sessions::finish};
use crate::{
    dictionary::{self, Warnings},
    exit,
    flight::{Again, Recording, again, time},
};

/// Do a flight recording again, and say whether every message that came out is the same
///
/// FlightRecorder=FILE in a session's part of the .cfg makes one; a board's ring, fetched as it is, is one too. The session of
/// this program is fed what went in, with its times, and must write the messages whose sums were recorded. Secrets are masked
/// in the recording, so a message with one is compared with the mask in it, and with the CheckSum(10) that goes with that. Exit
/// codes: 0 all the same (of a file that is cut off: up to there), 1 not the same, 2 usage (also a file that is no recording), 3
/// could not run (damaged, made by another version, its dictionary is not at hand).
#[derive(clap::Args)]
pub struct ReplayArgs {
    /// The recordings
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The session had this dictionary (DataDictionary); may be given several times: what follows is an overlay
    #[arg(long, value_name = "FILE")]
    dictionary: Vec<PathBuf>,
    /// Print what went in and came out, a line each
    #[arg(long)]
    show: bool,
}

/// Runs `fix-host replay`.
#[must_use]
pub fn run(args: &ReplayArgs) -> ExitCode {
    finish(replay_all(args))
}

fn replay_all(args: &ReplayArgs) -> Result<u8, Failure> {
    let mut dictionaries = vec![&fix44::DICTIONARY];
    if let Some((file, overlays)) = args.dictionary.split_first() {
        let mut warnings = Warnings::default();
        let loaded = dictionary::load(Some(file), overlays, &mut warnings);
        dictionaries.push(loaded.map_err(|error| Failure::new(exit::CONFIGURATION, error))?);
    }
    let mut worst = exit::OK;
    for file in &args.files {
        worst = worst.max(replay_one(file, &dictionaries, args.show)?);
    }
    Ok(worst)
}

fn replay_one(file: &Path, dictionaries: &[&'static Dictionary], show: bool) -> Result<u8, Failure> {
    let name = file.display();
    let bytes =
        fs::read(file).map_err(|error| Failure::new(exit::COULD_NOT_RUN, format_args!("{name}: {error}")))?;
    let recording = Recording::parse(&bytes);
    if recording.gap.is_some_and(|gap| gap.is_foreign()) {
        let what = "no block of a recording begins there; FlightRecorder=FILE makes one";
        return Err(Failure::new(exit::USAGE, format_args!("{name}: {what}")));
    }
    let mut out = io::stdout().lock();
    let done = again(&recording.entries, dictionaries, show.then_some(&mut out as &mut dyn Write))?;
    let (code, line) = verdict(&done);
    let damage = match &recording.gap {
        Some(gap) if !matches!(done.replayed.end, End::Differs(_)) => {
            format!("; what follows cannot be read: {gap}")
        }
        _ => String::new(),
    };
    let whose = if done.session.is_empty() { String::new() } else { format!("{}: ", done.session) };
    writeln!(out, "{name}: {whose}{line}{damage}")?;
    let is_damaged = recording.gap.is_some_and(|gap| !gap.is_cut());
    Ok(if is_damaged && code == exit::OK { exit::COULD_NOT_RUN } else { code })
}

/// The exit code, and the line that says it.
fn verdict(done: &Again) -> (u8, String) {
    let counts = done.replayed;
    let from = done.first.map(time).unwrap_or_default();
    let span = format!("{from} to {}", time(counts.last));
    let same = format!(
        "{span}: {} entries, {} bytes in, {} messages out, all the same",
        counts.entries, counts.received, counts.messages
    );
    match counts.end {
        End::Whole => (exit::OK, same),
        End::Cut => (exit::OK, format!("{same}, up to where it is cut off")),
        End::Differs(difference) => {
            let made = match done.last_made.as_str() {
                "" => String::new(),
                made => format!("; the last that the replay wrote: {made}"),
            };
            let line = format!(
                "not the same at {}, entry {}, behind {} messages that are: {difference}{made}",
                time(counts.last),
                counts.entries + 1,
                counts.messages
            );
            (exit::REJECTED, line)
        }
        End::Unreadable(fault) => (exit::COULD_NOT_RUN, format!("entry {}: {fault}", counts.entries + 1)),
        End::Unready(Unready::NoStart) => {
            (exit::COULD_NOT_RUN, "nothing is recorded yet, or its beginning is lost".to_owned())
        }
        End::Unready(Unready::Dictionary(_)) => {
            let line = "the session had another dictionary than FIX 4.4's: name it with --dictionary FILE, \
                        and its overlays behind it";
            (exit::COULD_NOT_RUN, line.to_owned())
        }
        End::Unready(Unready::Memory(len)) => {
            (exit::COULD_NOT_RUN, format!("it asks for a buffer of {len} bytes"))
        }
    }
}
