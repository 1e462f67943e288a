//! `fix-host store`: look into message stores, and move them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fix_core::store::MessageStore;
use fix_core::time::{UTC_TIMESTAMP_LEN, UtcTimestamp};

mod message_log;
mod repair;

use super::msg_seq_num;
use crate::contract::control::far_jump;
use crate::exit;
use crate::log::Redactor;
use crate::store::quickfix::{self, Exchanged};
use crate::store::{Inspection, JournalOptions, JournalStore, SessionName, sessions};

/// The longest message shown, in bytes.
const MAX_MESSAGE: usize = 1 << 24;

/// Look into message stores, and move them.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 ok, 1 not done without --force, 2 no such session, 74 the store is damaged, in use, or cannot be \
                        read or written."
)]
pub struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Subcommand, Debug)]
enum StoreCommand {
    /// Check every byte of the stores in a directory; name file and offset of any damage.
    Verify(Place),
    /// Make a journal of what can be read of a damaged one; the damaged files are kept, and what is lost is said.
    Repair(Place),
    /// Print numbers, creation time and sizes, and stored messages if asked for.
    Show(ShowArgs),
    /// Set the next numbers. The engine must not be running. What cannot be taken back needs --force.
    SetSeqnum(SetSeqnumArgs),
    /// Write a store as QuickFIX's .body, .header, .seqnums and .session, or as lines of its message log.
    Export(ExportArgs),
    /// Make a store of QuickFIX's .body, .header, .seqnums and .session.
    Import(ImportArgs),
}

/// Which stores are meant.
#[derive(Args, Debug)]
struct Place {
    /// The directory (FileStorePath).
    directory: PathBuf,
    /// The session as its files begin, `FIX.4.4-SENDER-TARGET`; not needed if there is only one.
    session: Option<String>,
}

#[derive(Args, Debug)]
struct ShowArgs {
    #[command(flatten)]
    place: Place,
    /// Print the stored messages from this MsgSeqNum(34) on, secrets as ***.
    #[arg(long, value_name = "NUMBER", value_parser = msg_seq_num)]
    from: Option<u64>,
    /// The last message to print.
    #[arg(long, value_name = "NUMBER", requires = "from")]
    to: Option<u64>,
}

#[derive(Args, Debug)]
#[group(id = "numbers", required = true, multiple = true, args = ["next_in", "next_out"])]
struct SetSeqnumArgs {
    #[command(flatten)]
    place: Place,
    /// The number expected next from the counterparty, from 1 to 9223372036854775807.
    #[arg(long, value_name = "NUMBER", value_parser = msg_seq_num)]
    next_in: Option<u64>,
    /// The next number to send, from 1 to 9223372036854775807; stored messages from it on are forgotten.
    #[arg(long, value_name = "NUMBER", value_parser = msg_seq_num)]
    next_out: Option<u64>,
    /// Go through with a jump of more than 10,000 numbers, or with forgetting stored messages; without it, what would
    /// come of it is said, and nothing is changed.
    #[arg(long)]
    force: bool,
}

#[derive(Args, Debug)]
struct ExportArgs {
    #[command(flatten)]
    place: Place,
    /// The directory to write to.
    #[arg(long, value_name = "DIRECTORY")]
    to: PathBuf,
    /// Write SESSION.messages.log instead: a line of QuickFIX's message log for every message sent, and for every
    /// application message and Reject(3) received and delivered, with the time of its SendingTime(52), secrets
    /// as ***. What the session's own log misses (after a kill, under load) is here.
    #[arg(long)]
    message_log: bool,
}

#[derive(Args, Debug)]
struct ImportArgs {
    /// QuickFIX's files without their suffix: `store/FIX.4.4-SENDER-TARGET`.
    prefix: PathBuf,
    /// The directory of the new store (FileStorePath).
    directory: PathBuf,
    /// SenderCompID(49), ours.
    #[arg(long, value_name = "ID")]
    sender: String,
    /// TargetCompID(56), the counterparty's.
    #[arg(long, value_name = "ID")]
    target: String,
    /// SenderSubID(50).
    #[arg(long, value_name = "ID", default_value = "")]
    sender_sub: String,
    /// SenderLocationID(142).
    #[arg(long, value_name = "ID", default_value = "")]
    sender_location: String,
    /// TargetSubID(57).
    #[arg(long, value_name = "ID", default_value = "")]
    target_sub: String,
    /// TargetLocationID(143).
    #[arg(long, value_name = "ID", default_value = "")]
    target_location: String,
    /// SessionQualifier.
    #[arg(long, value_name = "ID", default_value = "")]
    qualifier: String,
}

