//! The command line of the bench programs: `CASE PEER COUNT` does a case COUNT times and prints the digest; run under
//! callgrind, the difference of two counts is the cost of one message. `list` prints what there is.

use std::{hint::black_box, process::ExitCode};

use crate::Runner;

/// Does what the arguments say with the cases and peers of `all`.
pub fn main<'a>(
    all: impl IntoIterator<Item = (&'a str, &'a str)>,
    runner: impl Fn(&str, &str) -> Option<Runner>,
) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [list] if list == "list" => {
            for (case, peer) in all {
                if let Some(mut run) = runner(case, peer) {
                    println!("{case} {peer} {:016x}", run());
                }
            }
            ExitCode::SUCCESS
        }
        [case, peer, count] => match (runner(case, peer), count.parse()) {
            (Some(run), Ok(count)) => repeat(run, count),
            _ => usage(),
        },
        _ => usage(),
    }
}

fn repeat(mut run: Runner, count: u64) -> ExitCode {
    let mut digest = run();
    for _ in 0..count {
        digest = black_box(run());
    }
    println!("{digest:016x}");
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: list | CASE PEER COUNT, each as `list` shows it");
    ExitCode::FAILURE
}
