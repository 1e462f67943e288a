//! Orders in batches: their order, halts, duplicates, stops and broken connections in the middle of one.

use fix_host::{
    contract::{
        intake::intake,
        parse::OrderRules,
        request::{OrderReply, Request, Task},
    },
    halt::Halts,
    orders::Orders,
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{PATIENCE, Rig, accept_all, eventually, ids, order, redis_server::RedisServer};

/// One LPUSH of all: they are there at once.
pub(crate) fn push_all(server: &RedisServer, ids: &[String]) {
    let orders: Vec<String> = ids.iter().map(|id| order(id)).collect();
    redis::cmd("LPUSH").arg("outgoing_orders").arg(&orders).query::<()>(&mut server.connect()).unwrap();
}

pub(crate) fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("A{number}")).collect()
}

/// Entries of a list from the one that is taken next, as ids.
pub(crate) fn waiting(rig: &Rig, list: &str) -> Vec<String> {
    let entries: Vec<String> =
        redis::cmd("LRANGE").arg(&[list, "0", "-1"]).query(&mut rig.server.connect()).unwrap();
    let id = |entry: &String| {
        serde_json::from_str::<serde_json::Value>(entry).unwrap()["clOrdID"].as_str().unwrap().to_owned()
    };
    entries.iter().rev().map(id).collect()
}

/// How often Redis was asked to do this.
pub(crate) fn calls(rig: &Rig, command: &str) -> u64 {
    let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut rig.server.connect()).unwrap();
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.and_then(|rest| rest.split(',').next()?.parse().ok()).unwrap_or_default()
}

fn is_over(rig: &Rig) -> bool {
    rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_taken_in_batches_and_keeps_its_order() {
    let Some(server) = RedisServer::start() else { return };
    let names = names(1000);
    push_all(&server, &names);
    let (mut rig, requests) = Rig::start(server);
    let engine = accept_all(requests);
    eventually("all orders taken", || is_over(&rig)).await;
    // The first one alone, then batches of 128; one more settles what an earlier process left.
    let settled = calls(&rig, "exec");
    assert!(settled <= 12, "{settled} steps to settle 1000 orders");
    rig.bus.stop_intake(PATIENCE).await;
    rig.bus.finish(PATIENCE).await.unwrap();
    assert_eq!(ids(&engine.await.unwrap()), names);
}

/// Takes so many orders, then no more, and answers when it is told to.
fn take_some(mut requests: mpsc::Receiver<Request>, count: usize) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while taken.len() < count {
            let request = requests.recv().await.unwrap();
            let cl_ord_id = request.task.cl_ord_id().to_owned();
            taken.push(cl_ord_id.clone());
            request.reply.send(OrderReply::Accepted { cl_ord_id, msg_seq_num: 1 }).unwrap();
        }
        taken
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopping_engine_did_not_take_goes_back_in_its_order() {
    let Some(server) = RedisServer::start() else { return };
    let (intake, requests) = intake(OrderRules::any_symbol());
    drop(requests);
    let names = names(400);
    push_all(&server, &names);
    let mut rig = Rig::with_intake(server, intake, Orders::default());
    eventually("the reader's end", || calls(&rig, "rpush") > 0).await;
    rig.bus.stop_intake(PATIENCE).await;
    assert_eq!(waiting(&rig, "outgoing_orders"), names);
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
    assert!(rig.reports().is_empty());
}

/// A session ends, as after a disk failure, while it has orders in its queue.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_that_ends_has_not_sent_goes_back_in_its_order() {
    let Some(server) = RedisServer::start() else { return };
    let names = names(300);
    push_all(&server, &names);
    let (mut rig, mut requests) = Rig::start(server);
    let engine = tokio::spawn(async move {
        let mut sent = 0;
        while let Some(request) = requests.recv().await {
            let reply = match sent {
                50 => OrderReply::Stopped,
                _ => OrderReply::Accepted { cl_ord_id: String::new(), msg_seq_num: 1 },
            };
            sent = (sent + 1).min(50);
            request.answer(reply);
        }
    });
    eventually("what goes back", || calls(&rig, "rpush") > 0).await;
    rig.bus.stop_intake(PATIENCE).await;
    assert_eq!(waiting(&rig, "outgoing_orders"), names[50..]);
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
    assert!(rig.reports().is_empty());
    drop(rig);
    engine.await.unwrap();
}