/// Why a command failed: the line for standard error, and the exit code.
struct Failed {
    code: u8,
    text: String,
}

const USAGE: u8 = 2;
const IO_ERROR: u8 = 74;

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed { code: IO_ERROR, text: error.to_string() }
    }
}

/// Runs the subcommand: 0, 2 for a session that does not exist, 74 for a store that cannot be used.
pub fn run(args: &StoreArgs) -> ExitCode {
    let mut out = io::stdout().lock();
    let outcome = match &args.command {
        StoreCommand::Verify(place) => verify(place, &mut out),
        StoreCommand::Repair(place) => repair::run(place, &mut out),
        StoreCommand::Show(args) => show(args, &mut out),
        StoreCommand::SetSeqnum(args) => set_seqnum(args, &mut out),
        StoreCommand::Export(args) => export(args, &mut out),
        StoreCommand::Import(args) => import(args, &mut out),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, text }) => {
            eprintln!("fix-host: {text}");
            ExitCode::from(code)
        }
    }
}

/// All sessions are checked, though one may be damaged.
fn verify(place: &Place, out: &mut dyn Write) -> Result<(), Failed> {
    let mut outcome = Ok(());
    for name in named(place)? {
        match Inspection::open(&place.directory, &name) {
            Ok(inspection) => summary(&name, &inspection, out)?,
            Err(error) => {
                writeln!(out, "{name}: not usable")?;
                if let Err(Failed { text, .. }) = std::mem::replace(&mut outcome, Err(error.into())) {
                    eprintln!("fix-host: {text}");
                }
            }
        }
    }
    outcome
}

fn show(args: &ShowArgs, out: &mut dyn Write) -> Result<(), Failed> {
    let Some(from) = args.from else {
        for name in named(&args.place)? {
            summary(&name, &Inspection::open(&args.place.directory, &name)?, out)?;
        }
        return Ok(());
    };
    if let Some(to) = args.to.filter(|to| *to < from) {
        let text = format!("--to {to} is before --from {from}; give the lower number to --from");
        return Err(Failed { code: USAGE, text });
    }
    let name = one(&args.place)?;
    let mut inspection = Inspection::open(&args.place.directory, &name)?;
    if from >= inspection.next_out() {
        let next_out = inspection.next_out();
        let text = format!("--from {from}: nothing to show, the next number to send of {name} is {next_out}");
        return Err(Failed { code: USAGE, text });
    }
    let last = args.to.unwrap_or(u64::MAX).min(inspection.next_out().saturating_sub(1));
    let (redactor, mut buffer) = (Redactor::default(), vec![0; MAX_MESSAGE]);
    for number in from..=last {
        if let Some(length) = inspection.read(number, &mut buffer)? {
            writeln!(out, "{}", redactor.printable(&buffer[..length]))?;
        }
    }
    Ok(())
}

fn summary(name: &SessionName, inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    let recovered = inspection.recovered();
    writeln!(
        out,
        "{name}: next in {}, next out {}, {}, {} messages, {} bytes in {} files",
        shown(inspection.next_in()),
        inspection.next_out(),
        since(inspection.creation_time()),
        recovered.messages,
        recovered.bytes,
        recovered.segments,
    )?;
    if let Some((path, offset)) = &recovered.torn_tail {
        let path = path.display();
        writeln!(
            out,
            "{path}: a write that a crash cut short begins at byte {offset}; it is dropped at the start"
        )?;
    }
    Ok(())
}

