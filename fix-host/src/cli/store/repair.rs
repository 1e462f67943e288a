//! `store repair`: says exactly what was lost, and what to do about the numbers.

use std::io::Write;

use super::{Failed, Place, named};
use crate::store::{Repaired, SessionName, repair};

/// Repairs every damaged journal that `place` means.
pub(super) fn run(place: &Place, out: &mut dyn Write) -> Result<(), Failed> {
    for name in named(place)? {
        match repair(&place.directory, &name)? {
            None => writeln!(out, "{name}: not damaged, nothing was changed")?,
            Some(repaired) => report(place, &name, &repaired, out)?,
        }
    }
    Ok(())
}

fn report(place: &Place, name: &SessionName, repaired: &Repaired, out: &mut dyn Write) -> Result<(), Failed> {
    let Repaired { copy, damage, lost, messages, entries, next_in, next_out } = repaired;
    writeln!(out, "{name}: repaired; the damaged files are kept in {}", copy.display())?;
    for (file, from, to) in damage {
        writeln!(out, "  not readable: {} from byte {from} to {to}", file.display())?;
    }
    for (first, last) in lost {
        writeln!(
            out,
            "  lost: sent messages {first} to {last}; if the counterparty asks for them it gets a gap fill, so what \
             they said is not said again: compare these orders with the counterparty"
        )?;
    }
    let received = next_in.map_or(0, |number| number.saturating_sub(1));
    writeln!(
        out,
        "  lost, if any stood there: received messages that Redis or the HTTP history was not told of yet: compare \
         the orders of that time with the counterparty"
    )?;
    writeln!(out, "  kept: {messages} sent messages, {entries} received messages and own reports")?;
    writeln!(
        out,
        "  numbers: received up to {received}; if more had been received, it is asked for again at the Logon and \
         reported with the same reportId"
    )?;
    writeln!(
        out,
        "  numbers: the next to send is {next_out} at least; if the counterparty says that it expects N, a higher \
         one: fix-host store set-seqnum {} {name} --next-out N",
        place.directory.display()
    )?;
    Ok(())
}
