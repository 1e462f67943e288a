//! Who places orders over Redis, in bursts that the engine takes in batches.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use redis::{RedisResult, cmd};
use serde_json::Value;

use crate::{counterparty::Taken, readers::connect};

/// Orders of a burst.
const BURST: usize = 200;
/// The engine brings back so many reports only, and the clients at HTTP look for theirs among them.
const PAUSE: Duration = Duration::from_millis(40);

/// Pushes bursts until `is_over`, and returns the ids that Redis is known to have taken.
pub(crate) fn produce(url: &str, is_over: &AtomicBool) -> Vec<String> {
    let (mut pushed, mut next) = (Vec::new(), 0);
    while !is_over.load(Ordering::Relaxed) {
        // A failure is an outage of Redis: what was pushed then may be there or not, and has ids of its own.
        let _ = push(url, is_over, &mut pushed, &mut next);
        thread::sleep(Duration::from_millis(20));
    }
    pushed
}

fn push(url: &str, is_over: &AtomicBool, pushed: &mut Vec<String>, next: &mut usize) -> RedisResult<()> {
    let mut connection = connect(url)?;
    while !is_over.load(Ordering::Relaxed) {
        let waiting: usize = cmd("LLEN").arg("outgoing_orders").query(&mut connection)?;
        if waiting == 0 {
            let ids: Vec<String> = (*next..*next + BURST).map(|number| format!("R-{number}")).collect();
            *next += BURST;
            let orders: Vec<String> = ids.iter().map(|id| order(id)).collect();
            cmd("LPUSH").arg("outgoing_orders").arg(&orders).query::<()>(&mut connection)?;
            pushed.extend(ids);
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn order(id: &str) -> String {
    format!(r#"{{"clOrdID":"{id}","symbol":"5Y","side":"BUY","qty":100,"ordType":"MARKET"}}"#)
}

/// True if no order waits for the engine, or is with it.
pub(crate) fn is_done(url: &str) -> bool {
    let len = |list: &str| {
        connect(url).and_then(|mut connection| cmd("LLEN").arg(list).query::<usize>(&mut connection))
    };
    len("outgoing_orders") == Ok(0) && len("outgoing_orders_processing") == Ok(0)
}

/// Every order that was pushed is filled, or its sender knows that it was not sent, which is true. Of none the state is
/// unknown: the journal is complete.
pub(crate) fn check(pushed: &[String], ledger: &HashMap<String, Taken>, reports: &[Value], what: &str) {
    let (mut filled, mut not_sent, mut unknown) = (HashSet::new(), HashSet::new(), Vec::new());
    let mut judged = 0;
    for report in reports {
        let Some(id) = report["clOrdID"].as_str().filter(|id| id.starts_with("R-")) else { continue };
        match report["ordStatus"].as_str() {
            Some("2") => drop(filled.insert(id)),
            Some("8") => {
                judged += usize::from(report["text"].as_str().is_some_and(|text| text.contains("journal")));
                not_sent.insert(id);
            }
            Some(_) => {}
            None => unknown.push(report),
        }
    }
    println!(
        "{what}: {} orders over Redis, {} filled, {} not sent ({judged} judged by the journal), {} unknown",
        pushed.len(),
        filled.len(),
        not_sent.len(),
        unknown.len()
    );
    assert!(unknown.is_empty(), "{what}: unknown {unknown:?}");
    let sent: Vec<_> = not_sent.iter().filter(|id| ledger.contains_key(**id)).collect();
    assert!(sent.is_empty(), "{what}: said not to be sent, and sent: {sent:?}");
    let of_nobody = |id: &&String| !filled.contains(id.as_str()) && !not_sent.contains(id.as_str());
    let unanswered: Vec<_> = pushed.iter().filter(of_nobody).collect();
    assert!(unanswered.is_empty(), "{what}: not answered {unanswered:?}");
}