/// A stop finds one batch with the engine and the next one taken already.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_batch_in_hand_and_puts_back_the_next() {
    let Some(server) = RedisServer::start() else { return };
    let names = names(300);
    push_all(&server, &names);
    let (mut rig, mut requests) = Rig::start(server);
    // The first batch is one order; the engine has the second one, and the third is on its way.
    let first = requests.recv().await.unwrap();
    let accepted = |id: &str| OrderReply::Accepted { cl_ord_id: id.to_owned(), msg_seq_num: 1 };
    first.reply.send(accepted("A0")).unwrap();
    let mut second = Vec::new();
    while second.len() < 128 {
        second.push(requests.recv().await.unwrap());
    }
    eventually("the third batch", || rig.len("outgoing_orders") == 300 - 1 - 128 - 128).await;
    let stopping = tokio::spawn(async move {
        rig.bus.stop_intake(PATIENCE).await;
        rig
    });
    tokio::task::yield_now().await;
    for request in second {
        let id = request.task.cl_ord_id().to_owned();
        request.reply.send(accepted(&id)).unwrap();
    }
    let answering = tokio::spawn(async move {
        let mut more = Vec::new();
        while let Some(request) = requests.recv().await {
            more.push(request.task.cl_ord_id().to_owned());
            let reply = OrderReply::Accepted { cl_ord_id: String::new(), msg_seq_num: 1 };
            request.reply.send(reply).unwrap();
        }
        more
    });
    let rig = stopping.await.unwrap();
    let back = waiting(&rig, "outgoing_orders");
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
    drop(rig);
    let taken = 129 + answering.await.unwrap().len();
    assert_eq!(back, names[taken..], "what was not taken waits in its order");
    assert!(taken == 129 || taken == 257, "whole batches: {taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_entries_are_as_many_orders() {
    let Some(server) = RedisServer::start() else { return };
    let equal = vec!["A1".to_owned(); 5];
    push_all(&server, &equal);
    let (rig, requests) = Rig::start(server);
    let engine = take_some(requests, 5);
    assert_eq!(engine.await.unwrap(), equal);
    eventually("all settled", || is_over(&rig)).await;
}

/// Breaks the connections of the reader, which are known by what they asked for last.
fn break_connections(client: &redis::Client) {
    let mut connection = client.get_connection().unwrap();
    let list: String = redis::cmd("CLIENT").arg("LIST").query(&mut connection).unwrap();
    for line in list
        .lines()
        .filter(|line| ["blmove", "get", "exec"].iter().any(|cmd| line.contains(&format!(" cmd={cmd} "))))
    {
        let id = line.split(' ').next().and_then(|id| id.strip_prefix("id=")).unwrap();
        redis::cmd("CLIENT").arg(&["KILL", "ID", id]).query::<u64>(&mut connection).unwrap();
    }
}

/// An engine that refuses everything, and breaks the reader's connections while it has a batch in hand.
fn refuse_all(mut requests: mpsc::Receiver<Request>, url: String) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let client = redis::Client::open(url).unwrap();
        let mut taken = Vec::new();
        while let Some(request) = requests.recv().await {
            let Task::Send(command) = &request.task else { panic!("{:?}", request.task) };
            taken.push(command.cl_ord_id().to_owned());
            if taken.len() % 40 == 0 {
                break_connections(&client);
            }
            let text = "no".to_owned();
            let _ = request.reply.send(OrderReply::Rejected { text });
        }
        taken
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_in_mid_batch_lose_and_repeat_nothing() {
    let Some(server) = RedisServer::start() else { return };
    let names = names(600);
    let (mut rig, requests) = Rig::start(server);
    let engine = refuse_all(requests, rig.server.url());
    for some in names.chunks(60) {
        push_all(&rig.server, some);
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    eventually("all orders answered", || is_over(&rig) && rig.len("execution_reports") >= 600).await;
    rig.bus.stop_intake(PATIENCE).await;
    let answered: Vec<String> =
        rig.reports().iter().map(|report| report["clOrdID"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answered, names, "each is answered once, in its order");
    rig.bus.finish(PATIENCE).await.unwrap();
    assert_eq!(engine.await.unwrap(), names, "each came to the engine once, in its order");
}

/// The halt is read behind the orders of a batch, and is known before they are handed over.
#[tokio::test(flavor = "multi_thread")]
async fn a_halt_that_was_set_before_an_order_holds_for_it_in_any_batch() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, mut requests) = Rig::start(server);
    let halts: Halts = rig.board.halts().clone();
    let engine = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 500 {
            let request = requests.recv().await.unwrap();
            let id = request.task.cl_ord_id().to_owned();
            seen.push((id.clone(), halts.refusal("S").is_some()));
            request.reply.send(OrderReply::Accepted { cl_ord_id: id, msg_seq_num: 1 }).unwrap();
        }
        seen
    });
    let names = names(500);
    push_all(&rig.server, &names[..300]);
    rig.command("SET", &["fix_halt", "stop"]);
    push_all(&rig.server, &names[300..]);
    let seen = engine.await.unwrap();
    let late: Vec<_> = seen[300..].iter().filter(|(_, is_halted)| !is_halted).collect();
    assert!(late.is_empty(), "pushed after the halt, and not halted: {late:?}");
}
