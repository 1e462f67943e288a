//! `/api/preview`, `/api/about` and `/api/prices/history`.

use std::sync::Arc;

use fix_core::time::UtcTimestamp;
use fix_host::{
    contract::{
        intake::intake,
        parse::OrderRules,
        request::{Check, Draft, OrderReply, Task},
    },
    market::Market,
};
use serde_json::{Value, json};

use super::{ORDER, rig::Rig};

#[tokio::test]
async fn a_preview_names_the_fields_and_hands_on_nothing_that_is_sent() {
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let engine = tokio::spawn(async move {
        while let Some(request) = requests.recv().await {
            assert!(matches!(request.task, Task::Preview(_)), "{:?}", request.task);
            let message = b"8=FIX.4.4\x019=5\x0135=D\x0154=1\x019001=x\x0110=000\x01".to_vec();
            let checks = vec![
                Check { ok: true, is_halt: false, text: "10 of at most 500 an order".into() },
                Check { ok: false, is_halt: true, text: "halted by ops".into() },
            ];
            request.answer(OrderReply::Preview(Box::new(Draft { session: "S".into(), message, checks })));
        }
    });
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["kind"] = json!("order");
    let (status, shown) = rig.post("/api/preview", &order.to_string()).await;
    assert_eq!((status, &shown["checks"][0]["ok"], &shown["notes"]), (200, &json!(true), &json!([])));
    assert_eq!(shown["checks"][1], json!({"ok": false, "halt": true, "text": "halted by ops"}));
    assert_eq!(shown["fields"][3], json!({"tag": 54, "name": "Side", "value": "1", "meaning": "BUY"}));
    assert_eq!(shown["fields"][4], json!({"tag": 9001, "name": null, "value": "x", "meaning": null}));
    let cancel = r#"{"kind":"cancel","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;
    assert_eq!(rig.post("/api/preview", cancel).await.0, 200);
    for (body, status) in [("[]", 400), ("{}", 400), (r#"{"kind":"halt"}"#, 400), ("", 400)] {
        assert_eq!(rig.post("/api/preview", body).await.0, status, "{body}");
    }
    engine.abort();
}

#[tokio::test]
async fn the_history_of_a_price_grows_as_prices_come() {
    let rig = Rig::start().await;
    assert_eq!(rig.get("/api/prices/history?symbol=10Y").await.0, 404);
    assert_eq!(rig.get("/api/prices/history").await.0, 400);
    let mut market = Market::new(1);
    for second in 1..5 {
        rig.board.put_prices(Arc::new(market.snapshot(UtcTimestamp::from_unix(second, 0))));
        market.tick();
    }
    let (_, history) = rig.get("/api/prices/history?symbol=10Y&span=2").await;
    let times: Vec<&Value> = history["points"].as_array().unwrap().iter().map(|point| &point[0]).collect();
    assert_eq!(times, [&json!(2000), &json!(3000), &json!(4000)]);
    assert!(history["points"][0][1].is_string(), "{history}");
    assert_eq!(rig.get("/api/about").await.1["mailbox"], "in process");
}
