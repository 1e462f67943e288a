//! Who has a port that is taken: one line for whoever wants to start a second engine, or forgot the first.

use std::{fs, path::Path};

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// Who listens on this port, as far as this user may see it: ` (taken by fix-host, process 4711)`.
pub(crate) fn by_whom(port: u16) -> String {
    match listener(port) {
        Some((name, process)) => format!(" (taken by {}, process {process})", name.escape_debug()),
        None => " (taken by another program)".to_owned(),
    }
}

/// Name and process id of one that listens on this port; `None` if that is not to be seen.
fn listener(port: u16) -> Option<(String, u32)> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let inodes: Vec<String> = tables.iter().flat_map(|table| inodes(table, port)).collect();
    let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let mut processes =
        processes.filter_map(|entry| Some((entry.path(), entry.file_name().to_str()?.parse().ok()?)));
    let (folder, process) = processes.find(|(folder, _): &(_, u32)| has_one_of(folder, &links))?;
    let name = fs::read_to_string(folder.join("comm")).ok()?;
    Some((name.trim_end().to_owned(), process))
}

/// The inodes of the sockets in a table of `/proc/net` that listen on this port.
fn inodes(table: &str, port: u16) -> impl Iterator<Item = String> {
    let of_port = format!(":{port:04X}");
    table.lines().skip(1).filter_map(move |line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
        (local.ends_with(&of_port) && *state == LISTENS).then(|| (*inode).to_owned())
    })
}

/// True if one of the files that a process has open is one of these. Of processes of other users nothing is to be seen.
fn has_one_of(process: &Path, links: &[String]) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    targets.filter_map(|target| target.to_str().map(str::to_owned)).any(|target| links.contains(&target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_listen_on_the_port_are_found() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            \x20  0: 0100007F:1F72 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0\n\
            \x20  1: 0100007F:1F72 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0\n\
            \x20  2: 0100007F:1F73 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0\n";
        assert_eq!(inodes(table, 8050).collect::<Vec<_>>(), ["4711"]);
        assert_eq!(inodes("", 8050).count(), 0);
    }

    #[test]
    fn this_process_finds_itself() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let text = by_whom(listener.local_addr().unwrap().port());
        assert!(text.contains(&format!("process {})", std::process::id())), "{text}");
    }
}
