//! The model check: every way that two sessions can go, up to a bound, over the real engines.
//!
//! One message delivered at a time. The steps: a side sends, a message arrives, the link is
//! cut (what is under way is lost), the link comes back, a process dies and restarts from its disk, time
//! passes to the next timer. In every state reached: no number has stood for two messages, nothing is
//! delivered twice unflagged or out of order. From every state, once nothing more goes wrong, both sides get
//! all that was sent.
//!
//! `cargo xtask model --sends 2 --cuts 2 --crashes 1 --ticks 0` sets the bound.

#![allow(unreachable_pub, dead_code, reason = "the modules of a test have no outside")]

extern crate alloc;

#[path = "pair/harness.rs"]
mod harness;

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    process::ExitCode,
};

use harness::{ACCEPTOR, INITIATOR, Pair};

#[derive(Clone, Copy, Debug)]
struct Bound {
    /// Messages that each side sends.
    sends: usize,
    cuts: usize,
    crashes: usize,
    /// Times that time passes to the next timer.
    ticks: usize,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Send(usize),
    Deliver(usize),
    Cut,
    Connect,
    Crash(usize),
    Tick,
}

#[derive(Clone)]
struct State {
    pair: Pair,
    sends: [usize; 2],
    cuts: usize,
    crashes: usize,
    ticks: usize,
    path: Vec<Action>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str, default| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let bound = Bound {
        sends: value("--sends", 1),
        cuts: value("--cuts", 1),
        crashes: value("--crashes", 1),
        ticks: value("--ticks", 1),
    };
    match explore(bound) {
        Ok(states) => {
            println!("model: {states} distinct states, closed under {bound:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("model: {error}");
            ExitCode::FAILURE
        }
    }
}

fn explore(bound: Bound) -> Result<usize, String> {
    let pair = Pair::new(|config| {
        config.heart_bt_int = 0;
        config.queue_while_disconnected = true;
    });
    let start = State { pair, sends: [0; 2], cuts: 0, crashes: 0, ticks: 0, path: Vec::new() };
    let mut seen = HashSet::new();
    // Depth first: the states still to be looked at stay few, however many there are in all.
    let mut frontier = vec![start];
    while let Some(state) = frontier.pop() {
        for action in actions(&state, bound) {
            let mut next = state.clone();
            next.path.push(action);
            apply(&mut next, action);
            if !seen.insert(fingerprint(&mut next)) {
                continue;
            }
            verify(&next).map_err(|error| format!("{error}\nafter {:?}", next.path))?;
            frontier.push(next);
        }
    }
    Ok(seen.len())
}

fn actions(state: &State, bound: Bound) -> Vec<Action> {
    let mut actions = Vec::new();
    for side in [INITIATOR, ACCEPTOR] {
        if state.sends[side] < bound.sends {
            actions.push(Action::Send(side));
        }
        if state.crashes < bound.crashes {
            actions.push(Action::Crash(side));
        }
    }
    if !state.pair.is_connected() {
        actions.push(Action::Connect);
        return actions;
    }
    actions.extend([Action::Deliver(INITIATOR), Action::Deliver(ACCEPTOR)]);
    if state.cuts < bound.cuts {
        actions.push(Action::Cut);
    }
    if state.ticks < bound.ticks && state.pair.is_quiet() {
        actions.push(Action::Tick);
    }
    actions
}

fn apply(state: &mut State, action: Action) {
    match action {
        Action::Send(side) => {
            state.sends[side] += 1;
            let _ = state.pair.send(side);
            state.pair.work(side);
        }
        Action::Deliver(side) => {
            state.pair.deliver_one(side);
        }
        Action::Cut => {
            state.cuts += 1;
            state.pair.cut();
        }
        Action::Connect => {
            state.pair.cut();
            state.pair.connect();
            state.pair.work(INITIATOR);
            state.pair.work(ACCEPTOR);
        }
        Action::Crash(side) => {
            state.crashes += 1;
            state.pair.crash(side);
        }
        Action::Tick => {
            state.ticks += 1;
            state.pair.tick();
        }
    }
}

fn fingerprint(state: &mut State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.pair.fingerprint(&mut hasher);
    (state.sends, state.cuts, state.crashes, state.ticks).hash(&mut hasher);
    hasher.finish()
}

/// Safety in this state, and the way out of it.
fn verify(state: &State) -> Result<(), String> {
    let mut pair = state.pair.clone();
    faults(&mut pair)?;
    pair.recover()?;
    pair.compare(INITIATOR)?;
    pair.compare(ACCEPTOR)?;
    faults(&mut pair)
}

fn faults(pair: &mut Pair) -> Result<(), String> {
    for side in [INITIATOR, ACCEPTOR] {
        if let Some(fault) = pair.side(side).application().faults.first() {
            return Err(fault.clone());
        }
    }
    Ok(())
}
