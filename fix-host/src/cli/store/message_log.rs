//! `store export --message-log`: the journal as lines of QuickFIX's message log.

use std::{
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use fix_core::{tag, time::UtcTimestamp, wire::field::Fields};

use super::Failed;
use crate::{
    log::{Redactor, escape_from},
    store::{Inspection, SessionName, Way},
};

/// What stands for the time of a message that has none.
const NO_TIME: &[u8] = b"00000000-00:00:00.000";

/// Writes `to/SESSION.messages.log`, which must not exist.
pub(super) fn write(
    directory: &Path,
    name: &SessionName,
    to: &Path,
    out: &mut dyn Write,
) -> Result<(), Failed> {
    let inspection = Inspection::open(directory, name)?;
    fs::create_dir_all(to)?;
    let path = to.join(format!("{name}.messages.log"));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut file = BufWriter::new(file.map_err(named)?);
    let (redactor, mut line, mut sent, mut received) = (Redactor::default(), Vec::new(), 0u64, 0u64);
    inspection.for_each_message(|way, message| -> io::Result<()> {
        match way {
            Way::Sent => sent += 1,
            Way::Received => received += 1,
        }
        line.clear();
        line.extend_from_slice(sending_time(message).unwrap_or(NO_TIME));
        line.extend_from_slice(b" : ");
        redactor.write(message, &mut line);
        escape_from(&mut line, 0, true);
        line.push(b'\n');
        file.write_all(&line)
    })?;
    file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all())?;
    writeln!(out, "{name}: {sent} sent and {received} received messages, written to {}", path.display())?;
    Ok(())
}

/// SendingTime(52), if it is one.
fn sending_time(message: &[u8]) -> Option<&[u8]> {
    let time = Fields::new(message).valid().find(|field| field.tag == tag::SENDING_TIME)?.value;
    UtcTimestamp::parse(time).is_ok().then_some(time)
}
