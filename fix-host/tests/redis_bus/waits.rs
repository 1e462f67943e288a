//! What is looked at and done while the sessions have a batch, and what two engines on one Redis know.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fix_host::{
    bus::{LeftBehind, PreparedBus, RedisBus, RedisUrl},
    contract::{
        intake::intake,
        parse::OrderRules,
        request::{OrderReply, Request},
    },
    observe::Board,
    orders::{Journals, Orders},
};
use tokio::{
    io::{copy, copy_bidirectional, sink},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};

use crate::{
    Rig, accept_all,
    batches::{calls, names, push_all, waiting},
    eventually, order,
    redis_server::RedisServer,
};

/// How long an engine that ends waits for orders that its sessions have.
const LAST_ORDER: Duration = Duration::from_millis(500);

fn accept(request: Request) {
    let cl_ord_id = request.task.cl_ord_id().to_owned();
    request.answer(OrderReply::Accepted { cl_ord_id, msg_seq_num: 1 });
}

/// The sessions have a batch of 128 and do not answer, and the next one is taken. The first batch was one order.
async fn with_a_batch_held(
    server: RedisServer,
    names: &[String],
) -> (Rig, mpsc::Receiver<Request>, Vec<Request>) {
    push_all(&server, names);
    let (rig, mut requests) = Rig::start(server);
    accept(requests.recv().await.unwrap());
    let mut second = Vec::new();
    while second.len() < 128 {
        second.push(requests.recv().await.unwrap());
    }
    eventually("the third batch", || rig.len("outgoing_orders") == names.len() - 1 - 128 - 128).await;
    (rig, requests, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_halt_holds_for_a_batch_that_was_taken_before_it() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, mut requests, second) = with_a_batch_held(server, &names(300)).await;
    rig.command("SET", &["fix_halt", "stop"]);
    second.into_iter().for_each(accept);
    let third = requests.recv().await.unwrap();
    assert_eq!(third.task.cl_ord_id(), "A129");
    assert!(rig.board.halts().refusal("S").is_some(), "handed over as if there were no halt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_halt_is_seen_while_a_session_does_not_answer() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, _requests, _second) = with_a_batch_held(server, &names(300)).await;
    rig.command("SET", &["fix_halt", "stop"]);
    eventually("the halt", || rig.board.halts().refusal("S").is_some()).await;
    rig.command("DEL", &["fix_halt"]);
    eventually("its end", || rig.board.halts().refusal("S").is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_puts_back_at_once_what_waits_behind_a_session_that_does_not_answer() {
    let Some(server) = RedisServer::start() else { return };
    let names = names(300);
    let (mut rig, _requests, _second) = with_a_batch_held(server, &names).await;
    let left = rig.bus.stop_intake(LAST_ORDER).await.unwrap();
    assert_eq!(left, LeftBehind { with_sessions: 128, others: 0 });
    assert_eq!(waiting(&rig, "outgoing_orders"), names[129..]);
    assert_eq!(waiting(&rig, "outgoing_orders_processing"), names[1..129]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_without_orders_does_not_wait_for_redis_to_its_limit() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, _requests) = Rig::start(server);
    eventually("its start", || progress(&rig.server, "settled").is_some()).await;
    assert_eq!(rig.bus.stop_intake(LAST_ORDER).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_says_that_it_is_redis_that_hangs() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, _requests) = Rig::start(server);
    eventually("its start", || progress(&rig.server, "settled").is_some()).await;
    rig.server.freeze();
    let left = rig.bus.stop_intake(LAST_ORDER).await;
    assert_eq!(left, Some(LeftBehind { with_sessions: 0, others: 0 }));
}

/// Sessions whose journals begin anew all the time.
#[tokio::test(flavor = "multi_thread")]
async fn journals_that_begin_anew_again_and_again_hold_no_order_up() {
    const ORDERS: usize = 100;
    let Some(server) = RedisServer::start() else { return };
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let resets = std::thread::spawn(move || {
        let journals = Journals::default();
        while !is_over.load(Ordering::Relaxed) {
            journals.add("S", true, None);
            std::thread::yield_now();
        }
    });
    let (rig, requests) = Rig::start(server);
    let _engine = accept_all(requests);
    let is_settled = || rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0;
    let before = calls(&rig, "exec");
    for name in names(ORDERS) {
        rig.push(order(&name).as_bytes());
        eventually(&name, is_settled).await;
    }
    let steps = calls(&rig, "exec") - before;
    over.store(true, Ordering::Relaxed);
    resets.join().unwrap();
    // One notes the journals, one settles the order; the start may settle what an earlier process left.
    assert!(steps <= 2 * ORDERS as u64 + 2, "{steps} steps");
}

fn progress(server: &RedisServer, field: &str) -> Option<String> {
    redis::cmd("HGET").arg(&["outgoing_orders_progress", field]).query(&mut server.connect()).unwrap()
}

/// One engine notes its journals, and the other one then sends an order: the journals of the first one lack it, and must
/// not be taken for complete.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_engines_none_says_what_the_other_one_did_not_send() {
    let Some(server) = RedisServer::start() else { return };
    let (early, mut of_early) = Rig::start(server);
    eventually("the note of the early one", || progress(&early.server, "journals").is_some()).await;
    let first = progress(&early.server, "engine");
    let (intake, mut of_late) = intake(OrderRules::any_symbol());
    let url = RedisUrl::parse(&early.server.url()).unwrap();
    let late: RedisBus = PreparedBus::new(url, intake, Orders::default(), Board::default()).start();
    eventually("the note of the late one", || progress(&early.server, "engine") != first).await;
    let mut number = 0;
    let _in_doubt = loop {
        number += 1;
        early.push(order(&format!("A{number}")).as_bytes());
        tokio::select! {
            request = of_early.recv() => break request.unwrap(),
            request = of_late.recv() => accept(request.unwrap()),
        }
    };
    assert_eq!(progress(&early.server, "journals"), None, "what the late one noted holds no longer");
    // The early one is as good as killed. What the late one settles now notes nothing that might hold.
    for number in 0..3 {
        early.push(order(&format!("B{number}")).as_bytes());
    }
    accept(of_late.recv().await.unwrap());
    eventually("its end", || {
        let settled = progress(&early.server, "settled").unwrap();
        Some(settled.split_once('/').unwrap().0) != first.as_deref()
    })
    .await;
    assert_eq!(progress(&early.server, "journals"), None);
    drop(late);
}

/// A session does not answer, and Redis breaks the connections: the halt is looked at all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_halt_is_seen_while_a_session_does_not_answer_and_the_connection_is_broken() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, _requests, _second) = with_a_batch_held(server, &names(300)).await;
    rig.command("CLIENT", &["KILL", "TYPE", "normal", "SKIPME", "yes"]);
    rig.command("SET", &["fix_halt", "stop"]);
    eventually("the halt", || rig.board.halts().refusal("S").is_some()).await;
    rig.command("DEL", &["fix_halt"]);
    eventually("its end", || rig.board.halts().refusal("S").is_none()).await;
}

/// Redis comes back with the data of an earlier day, when another engine was at work: nobody has to be told of two.
#[tokio::test(flavor = "multi_thread")]
async fn older_data_in_redis_is_no_other_engine() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, requests) = Rig::start(server);
    let _engine = accept_all(requests);
    eventually("its note", || progress(&rig.server, "journals").is_some()).await;
    let engine = progress(&rig.server, "engine");
    let mut comes_back = redis::pipe();
    comes_back
        .atomic()
        .cmd("HSET")
        .arg("outgoing_orders_progress")
        .arg(&["settled", "old/7", "engine", "old"]);
    comes_back.cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]);
    comes_back.exec(&mut rig.server.connect()).unwrap();
    for name in names(3) {
        rig.push(order(&name).as_bytes());
        let is_settled = || rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0;
        eventually(&name, is_settled).await;
    }
    eventually("its note again", || progress(&rig.server, "engine") == engine).await;
    assert!(progress(&rig.server, "journals").is_some(), "the note was taken back");
}