fn set_seqnum(args: &SetSeqnumArgs, out: &mut dyn Write) -> Result<(), Failed> {
    let name = one(&args.place)?;
    let options = JournalOptions { sync: true, ..JournalOptions::default() };
    let mut store = JournalStore::open(&args.place.directory, &name, options)?;
    if let Some(preview) = preview(args, &store).filter(|_| !args.force) {
        let text = format!("{name}: {preview}; nothing was changed; if that is meant: --force");
        return Err(Failed { code: exit::REJECTED, text });
    }
    if let Some(number) = args.next_out {
        store.set_next_out(number)?;
    }
    if let Some(number) = args.next_in {
        store.set_next_in(number)?;
    }
    store.flush()?;
    writeln!(out, "{name}: next in {}, next out {}", shown(store.next_in()), store.next_out())?;
    Ok(())
}

/// What comes of new numbers that somebody may not have meant; `None` if it is nothing bad.
fn preview(args: &SetSeqnumArgs, store: &JournalStore) -> Option<String> {
    let (next_in, next_out) = (store.next_in(), store.next_out());
    if let Some(number) = args.next_out.filter(|number| *number < next_out) {
        let last = next_out - 1;
        return Some(format!(
            "next out would go from {next_out} to {number}: the stored messages {number} to {last} would be forgotten, \
             and a counterparty that expects {next_out} ends the session with \"MsgSeqNum too low\""
        ));
    }
    far_jump((args.next_in, args.next_out), (next_in.unwrap_or(1), next_out))
}

/// The number expected next, for people.
fn shown(next_in: Option<u64>) -> String {
    next_in.map_or_else(|| "none (our reset is not answered)".to_owned(), |number| number.to_string())
}

fn export(args: &ExportArgs, out: &mut dyn Write) -> Result<(), Failed> {
    let name = one(&args.place)?;
    if args.message_log {
        return message_log::write(&args.place.directory, &name, &args.to, out);
    }
    let mut inspection = Inspection::open(&args.place.directory, &name)?;
    std::fs::create_dir_all(&args.to)?;
    let exchanged = quickfix::export(&mut inspection, &args.to.join(name.file_stem()))?;
    report(&name, exchanged, &args.to, out)
}

fn import(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failed> {
    let name = SessionName::new(
        "FIX.4.4",
        [&args.sender, &args.sender_sub, &args.sender_location],
        [&args.target, &args.target_sub, &args.target_location],
        &args.qualifier,
    );
    let exchanged = quickfix::import(&args.prefix, &args.directory, &name)?;
    report(&name, exchanged, &args.directory, out)
}

fn report(name: &SessionName, done: Exchanged, to: &Path, out: &mut dyn Write) -> Result<(), Failed> {
    let Exchanged { messages, next_in, next_out } = done;
    let to = to.display();
    writeln!(out, "{name}: {messages} messages, next in {next_in}, next out {next_out}, written to {to}")?;
    Ok(())
}

/// The sessions that `place` means, one at least.
fn named(place: &Place) -> Result<Vec<SessionName>, Failed> {
    let mut all = sessions(&place.directory)?;
    if let Some(session) = &place.session {
        all.retain(|name| name.file_stem() == session);
    }
    if all.is_empty() {
        let which =
            place.session.as_deref().map_or_else(String::new, |session| format!(" of session {session}"));
        let text = format!(
            "{}: no store{which} here; give the directory that FileStorePath names",
            place.directory.display()
        );
        return Err(Failed { code: USAGE, text });
    }
    Ok(all)
}

/// The one session that `place` means.
fn one(place: &Place) -> Result<SessionName, Failed> {
    let mut all = named(place)?;
    match (all.pop(), all.is_empty()) {
        (Some(name), true) => Ok(name),
        (last, _) => {
            let names: Vec<String> = all.iter().chain(&last).map(SessionName::to_string).collect();
            let text = format!("several sessions are here; name one of {}", names.join(", "));
            Err(Failed { code: USAGE, text })
        }
    }
}

/// When both numbers last began at 1. A new store has not noted that.
fn since(creation_time: Option<UtcTimestamp>) -> String {
    creation_time
        .map_or_else(|| "numbers never reset".to_owned(), |time| format!("numbers began {}", time_text(time)))
}

fn time_text(time: UtcTimestamp) -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let length = time.format(&mut text);
    String::from_utf8_lossy(&text[..length]).into_owned()
}
