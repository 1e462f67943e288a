//! `peers CASE PEER COUNT`: a codec beside others.

use std::process::ExitCode;

use peers::{CASES, PEERS, program, runner};

fn main() -> ExitCode {
    let all = CASES.iter().flat_map(|(case, _)| PEERS.iter().map(move |(peer, _)| (*case, *peer)));
    program::main(all, |case, peer| runner(find(CASES, case)?, find(PEERS, peer)?))
}

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}
