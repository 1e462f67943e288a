//! `cargo xtask loopback`: the program that is shipped and its parts, measured over loopback TCP beside others that do
//! the same work in the same run.
//!
//! What belongs together is one set of rows, a file of its own with one line in [`SETS`]. Rounds go through all servers of
//! a set, figures are compared within a round, and the median of the rounds counts: other work on the machine then
//! disturbs all alike.

mod bench;
mod fix;
mod http;
mod instructions;
mod machine;
mod process;
mod redis;
mod rounds;
mod servers;
mod start;
mod table;

use clap::{Args as ClapArgs, ValueEnum};

use self::{bench::Bench, table::Table};
use crate::step::Outcome;

/// Rows that belong together, and what measures them.
struct Set {
    name: Name,
    run: fn(&Bench, &Args, &mut Table) -> Outcome,
}

/// All rows, in the order of the table.
const SETS: &[Set] = &[
    Set { name: Name::Fix, run: fix::run },
    Set { name: Name::Http, run: http::run },
    Set { name: Name::Redis, run: redis::run },
    Set { name: Name::Start, run: start::run },
];

/// What `--only` takes.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Name {
    /// Order to ExecutionReport: the engine alone, `exchange` and `start` as shipped, QuickFIX C++
    Fix,
    /// Orders over HTTP: `start` as shipped, a bare axum echo
    Http,
    /// Orders over Redis: `start` and `exchange` as shipped, an engine in Python
    Redis,
    /// From the start of the program to its answer to a Logon
    Start,
}

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only this set of rows
    #[arg(long, value_enum)]
    only: Option<Name>,
    /// Orders of one round of a stream; a fifth as many go one at a time
    #[arg(long, default_value_t = 20_000)]
    orders: u64,
    /// Rounds
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Messages in the journal for the restart
    #[arg(long, default_value_t = 1_000_000)]
    stored: u64,
    /// Leave out the instruction counts (callgrind)
    #[arg(long)]
    no_instructions: bool,
}

impl Args {
    /// Orders that go one at a time in one round.
    fn pings(&self) -> u64 {
        (self.orders / 5).max(1)
    }
}

/// What `cargo xtask test` runs: seconds, to see that everything in here works.
pub(crate) fn run_some() -> Outcome {
    run(&Args { only: None, orders: 500, rounds: 1, stored: 10_000, no_instructions: true })
}

pub(crate) fn run(args: &Args) -> Outcome {
    let bench = Bench::build()?;
    let mut table = Table::default();
    for set in SETS.iter().filter(|set| args.only.is_none_or(|only| only == set.name)) {
        (set.run)(&bench, args, &mut table)?;
    }
    println!("\n{}\n{}\n{table}", machine::describe(), bench.cores());
    Ok(())
}
