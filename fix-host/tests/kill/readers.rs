//! Who reads the reports: one over Redis and one over HTTP, each with a ledger to hold beside the counterparty's.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use redis::{Client, Connection, RedisResult, cmd};
use serde_json::Value;

use crate::redis_server::RedisServer;

/// Takes reports off the list in the order in which they came, in one step each: Redis may be killed in between.
const TAKE: &str = "local n = 0 \
                    while n < 1000 and redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT') do n = n + 1 end \
                    return n";
const TAKEN: &str = "taken_by_the_reader";

/// Takes reports out of Redis until `is_over`, whatever happens to Redis.
pub(crate) fn take_from_redis(url: &str, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        // A failure is an outage: it is tried again.
        let _ = connect(url).and_then(|mut connection| take(&mut connection, is_over));
        thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn connect(url: &str) -> RedisResult<Connection> {
    let connection = Client::open(url)?.get_connection_with_timeout(Duration::from_secs(1))?;
    connection.set_read_timeout(Some(Duration::from_secs(1)))?;
    Ok(connection)
}

fn take(connection: &mut Connection, is_over: &AtomicBool) -> RedisResult<()> {
    while !is_over.load(Ordering::Relaxed) {
        let keys = ["execution_reports", TAKEN];
        let taken: u64 = cmd("EVAL").arg(TAKE).arg(keys.len()).arg(&keys).query(connection)?;
        if taken == 0 {
            thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(())
}

/// All reports that Redis ever had, oldest first.
pub(crate) fn all_from_redis(redis: &RedisServer) -> Vec<Value> {
    let mut connection = redis.connect();
    let mut newest_first: Vec<String> = Vec::new();
    for list in ["execution_reports", TAKEN] {
        newest_first
            .extend(cmd("LRANGE").arg(&[list, "0", "-1"]).query::<Vec<String>>(&mut connection).unwrap());
    }
    newest_first.iter().rev().map(|json| serde_json::from_str(json).expect("JSON")).collect()
}

/// What one reader makes of the reports: each id stands for one report, and none contradicts what came before.
pub(crate) struct Ledger {
    /// Orders that were reported as filled.
    pub(crate) filled: HashSet<String>,
    /// Reports that came more than once.
    pub(crate) repeats: usize,
}

impl Ledger {
    pub(crate) fn of(reports: &[Value], reader: &str) -> Self {
        let (mut seen, mut ledger) = (HashMap::new(), Ledger { filled: HashSet::new(), repeats: 0 });
        for report in reports {
            let id = report["reportId"].as_str().unwrap_or_else(|| panic!("{reader}: no reportId: {report}"));
            if let Some(before) = seen.insert(id, report) {
                assert_eq!(before, report, "{reader}: one reportId, two reports");
                ledger.repeats += 1;
                continue;
            }
            let Some(order) = report["clOrdID"].as_str() else { continue };
            match report["ordStatus"].as_str() {
                // What is not sent, because nobody is there, never came to the counterparty either.
                Some("8") => {
                    assert!(!ledger.filled.contains(order), "{reader}: filled, then rejected: {report}")
                }
                Some("2") => drop(ledger.filled.insert(order.to_owned())),
                Some(_) => assert!(!ledger.filled.contains(order), "{reader}: filled, then open: {report}"),
                None => assert!(!ledger.filled.contains(order), "{reader}: filled, then unknown: {report}"),
            }
        }
        ledger
    }
}
