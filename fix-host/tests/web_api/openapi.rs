//! `/openapi.json` against the pages that are there: neither may know one that the other does not.

use serde_json::{Value, json};

use super::rig::Rig;

/// Each path of the document, with its operations by method.
fn paths(document: &Value) -> Vec<(&str, &serde_json::Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().map(|(path, operations)| (path.as_str(), operations.as_object().unwrap())).collect()
}

/// What `$ref` points at, if it is one.
fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(&place[1..]).unwrap_or_else(|| panic!("{place} points nowhere")),
        None => value,
    }
}

#[tokio::test]
async fn the_document_and_a_404_name_the_routes_and_no_others() {
    let rig = Rig::start().await;
    let (status, document) = rig.get("/openapi.json").await;
    assert_eq!((status, document["openapi"].as_str()), (200, Some("3.1.0")));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));

    let (status, answer) = rig.get("/api/order").await;
    let (what, named) = answer["error"].as_str().unwrap().split_once("; there are ").unwrap();
    assert_eq!((status, what), (404, "/api/order: no such page"));
    let mut named: Vec<&str> = named.split(", ").collect();
    let mut documented: Vec<&str> = paths(&document).into_iter().map(|(path, _)| path).collect();
    named.sort_unstable();
    documented.sort_unstable();
    assert_eq!(named, documented);
}

#[tokio::test]
async fn each_route_takes_the_methods_and_the_parameters_of_the_document() {
    let rig = Rig::start().await;
    let (_, document) = rig.get("/openapi.json").await;
    for (path, operations) in paths(&document) {
        let concrete = path.replace("{clOrdID}", "A1").replace("{session}", "A1").replace("{symbol}", "10Y");
        let host = format!("Host: {}\r\nConnection: close\r\n\r\n", rig.addr);
        let answer = rig.raw(&format!("DELETE {concrete} HTTP/1.1\r\n{host}")).await;
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 405 "), "{path}: {head}");
        let allowed = head.lines().find_map(|line| line.strip_prefix("allow: ")).unwrap();
        let mut allowed: Vec<String> =
            allowed.split(',').filter(|method| *method != "HEAD").map(str::to_lowercase).collect();
        allowed.sort_unstable();
        let mut documented: Vec<&String> = operations.keys().collect();
        documented.sort_unstable();
        assert_eq!(allowed.iter().collect::<Vec<_>>(), documented, "{path}");

        for operation in operations.values() {
            let none = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&none);
            let parameters: Vec<&Value> = parameters.iter().map(|one| followed(&document, one)).collect();
            let in_path = parameters.iter().filter(|one| one["in"] == "path");
            let in_path: Vec<String> =
                in_path.map(|one| format!("{{{}}}", one["name"].as_str().unwrap())).collect();
            assert_eq!(in_path.len(), path.matches('{').count(), "{path}");
            assert!(in_path.iter().all(|name| path.contains(name)), "{path}: {in_path:?}");
            let in_query: Vec<&str> = parameters
                .iter()
                .filter(|one| one["in"] == "query")
                .filter_map(|one| one["name"].as_str())
                .collect();
            if !in_query.is_empty() {
                // A page says what it takes when it is asked for something else.
                let (_, answer) = rig.get(&format!("{concrete}?made_up=1")).await;
                let error = answer["error"].as_str().unwrap();
                let taken: Vec<&str> =
                    error.rsplit("expected ").next().unwrap().split('`').skip(1).step_by(2).collect();
                assert_eq!(taken, in_query, "{path}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn what_the_document_says_of_an_order_is_what_an_order_takes() {
    let rig = Rig::start().await;
    let (_, document) = rig.get("/openapi.json").await;
    let order = json!({"clOrdID": "A1", "symbol": "10Y", "side": "BUY", "qty": 1, "ordType": "MARKET"});
    let cancel = json!({"clOrdID": "C1", "origClOrdID": "A1", "symbol": "10Y", "side": "BUY"});
    let mut replace = order.clone();
    replace["origClOrdID"] = json!("A0");
    let pages = [
        ("/api/orders", "Order", order),
        ("/api/cancels", "Cancel", cancel),
        ("/api/replaces", "Replace", replace),
    ];
    for (path, schema, whole) in pages {
        let schema = &document["components"]["schemas"][schema];
        let mut more = whole.clone();
        more["made_up"] = json!(1);
        let (_, answer) = rig.post(path, &more.to_string()).await;
        let note = answer["notes"][0].as_str().unwrap();
        let mut taken: Vec<&str> = note.rsplit("known are ").next().unwrap().split(", ").collect();
        let mut documented: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        taken.sort_unstable();
        documented.sort_unstable();
        assert_eq!(taken, documented, "{path}");
        let required = schema["required"].as_array().unwrap();
        // Symbol and side of a request are those of its order.
        let taken_over = if path == "/api/orders" { 0 } else { 2 };
        assert_eq!(required.len(), whole.as_object().unwrap().len() - taken_over);
        for name in required.iter().map(|name| name.as_str().unwrap()) {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name);
            let (status, answer) = rig.post(path, &less.to_string()).await;
            assert_eq!((status, &answer["error"]), (400, &format!("{name}: missing").into()), "{path}");
        }
    }
}

/// Every `$ref` leads somewhere, and no operation has the name of another.
#[tokio::test]
async fn the_document_holds_together() {
    fn visit(document: &Value, value: &Value) {
        followed(document, value);
        match value {
            Value::Object(fields) => fields.values().for_each(|field| visit(document, field)),
            Value::Array(items) => items.iter().for_each(|item| visit(document, item)),
            _ => {}
        }
    }
    let (_, document) = Rig::start().await.get("/openapi.json").await;
    visit(&document, &document);
    let operations = paths(&document).into_iter().flat_map(|(_, operations)| operations.values());
    let mut ids: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// Who makes a client of the document must know what a refusal looks like, too.
#[tokio::test]
async fn each_refusal_has_a_body_that_is_described() {
    let (_, document) = Rig::start().await.get("/openapi.json").await;
    for (path, operations) in paths(&document) {
        for operation in operations.values() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let schema = &followed(&document, answer)["content"]["application/json"]["schema"];
                let has_none = status.starts_with(['4', '5']) && schema.is_null();
                assert!(!has_none, "{path}: {} says {status} without a body", operation["operationId"]);
            }
        }
    }
}
