//! `POST /api/orders` with a list.

use std::time::Duration;

use fix_host::contract::{
    intake::intake,
    parse::OrderRules,
    request::{OrderReply, Request},
};
use serde_json::Value;
use tokio::sync::mpsc;

use super::rig::Rig;

fn order(id: &str) -> String {
    format!(r#"{{"clOrdID":"{id}","symbol":"10Y","side":"BUY","qty":100,"ordType":"MARKET"}}"#)
}

/// ClOrdID and status word of each answer.
fn words(answers: &Value) -> Vec<(&str, &str)> {
    let answers = answers.as_array().unwrap().iter();
    answers.map(|one| (one["clOrdID"].as_str().unwrap_or("-"), one["status"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_order_of_a_basket_has_an_answer_of_its_own() {
    let rig = Rig::start().await;
    let (status, answers) = rig.post("/api/orders", &format!("[{},{}]", order("A1"), order("A2"))).await;
    assert_eq!((status, words(&answers)), (202, vec![("A1", "ACCEPTED"), ("A2", "ACCEPTED")]));
    assert_eq!((answers[0]["msgSeqNum"].as_u64(), answers[1]["msgSeqNum"].as_u64()), (Some(2), Some(3)));

    let mixed = [
        order("B1").replace(":100", ":NaN"),
        order("B2").replace('}', r#","colour":"red"}"#),
        order("B3").replace("10Y", "30Y"),
        r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#.to_owned(),
        "7".to_owned(),
        order("B4").replace(r#""side":"BUY","#, ""),
        order("B5"),
    ];
    let (status, answers) = rig.post("/api/orders", &format!("[{}]", mixed.join(" ,\n"))).await;
    let expected = [
        ("-", "MALFORMED"),
        ("B2", "ACCEPTED"),
        ("B3", "SIM MODE"),
        ("C1", "ACCEPTED"),
        ("-", "MALFORMED"),
        ("B4", "MALFORMED"),
        ("B5", "ACCEPTED"),
    ];
    assert_eq!((status, words(&answers)), (207, expected.to_vec()));
    assert_eq!(answers[0]["error"], "qty: NaN is not a number");
    assert!(answers[1]["notes"][0].as_str().unwrap().starts_with(r#""colour": unknown key"#));
    assert_eq!(answers[4]["error"], "the order must be a JSON object, not a number");
    assert_eq!(answers[5]["error"], "side: missing");
    let reports = rig.board.wait_for_reports("B3", 0, true, Duration::from_secs(10)).await;
    assert_eq!(reports.len(), 1, "what is not sent is reported");
}

#[tokio::test]
async fn a_body_that_is_no_list_of_orders_is_refused_as_a_whole() {
    let rig = Rig::start().await;
    let error = |(status, answer): (u16, Value)| (status, answer["error"].as_str().unwrap().to_owned());
    assert_eq!(error(rig.post("/api/orders", "[]").await), (400, "the list has no orders".into()));
    let (status, text) = error(rig.post("/api/orders", &format!("[{}", order("A1"))).await);
    assert_eq!((status, text.ends_with("it does not end; no order was sent")), (400, true), "{text}");
    let many = format!("[{}]", vec!["{}"; 1001].join(","));
    let too_many = "the list has 1001 orders; at most 1000 are taken";
    assert_eq!(error(rig.post("/api/orders", &many).await), (400, too_many.into()));
    let long = format!("[{}]", " ".repeat(1024 * 1024));
    let too_long = "the body is too long; at most 1048576 bytes are taken";
    assert_eq!(error(rig.post("/api/orders", &long).await), (413, too_long.into()));
    assert_eq!(rig.get("/api/reports").await.1["reports"].as_array().unwrap().len(), 0);
    assert_eq!(rig.post("/api/cancels", "[]").await.0, 400);
}

/// The engine's end of a queue: gives the next request, or panics.
async fn next(requests: &mut mpsc::Receiver<Request>) -> Request {
    tokio::time::timeout(Duration::from_secs(10), requests.recv()).await.unwrap().unwrap()
}

fn accept(request: Request) -> String {
    let cl_ord_id = request.task.cl_ord_id().to_owned();
    request.answer(OrderReply::Accepted { cl_ord_id: cl_ord_id.clone(), msg_seq_num: 2 });
    cl_ord_id
}

#[tokio::test]
async fn a_thousand_orders_are_handed_over_in_their_order_some_at_a_time() {
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let ids: Vec<String> = (0..1000).map(|number| format!("A{number}")).collect();
    let list = format!("[{}]", ids.iter().map(|id| order(id)).collect::<Vec<_>>().join(","));
    let engine = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 1000 {
            let mut group = vec![next(&mut requests).await];
            while let Ok(request) = requests.try_recv() {
                group.push(request);
            }
            assert!(group.len() <= 128, "{}", group.len());
            seen.extend(group.into_iter().map(accept));
        }
        seen
    });
    let (status, answers) = rig.post("/api/orders", &list).await;
    assert_eq!((status, answers.as_array().unwrap().len()), (202, 1000));
    let answered: Vec<&str> = words(&answers).into_iter().map(|(id, _)| id).collect();
    assert_eq!(answered, ids);
    assert_eq!(engine.await.unwrap(), ids);
}

#[tokio::test]
async fn a_stop_in_the_middle_leaves_no_order_without_an_answer() {
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let list: Vec<String> = (0..200).map(|number| order(&format!("A{number}"))).collect();
    let list = format!("[{}]", list.join(","));
    let stop = rig.stop.clone();
    let engine = tokio::spawn(async move {
        let first = next(&mut requests).await;
        stop.send_replace(true);
        accept(first);
        for _ in 1..100 {
            accept(next(&mut requests).await);
        }
        // What a session has in its queue when it ends.
        for _ in 100..128 {
            next(&mut requests).await.answer(OrderReply::Stopped);
        }
        requests.recv().await.map(|request| request.task)
    });
    let (status, answers) = rig.post("/api/orders", &list).await;
    let count = |status: &str| words(&answers).iter().filter(|(_, word)| *word == status).count();
    assert_eq!((status, count("ACCEPTED"), count("NOT SENT")), (207, 100, 100));
    for late in 100..200 {
        assert_eq!(answers[late]["error"], "the engine is stopping; the order was not sent");
    }
    drop(rig);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_behind_orders_that_are_not_answered_in_time() {
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let list: Vec<String> = (0..130).map(|number| order(&format!("A{number}"))).collect();
    let (status, answers) = rig.post("/api/orders", &format!("[{}]", list.join(","))).await;
    let count = |status: &str| words(&answers).iter().filter(|(_, word)| *word == status).count();
    assert_eq!((status, count("UNKNOWN"), count("NOT SENT")), (207, 128, 2));
    // Their refusal comes late, and is reported.
    next(&mut requests).await.answer(OrderReply::Rejected { text: "too large".into() });
    let reports = rig.board.wait_for_reports("A0", 0, true, Duration::from_secs(10)).await;
    assert_eq!(reports.len(), 1);
}
