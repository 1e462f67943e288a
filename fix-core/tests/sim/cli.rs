//! The seeded simulator as a program: `--seeds N --events M [--threads T]`, `--seed S --trace` to see one run, or
//! `--script FILE --trace` to see one input of the fuzz target `pair`.

mod app;
mod disk;
mod ledger;
mod link;
mod note;
mod plan;
mod record;
mod rng;
mod run;
mod tamper;
mod wire_watch;
mod world;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use world::Report;

struct Args {
    seeds: u64,
    first: u64,
    events: u64,
    threads: u64,
    trace: bool,
    script: Option<PathBuf>,
}

/// Failures after which a run is not worth going on with.
const ENOUGH: usize = 10;

fn main() -> ExitCode {
    let args = match parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(what) => {
            eprintln!("sim: {what}");
            return ExitCode::from(2);
        }
    };
    match &args.script {
        Some(path) => run_script(path, args.trace),
        None => run_seeds(&args),
    }
}

fn run_script(path: &Path, trace: bool) -> ExitCode {
    let outcome = std::fs::read(path).map_err(|error| error.to_string());
    match outcome.and_then(|bytes| run::script(&bytes, trace)) {
        Ok(report) => {
            println!("{}: {} events, {} notes delivered", path.display(), report.events, report.deliveries);
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{}: {what}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn run_seeds(args: &Args) -> ExitCode {
    let begin = Instant::now();
    let next = AtomicU64::new(args.first);
    let total = Mutex::new(Report::default());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..args.threads {
            scope.spawn(|| work(args, &next, &total, &failures));
        }
    });
    let (total, failures) = (total.into_inner(), failures.into_inner());
    let (Ok(total), Ok(failures)) = (total, failures) else { return ExitCode::FAILURE };
    println!(
        "{} seeds x {} events: {} events, {} notes delivered ({} again, flagged), {} excused, {} failures, {:.1} s",
        args.seeds,
        args.events,
        total.events,
        total.deliveries,
        total.duplicates,
        total.excused,
        failures.len(),
        begin.elapsed().as_secs_f64()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn work(args: &Args, next: &AtomicU64, total: &Mutex<Report>, failures: &Mutex<Vec<u64>>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        let enough = failures.lock().map_or(true, |failures| failures.len() >= ENOUGH);
        if seed >= args.first + args.seeds || enough {
            return;
        }
        match run::run(seed, args.events, args.trace) {
            Ok(report) => {
                if let Ok(mut total) = total.lock() {
                    total.events += report.events;
                    total.deliveries += report.deliveries;
                    total.duplicates += report.duplicates;
                    total.excused += report.excused;
                }
            }
            Err(what) => {
                println!("seed {seed}: {what}");
                if let Ok(mut failures) = failures.lock() {
                    failures.push(seed);
                }
            }
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let mut args = Args { seeds: 1_000, first: 0, events: 1_000, threads, trace: false, script: None };
    while let Some(word) = words.next() {
        if word == "--trace" {
            args.trace = true;
            continue;
        }
        if word == "--script" {
            args.script = Some(words.next().ok_or("--script needs a file")?.into());
            continue;
        }
        let value = words.next().and_then(|value| value.parse().ok());
        let value: u64 = value.ok_or_else(|| format!("{word} needs a number"))?;
        match word.as_str() {
            "--seeds" => args.seeds = value,
            "--seed" => (args.first, args.seeds) = (value, 1),
            "--first" => args.first = value,
            "--events" => args.events = value,
            "--threads" => args.threads = value.max(1),
            _ => return Err(format!("no such option: {word}")),
        }
    }
    Ok(args)
}
