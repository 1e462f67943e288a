//! `fix-host exchange` killed with SIGKILL, again and again, while a session enters, cancels and replaces orders.
//!
//! After each restart the session asks how its orders stand (OrderStatusRequest(H)), and that is what it was told before. No
//! ExecID(17) and no OrderID(37) stands for two things, every request is answered, and quantities add up.

use std::{
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::{
    support::{fix_host, free_port, write_file},
    trader::{Trader, Until},
};

/// The longest that answers may take at the end.
const PATIENCE: Duration = Duration::from_secs(60);

fn configuration(folder: &Path, port: u16) -> String {
    let text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n\
         FileStorePath={}/store\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
        folder.display()
    );
    write_file(folder, "exchange.cfg", &text)
}

fn start(cfg: &str) -> Child {
    let mut command = fix_host(&["exchange", "--config", cfg]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the exchange starts")
}

/// Kills it; what it has written until then is told.
fn kill(mut exchange: Child) {
    exchange.kill().expect("kill -9");
    exchange.wait().expect("its end");
}

#[test]
fn an_exchange_killed_at_random_moments_has_every_order_as_its_session_was_told() {
    let (lives, time) = crate::lives_of_the_exchange();
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let cfg = configuration(folder.path(), port);
    let mut rng = SmallRng::seed_from_u64(13);
    let mut trader = Trader::new(SmallRng::seed_from_u64(17));
    let (begin, mut lived) = (Instant::now(), 0);
    while lived < lives && begin.elapsed() < time {
        lived += 1;
        let exchange = start(&cfg);
        let life = Duration::from_micros(rng.random_range(0..400_000));
        // Some die while they start and find their orders again.
        if rng.random_range(0..5) == 0 {
            thread::sleep(life / 2);
            kill(exchange);
            continue;
        }
        let mut stream = trader.connect(port);
        let is_there = trader.work(&mut stream, Until::Moment(Instant::now() + life));
        assert!(is_there, "the exchange has ended by itself: {:?}", trader.told().faults);
        kill(exchange);
        trader.work(&mut stream, Until::End);
        trader.disconnected();
    }
    let exchange = start(&cfg);
    let mut stream = trader.connect(port);
    trader.work(&mut stream, Until::Answered(Instant::now() + PATIENCE));
    kill(exchange);
    let told = trader.told();
    let [bought, sold] = told.traded();
    println!(
        "exchange: {lived} lives, {} orders, {} executions, {} times an order stood as it was told; bought {bought}, sold \
         {sold}; {} requests and {} questions without an answer, {} faults",
        told.orders(),
        told.executions,
        told.confirmed,
        told.unanswered.len(),
        told.asked.len(),
        told.faults.len()
    );
    assert!(told.faults.is_empty(), "{:#?}", told.faults.iter().take(10).collect::<Vec<_>>());
    assert!(told.unanswered.is_empty(), "not answered: {:?}", told.unanswered);
    assert!(told.asked.is_empty(), "not answered: {:?}", told.asked);
    assert_eq!(bought, sold, "what one bought the other has sold");
    assert!(told.confirmed > 0 && told.executions > 0, "nothing has happened");
}
