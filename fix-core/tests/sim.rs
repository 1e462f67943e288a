//! The simulator: two sessions, a bad network, crashes, failing stores and jumping clocks, from a seed.
//!
//! `cargo test --release -p fix-core --test sim -- --seeds 10000 --events 1000` plays the seeds from 1 on;
//! `--seed 77` plays one, `--trace` shows it. After every event: no number has stood for two messages, nothing was delivered
//! twice unflagged or out of order. When the faults stop: both sides have all that the other one sent.

#![allow(unreachable_pub, dead_code, reason = "the modules of a test have no outside")]

#[path = "pair/harness.rs"]
mod harness;

use std::{process::ExitCode, time::Duration};

use harness::{ACCEPTOR, INITIATOR, Pair};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let events = value("--events").unwrap_or(300);
    let seeds = match value("--seed") {
        Some(seed) => seed..=seed,
        None => 1..=value("--seeds").unwrap_or(100),
    };
    let trace = arguments.iter().any(|argument| argument == "--trace");
    let mut delivered = 0;
    for seed in seeds.clone() {
        match simulate(seed, events, trace) {
            Ok(count) => delivered += count,
            Err(error) => {
                println!("sim: seed {seed}: {error}");
                println!(
                    "replay: cargo test --release -p fix-core --test sim -- --seed {seed} --events {events}"
                );
                return ExitCode::FAILURE;
            }
        }
    }
    println!("sim: seeds {seeds:?} x {events} events: ok, {delivered} messages delivered");
    ExitCode::SUCCESS
}

fn simulate(seed: u64, events: u64, trace: bool) -> Result<usize, String> {
    let mut random = Random(seed);
    let mut pair = setup(&mut random);
    for event in 0..events {
        if trace {
            let status = [INITIATOR, ACCEPTOR].map(|index| pair.side(index).status());
            println!("{event}: {status:?}");
            pair.trace();
        }
        one_event(&mut pair, &mut random);
        check(&pair_faults(&mut pair)).map_err(|error| format!("event {event}: {error}"))?;
    }
    for index in [INITIATOR, ACCEPTOR] {
        pair.side(index).store_mut().fails = false;
    }
    (pair.cut_after, pair.chunk, pair.clock_error) = (None, usize::MAX, [0; 2]);
    pair.recover()?;
    pair.compare(INITIATOR)?;
    pair.compare(ACCEPTOR)?;
    check(&pair_faults(&mut pair))?;
    Ok([INITIATOR, ACCEPTOR].map(|index| pair.side(index).application().received_ids().len()).iter().sum())
}

/// The rules that the seed chooses.
fn setup(random: &mut Random) -> Pair {
    let chunk_size = if random.one_in(3) { random.below(5) as u32 } else { 0 };
    let flags: Vec<bool> = (0..5).map(|_| random.one_in(3)).collect();
    Pair::new(|config| {
        config.resend_request_chunk_size = chunk_size;
        config.closed_resend_interval = flags[0];
        config.send_next_expected_msg_seq_num = flags[1];
        config.enable_last_msg_seq_num_processed = flags[2];
        config.queue_while_disconnected = flags[3];
        config.send_redundant_resend_requests = flags[4];
    })
}

fn one_event(pair: &mut Pair, random: &mut Random) {
    let side = random.below(2) as usize;
    match random.below(100) {
        0..50 => {
            let _ = pair.send(side);
        }
        50..75 => {
            pair.chunk = 1 + random.below(200) as usize;
            for _ in 0..random.below(20) {
                pair.step();
            }
        }
        75..85 => pair.advance(Duration::from_millis(random.below(4_000))),
        85..88 => pair.cut_after = Some(1 + random.below(500) as usize),
        88..89 => pair.cut(),
        89..91 => pair.crash(side),
        91..92 => {
            let fails = random.one_in(2);
            pair.side(side).store_mut().fails = fails;
        }
        92..93 => pair.clock_error[side] = random.below(100) as i64 - 50,
        _ => {
            if !pair.is_connected() {
                pair.cut();
                pair.connect();
            }
            pair.settle();
        }
    }
}

fn pair_faults(pair: &mut Pair) -> Vec<String> {
    [INITIATOR, ACCEPTOR]
        .into_iter()
        .flat_map(|index| pair.side(index).application().faults.clone())
        .collect()
}

fn check(faults: &[String]) -> Result<(), String> {
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

/// SplitMix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
