//! `book time`: books beside each other; `book count N`: N requests to ours, for callgrind.

use std::{process::ExitCode, time::Duration};

use book::{
    engines::{Engine, Lobster, OrderBookRs, Ours, Traded},
    workload::{Request, Shape, Workload, workload},
};
use rustix::time::{ClockId, clock_gettime};

/// About exchange-core's: a thousand live orders.
const SMALL: Shape = Shape { live: 1_000, width: 100, requests: 500_000 };
const LARGE: Shape = Shape { live: 1_000_000, width: 20_000, requests: 1_000_000 };
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["time"] => time(),
        ["count", requests] => requests.parse().map_err(|error| format!("{error}")).and_then(count),
        _ => Err("usage: book time | book count REQUESTS".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("book: {message}");
            ExitCode::FAILURE
        }
    }
}

/// All books, turn by turn; rates in requests a second and ratios within a round, medians of the rounds.
fn time() -> Result<(), String> {
    let small = workload(SMALL);
    let large = workload(LARGE);
    let (mut ours, mut lobster, mut orderbook_rs, mut million) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let (ours_traded, rate) = run(&mut Ours::new(SMALL.live), &small)?;
        ours.push(rate);
        for (name, rates, (traded, rate)) in [
            ("lobster", &mut lobster, run(&mut Lobster::new(SMALL.live), &small)?),
            ("orderbook-rs", &mut orderbook_rs, run(&mut OrderBookRs::new(), &small)?),
        ] {
            if traded != ours_traded {
                return Err(format!("{name} did not do the same work: {traded:?}, we {ours_traded:?}"));
            }
            rates.push(rate);
        }
        million.push(run(&mut Ours::new(LARGE.live), &large)?.1);
    }
    let ratios = |rates: &[f64]| median(ours.iter().zip(rates).map(|(ours, rate)| ours / rate).collect());
    println!("ours {:.0}", median(ours.clone()));
    println!("lobster {:.0} {:.2}", median(lobster.clone()), ratios(&lobster));
    println!("orderbook-rs {:.0} {:.2}", median(orderbook_rs.clone()), ratios(&orderbook_rs));
    println!("million {:.0}", median(million));
    Ok(())
}

/// Builds a book, measures the rest, and looks whether it is sound afterwards.
fn run(engine: &mut impl Engine, workload: &Workload) -> Result<(Traded, f64), String> {
    let mut traded = Traded::default();
    requests(engine, &workload.build, &mut traded);
    let begin = core_time();
    requests(engine, &workload.measured, &mut traded);
    let seconds = (core_time() - begin).as_secs_f64();
    engine.check()?;
    Ok((traded, workload.measured.len() as f64 / seconds))
}

/// What this thread had of a core; what others on the machine took from it is not in it.
fn core_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

#[inline(never)]
fn requests(engine: &mut impl Engine, requests: &[Request], traded: &mut Traded) {
    requests.iter().for_each(|request| engine.request(*request, traded));
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The same workload whatever the count, so that the difference of two counts is the cost of requests alone.
fn count(measured: usize) -> Result<(), String> {
    let workload = workload(Shape { requests: 200_000, ..SMALL });
    let measured = workload.measured.get(..measured).ok_or("at most 200000 requests are counted")?;
    let mut engine = Ours::new(SMALL.live);
    let mut traded = Traded::default();
    requests(&mut engine, &workload.build, &mut traded);
    requests(&mut engine, measured, &mut traded);
    println!("{traded:?}");
    engine.check()
}
