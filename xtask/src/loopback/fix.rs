//! Order to ExecutionReport over FIX: this project's acceptors beside the bare tokio echo and QuickFIX C++, all driven
//! by the same program (`fix-host/benches/loopback`).

use super::{
    Args,
    bench::{Bench, Cores},
    instructions,
    rounds::Rounds,
    servers::{
        ECHO, EXCHANGE, EXCHANGE_MEMORY, EXCHANGE_NO_LOGS, JOURNAL, Kind, MEMORY, SERVERS, START, SYNC,
        Server, Starter, THEIR_FILE, THEIR_MEMORY,
    },
    table::{Goal, Table},
};
use crate::step::Outcome;

/// Orders that may rest at the exchange; one more is rejected.
const MOST_WORKING: u64 = 9_000;

pub(super) fn run(bench: &Bench, args: &Args, table: &mut Table) -> Outcome {
    let starter = Starter::new(bench)?;
    let mut rounds = Rounds::default();
    for _ in 0..args.rounds.max(1) {
        rounds.begin();
        for cores in [Cores::OneEach, Cores::All] {
            for server in SERVERS.into_iter().filter(|server| is_measured(&starter, *server, cores)) {
                measure(&starter, server, cores, args, &mut rounds)?;
            }
        }
    }
    for cores in [Cores::OneEach, Cores::All] {
        for server in SERVERS {
            raw(table, &rounds, server, cores);
        }
    }
    goals(table, &rounds);
    if args.no_instructions || !instructions::can_be_counted() {
        table.without("user instructions an order", "needs valgrind");
        return Ok(());
    }
    count(table, &starter)
}

/// What waits for the disk, and what is not ours, is measured one way only.
fn is_measured(starter: &Starter<'_>, server: Server, cores: Cores) -> bool {
    let everywhere = server.kind != Kind::QuickFix && server != SYNC;
    starter.can_run(server) && (everywhere || cores == Cores::OneEach)
}

fn name(what: &str, server: Server, cores: Cores) -> String {
    format!("{what}, {cores}, {}", server.name)
}

fn measure(starter: &Starter<'_>, server: Server, cores: Cores, args: &Args, rounds: &mut Rounds) -> Outcome {
    // A sync of the disk for every order takes its time.
    let pings = if server == SYNC { args.orders / 100 } else { args.pings() };
    let rests = matches!(server.kind, Kind::Exchange | Kind::ExchangeWithoutLogs);
    let stream = if rests { args.orders.min(MOST_WORKING) } else { args.orders };
    for (what, orders) in [("ping p50", pings.min(stream)), ("pipelined", stream)] {
        let kind = if what == "pipelined" { "stream" } else { "ping" };
        let taken = starter.measure(server, cores, kind, orders)?;
        rounds.add(name(what, server, cores), taken.figure);
        if let Some(cpu) = taken.cpu {
            rounds.add(format!("{} cpu", name(what, server, cores)), cpu);
        }
    }
    Ok(())
}

/// The figures of one server as they are.
fn raw(table: &mut Table, rounds: &Rounds, server: Server, cores: Cores) {
    let ping = name("ping p50", server, cores);
    if let Some(nanos) = rounds.median(&ping) {
        table.add(&ping, nanos / 1000.0, "us", None).cpu(rounds.median(&format!("{ping} cpu")));
    }
    let stream = name("pipelined", server, cores);
    if let Some(a_second) = rounds.median(&stream) {
        let goal = match server {
            SYNC => Some(Goal::AtLeast(10_000.0)),
            EXCHANGE_NO_LOGS => Some(Goal::AtLeast(500_000.0)),
            _ => None,
        };
        table.add(&stream, a_second, "orders/s", goal).cpu(rounds.median(&format!("{stream} cpu")));
    }
}

/// What the figures are beside those of another server in the same round.
fn goals(table: &mut Table, rounds: &Rounds) {
    let most = |ratio| Some(Goal::AtMost(ratio));
    let pings = [
        (MEMORY, most(1.05)),
        (JOURNAL, most(1.10)),
        (EXCHANGE_MEMORY, most(1.20)),
        (EXCHANGE, most(1.25)),
        (EXCHANGE_NO_LOGS, None),
        (START, None),
        (THEIR_MEMORY, None),
        (THEIR_FILE, None),
    ];
    for cores in [Cores::OneEach, Cores::All] {
        for (server, goal) in pings {
            let ping = name("ping p50", server, cores);
            let goal = goal.filter(|_| cores == Cores::OneEach);
            if let Some(ratio) = rounds.ratio(&ping, &name("ping p50", ECHO, cores)) {
                table.add(&ping, ratio, "x echo", goal);
            }
        }
    }
    for (ours, theirs, goal) in
        [(MEMORY, THEIR_MEMORY, Some(4.0)), (JOURNAL, THEIR_FILE, Some(6.0)), (EXCHANGE, THEIR_FILE, None)]
    {
        let ours = name("pipelined", ours, Cores::OneEach);
        match rounds.ratio(&ours, &name("pipelined", theirs, Cores::OneEach)) {
            Some(ratio) => {
                table.add(&ours, ratio, "x QuickFIX", goal.map(Goal::AtLeast));
            }
            None => table.without(&ours, "needs QuickFIX C++"),
        }
    }
}

/// An order that comes alone pays for waking the process up as well; of many in a row each pays a part.
fn count(table: &mut Table, starter: &Starter<'_>) -> Outcome {
    let goals = [
        (MEMORY, Some(12_000.0), Some(12_000.0)),
        (JOURNAL, Some(12_000.0), Some(12_000.0)),
        (EXCHANGE, Some(13_000.0), Some(9_000.0)),
        (EXCHANGE_NO_LOGS, None, None),
        (START, None, None),
        (THEIR_MEMORY, None, None),
        (THEIR_FILE, None, None),
    ];
    for (server, alone, piped) in goals.into_iter().filter(|(server, ..)| starter.can_run(*server)) {
        let figure = format!("user instructions an order, {}", server.name);
        table.add(&figure, starter.instructions(server, "ping")?.round(), "", alone.map(Goal::AtMost));
        if server.kind != Kind::QuickFix {
            let figure = format!("user instructions an order, pipelined, {}", server.name);
            table.add(&figure, starter.instructions(server, "stream")?.round(), "", piped.map(Goal::AtMost));
        }
    }
    Ok(())
}
