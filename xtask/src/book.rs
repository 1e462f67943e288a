//! `cargo xtask book`: the exchange's order book. Its tests optimised, with a million random requests; instructions a request;
//! and its rate beside other books. The programs stand in `fix-host/benches/book`.

use std::{path::Path, process::Command};

use crate::step::{self, Outcome, nested_cargo, root};

const FOLDER: &str = "fix-host/benches/book";

/// Instructions that a request may take at most, its events included.
const INSTRUCTIONS: u64 = 420;
const INSTRUCTIONS_GOAL: u64 = 500;

/// Requests a second of one core with a thousand live orders; or, on a slow machine, so many times the rate of another book.
const RATE_GOAL: f64 = 5e6;
const RATIO_GOALS: [(&str, f64); 2] = [("lobster", 3.0), ("orderbook-rs", 20.0)];
/// Requests a second with a million live orders.
const MILLION_GOAL: f64 = 3e6;

pub(crate) fn run() -> Outcome {
    let target = root().join("target/book");
    let target_dir = format!("--target-dir={}", target.display());
    step::run(nested_cargo(FOLDER, &["test", "--release", &target_dir]))?;
    step::run(nested_cargo(FOLDER, &["build", "--release", &target_dir]))?;
    let program = target.join("release/book");
    let counted = if step::has("valgrind") {
        count(&program)
    } else {
        step::skip("instruction counts", "apt-get install valgrind")
    };
    rates(&program)?;
    counted
}

/// Instructions of a request: the difference of two run lengths over the same workload.
fn count(program: &Path) -> Outcome {
    const REQUESTS: u64 = 100_000;
    let collected = |requests: u64| -> Result<u64, String> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
        let output = command.args(["count", &requests.to_string()]).output();
        let output = output.map_err(|error| format!("valgrind: {error}"))?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let count = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
        count.ok_or_else(|| format!("callgrind counted nothing:\n{text}"))
    };
    let each = collected(REQUESTS)?.saturating_sub(collected(0)?) / REQUESTS;
    println!("instructions a request {each} (goal {INSTRUCTIONS_GOAL}, limit {INSTRUCTIONS})");
    if each <= INSTRUCTIONS {
        Ok(())
    } else {
        Err(format!("a request takes {each} instructions, limit {INSTRUCTIONS}"))
    }
}

/// Rates of all books in one run, in the time that they had of a core.
fn rates(program: &Path) -> Outcome {
    let mut command = Command::new(program);
    // Large pages, for all books: a million orders lie in more small ones than the processor remembers the places of.
    command.arg("time").env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    let output = command.output().map_err(|error| format!("book time: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = |name: &str, column: usize| -> Result<f64, String> {
        let line = text.lines().find(|line| line.split(' ').next() == Some(name));
        let word = line.and_then(|line| line.split(' ').nth(column));
        word.and_then(|word| word.parse().ok())
            .ok_or_else(|| format!("book time told nothing of {name}:\n{text}"))
    };
    let rate = figure("ours", 1)?;
    println!("ours, 1,000 live orders: {rate:.0} requests a second (goal {RATE_GOAL:.0})");
    let mut behind = Vec::new();
    for (name, goal) in RATIO_GOALS {
        let (its_rate, ratio) = (figure(name, 1)?, figure(name, 2)?);
        println!("{name}: {its_rate:.0} requests a second, ours {ratio:.2} times that (goal {goal})");
        if ratio < goal {
            behind.push(format!("{ratio:.2} times {name}, goal {goal}"));
        }
    }
    let million = figure("million", 1)?;
    let missed = if million < MILLION_GOAL { ", missed" } else { "" };
    println!("ours, 1,000,000 live orders: {million:.0} requests a second (goal {MILLION_GOAL:.0}{missed})");
    if rate >= RATE_GOAL || behind.is_empty() {
        return Ok(());
    }
    Err(format!("{rate:.0} requests a second, goal {RATE_GOAL:.0}; and {}", behind.join("; ")))
}
