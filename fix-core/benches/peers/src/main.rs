//! `peers CASE PEER COUNT`: does a case COUNT times and prints the digest; run under callgrind, the
//! difference of two counts is the cost of one message. `peers list` prints what there is.

use std::{hint::black_box, process::ExitCode};

use peers::{CASES, PEERS, runner};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [list] if list == "list" => {
            for (case_name, case) in CASES {
                for (peer_name, peer) in PEERS {
                    if let Some(mut run) = runner(*case, *peer) {
                        println!("{case_name} {peer_name} {:016x}", run());
                    }
                }
            }
            ExitCode::SUCCESS
        }
        [case, peer, count] => match (find(CASES, case), find(PEERS, peer), count.parse()) {
            (Some(case), Some(peer), Ok(count)) => run_case(case, peer, count),
            _ => usage(),
        },
        _ => usage(),
    }
}

fn run_case(case: peers::Case, peer: peers::Peer, count: u64) -> ExitCode {
    let Some(mut run) = runner(case, peer) else {
        eprintln!("this peer has no such case here");
        return ExitCode::FAILURE;
    };
    let mut digest = run();
    for _ in 0..count {
        digest = black_box(run());
    }
    println!("{digest:016x}");
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: peers list | peers CASE PEER COUNT");
    ExitCode::FAILURE
}

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}
