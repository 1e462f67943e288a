//! Which ids were used: a line for each journal that there has been, with what stands before the numbers of its ids and how
//! often the exchange has started with it. It stands in the file that locks the journal, and so outlives it.

use std::{
    fs::File,
    io::{self, Read, Write},
};

use fix_core::time::UtcTimestamp;

/// What stands before the numbers of all ids, and the number of the start.
pub(super) type Used = Vec<(String, u64)>;

/// The ids of an exchange that keeps nothing, or has kept nothing yet: by the millisecond of its start.
pub fn prefix(now: UtcTimestamp) -> String {
    format!("{:x}", millis(now))
}

fn millis(now: UtcTimestamp) -> u64 {
    let seconds = u64::try_from(now.unix_seconds()).unwrap_or_default();
    seconds * 1_000 + u64::from(now.subsec_nanos() / 1_000_000)
}

/// Reads the file; lines that are none of its own are left out.
pub(super) fn read(file: &mut File) -> io::Result<Used> {
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let line = |line: &str| {
        let (prefix, starts) = line.split_once(' ')?;
        Some((prefix.to_owned(), starts.parse().ok()?))
    };
    Ok(String::from_utf8_lossy(&text).lines().filter_map(line).collect())
}

/// The ids of the next start, after one of which the journal says this; the prefix is empty without a journal.
pub(super) fn next(used: &Used, (prefix, starts): (&str, u64), now: UtcTimestamp) -> (String, u64) {
    if prefix.is_empty() {
        // Whatever the clock says.
        let last = used.iter().filter_map(|(prefix, _)| u64::from_str_radix(prefix, 16).ok()).max();
        let first = last.map_or(0, |last| last + 1).max(millis(now));
        return (format!("{first:x}"), 0);
    }
    // A journal that is a copy does not know of all starts.
    let same = used.iter().filter(|(used, _)| used == prefix).map(|(_, starts)| *starts);
    (prefix.to_owned(), same.fold(starts, u64::max) + 1)
}

/// Writes that these are used.
pub(super) fn write(file: &mut File, used: &Used, prefix: &str, starts: u64) -> io::Result<()> {
    let others = used.iter().filter(|(used, _)| used != prefix);
    let lines = others.map(|(prefix, starts)| (prefix.as_str(), *starts)).chain([(prefix, starts)]);
    let text: String = lines.map(|(prefix, starts)| format!("{prefix} {starts}\n")).collect();
    // A crash in between leaves no ids, but the journal, which says the same.
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_start_has_the_ids_of_another() {
        let now = UtcTimestamp::from_unix(1, 5_000_000);
        assert_eq!(next(&Vec::new(), ("", 0), now), ("3ed".to_owned(), 0));
        let used = vec![("3ed".to_owned(), 4), ("fff".to_owned(), 1)];
        assert_eq!(next(&used, ("", 0), now), ("1000".to_owned(), 0), "the clock was set back");
        assert_eq!(next(&used, ("3ed", 4), now), ("3ed".to_owned(), 5));
        assert_eq!(next(&used, ("3ed", 2), now), ("3ed".to_owned(), 5), "the journal is an old copy");
        assert_eq!(next(&used, ("3ed", 9), now), ("3ed".to_owned(), 10));
    }
}
