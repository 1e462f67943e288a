//! `cargo xtask loopback`: order -> ExecutionReport over loopback TCP, this project's acceptor beside the bare
//! tokio echo and QuickFIX C++, all driven by the same program (`fix-host/benches/loopback`) in the same run.
//!
//! A server has one core and the driver another. Rounds go through all servers, figures are compared within
//! a round, and the median of the rounds counts: other work on the machine then disturbs all alike.

mod bench;
mod machine;
mod table;

use clap::Args as ClapArgs;

use self::{
    bench::{Bench, Kind, SERVERS, Server},
    table::{Goal, Table, median},
};
use crate::step::{self, Outcome};

#[derive(ClapArgs)]
pub(crate) struct Args {
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

/// What `cargo xtask test` runs: seconds, to see that everything in here works.
pub(crate) fn run_some() -> Outcome {
    run(&Args { orders: 500, rounds: 1, stored: 10_000, no_instructions: true })
}

pub(crate) fn run(args: &Args) -> Outcome {
    let bench = Bench::build()?;
    let mut rounds = Vec::new();
    for _ in 0..args.rounds.max(1) {
        rounds.push(Round::measure(&bench, args)?);
    }
    let mut table = Table::default();
    for server in bench.servers() {
        raw(&mut table, &rounds, server);
    }
    goals(&mut table, &rounds);
    if args.no_instructions || !step::has("valgrind") {
        table.without("user instructions an order", "needs valgrind");
    } else {
        instructions(&mut table, &bench)?;
    }
    let start = bench.start_to_logon(0, 10)?;
    table.add("start of the program to Logon answered", start / 1000.0, "ms", Some(Goal::AtMost(5.0)));
    let restart = bench.start_to_logon(args.stored, 3)?;
    let figure = format!("the same with {} messages in the journal", args.stored);
    table.add(&figure, restart / 1000.0, "ms", Some(Goal::AtMost(1000.0)));
    println!("\n{}\n\n{table}", machine::describe());
    Ok(())
}

/// One round: a place for each of [`SERVERS`].
struct Round {
    /// The median time from an order to its answer, in nanoseconds.
    ping: [Option<f64>; SERVERS.len()],
    /// Orders a second.
    stream: [Option<f64>; SERVERS.len()],
}

impl Round {
    fn measure(bench: &Bench, args: &Args) -> Result<Self, String> {
        let mut round = Round { ping: [None; SERVERS.len()], stream: [None; SERVERS.len()] };
        for server in bench.servers() {
            // A sync of the disk for every order takes its time.
            let share = if server.store == "sync" { 100 } else { 5 };
            round.ping[server.place()] = Some(bench.measure(server, "ping", args.orders / share)?);
            round.stream[server.place()] = Some(bench.measure(server, "stream", args.orders)?);
        }
        Ok(round)
    }
}

/// The figures of one server as they are.
fn raw(table: &mut Table, rounds: &[Round], server: Server) {
    let place = server.place();
    if let Some(ping) = median(rounds.iter().filter_map(|round| round.ping[place])) {
        table.add(&format!("ping p50, {}", server.name), ping / 1000.0, "us", None);
    }
    if let Some(stream) = median(rounds.iter().filter_map(|round| round.stream[place])) {
        let goal = (server.store == "sync").then_some(Goal::AtLeast(10_000.0));
        table.add(&format!("pipelined, {}", server.name), stream, "orders/s", goal);
    }
}

/// What the figures are beside those of another server in the same round.
fn goals(table: &mut Table, rounds: &[Round]) {
    let [echo, memory, journal, _, their_memory, their_file] = SERVERS.map(Server::place);
    let pings = [
        (memory, Some(Goal::AtMost(1.10))),
        (journal, Some(Goal::AtMost(1.20))),
        (their_memory, None),
        (their_file, None),
    ];
    for (place, goal) in pings {
        let ratios = rounds.iter().filter_map(|round| Some(round.ping[place]? / round.ping[echo]?));
        if let Some(ratio) = median(ratios) {
            table.add(&format!("ping p50, {}", SERVERS[place].name), ratio, "x echo", goal);
        }
    }
    for (ours, theirs, goal) in [(memory, their_memory, 4.0), (journal, their_file, 6.0)] {
        let ratios = rounds.iter().filter_map(|round| Some(round.stream[ours]? / round.stream[theirs]?));
        let figure = format!("pipelined, {}", SERVERS[ours].name);
        match median(ratios) {
            Some(ratio) => table.add(&figure, ratio, "x QuickFIX", Some(Goal::AtLeast(goal))),
            None => table.without(&figure, "needs QuickFIX C++"),
        }
    }
}

/// An order that comes alone pays for waking the process up as well; of many in a row each pays a part.
fn instructions(table: &mut Table, bench: &Bench) -> Outcome {
    for server in bench.servers().filter(|server| server.kind != Kind::Echo && server.store != "sync") {
        let ours = server.kind == Kind::Ours;
        let goal = || ours.then_some(Goal::AtMost(12_000.0));
        let alone = bench.instructions(server, "ping")?.round();
        table.add(&format!("user instructions an order, {}", server.name), alone, "", goal());
        if ours {
            let among_many = bench.instructions(server, "stream")?.round();
            table.add(
                &format!("user instructions an order, pipelined, {}", server.name),
                among_many,
                "",
                goal(),
            );
        }
    }
    Ok(())
}