/// Connections of engines, as Redis lists them.
fn connections(rig: &Rig) -> usize {
    let list: String = redis::cmd("CLIENT").arg("LIST").query(&mut rig.server.connect()).unwrap();
    list.lines().filter(|line| line.contains(" name=fix-host ")).count()
}

/// What lies between engine and Redis loses connections without telling Redis. What was asked for over them must not be
/// done after the engine has looked at what is to be done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_broke_unseen_by_redis_is_ended_there() {
    let Some(server) = RedisServer::start() else { return };
    let (url, cut) = between(&server).await;
    let (intake, requests) = intake(OrderRules::any_symbol());
    let _engine = accept_all(requests);
    let board = Board::default();
    let bus = PreparedBus::new(url, intake, Orders::default(), board.clone()).start();
    let rig = Rig { server, board, bus };
    eventually("its connections", || connections(&rig) == 2).await;
    let before = progress(&rig.server, "settled");
    cut.send_replace(());
    eventually("the new start", || progress(&rig.server, "settled") != before).await;
    eventually("the end of the old connections", || connections(&rig) == 2).await;
    rig.push(order("A1").as_bytes());
    eventually("its end", || rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0)
        .await;
}

/// Something between an engine and Redis: with each message it loses the engines' ends of all connections, and keeps
/// those of Redis.
async fn between(server: &RedisServer) -> (RedisUrl, watch::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = RedisUrl::parse(&format!("redis://{}/", listener.local_addr().unwrap())).unwrap();
    let (cut, cuts) = watch::channel(());
    let redis = server.url().trim_start_matches("redis://").trim_end_matches('/').to_owned();
    tokio::spawn(async move {
        while let Ok((mut engine, _)) = listener.accept().await {
            let (redis, mut cuts) = (redis.clone(), cuts.clone());
            cuts.mark_unchanged();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(redis).await.unwrap();
                tokio::select! {
                    _ = copy_bidirectional(&mut engine, &mut server) => return,
                    _ = cuts.changed() => {}
                }
                drop(engine);
                // Until Redis closes it.
                let _ = copy(&mut server, &mut sink()).await;
            });
        }
    });
    (url, cut)
}
