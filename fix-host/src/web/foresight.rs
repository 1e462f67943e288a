//! What an operator's wish would put on the wire, and why it may be wrong. Nothing is done.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use fix_core::{
    msg::msg_type::MsgType,
    session::config::Role,
    tag,
    wire::writer::{MessageWriter, Writer},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    body::{self, TimelyBody},
    error::ApiError,
    preview::fields_of,
    server::Api,
    sessions,
};
use crate::{
    clock::utc_now,
    contract::{SessionView, control::far_jump, test_req_id},
};

/// What is asked for, with the arguments of its own page.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
enum Wish {
    Logon {},
    Logout {},
    Reset {},
    #[serde(rename = "test-request")]
    TestRequest {},
    SeqNum {
        #[serde(rename = "in")]
        next_in: Option<u64>,
        #[serde(rename = "out")]
        next_out: Option<u64>,
    },
}

/// Room for a message of the session itself.
const LONGEST: usize = 4096;

/// `POST /api/sessions/{session}/preview`
pub(super) async fn preview(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    TimelyBody(body): TimelyBody,
) -> Result<Json<Value>, ApiError> {
    let Path(name) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let id = sessions::named(&api, &name)?;
    let wish = body::json(
        &body,
        r#"JSON like {"action":"logon"}, logout, reset, test-request, or seqnum with in or out"#,
    )?;
    let gone = || ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the session has not begun, or has ended");
    let view = api.board.session(&id).ok_or_else(gone)?;
    let (messages, warnings) = foresee(&view, &wish);
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| json!({ "fix": String::from_utf8_lossy(message), "fields": fields_of(message) }))
        .collect();
    Ok(Json(json!({ "messages": messages, "warnings": warnings })))
}

fn foresee(view: &SessionView, wish: &Wish) -> (Vec<Vec<u8>>, Vec<String>) {
    let mut warnings = Vec::new();
    let mut messages = Vec::new();
    let logon = |number, resets: bool| {
        message(view, MsgType::LOGON, number, |out| {
            out.field(tag::ENCRYPT_METHOD, "0").field(tag::HEART_BT_INT, u64::from(view.heart_bt_int));
            out.optional(tag::RESET_SEQ_NUM_FLAG, resets.then_some(true));
        })
    };
    match wish {
        Wish::Logon {} if view.logged_on => warnings.push("it is logged on: nothing is sent".to_owned()),
        Wish::Logon {} if view.role == Role::Acceptor => {
            warnings.push(
                "it is the acceptor: it sends nothing, and waits for the counterparty's Logon(A)".into(),
            );
        }
        Wish::Logon {} => {
            messages.extend(logon(view.next_out, false));
            warnings.push(CONFIGURED.to_owned());
        }
        Wish::Logout {} if !view.logged_on => {
            warnings.push(
                "it is not logged on: nothing is sent, and it stays out until it is told to log on".into(),
            );
        }
        Wish::Logout {} => {
            messages.extend(message(view, MsgType::LOGOUT, view.next_out, |_| {}));
            warnings.push("it stays out until it is told to log on: orders are refused meanwhile".to_owned());
        }
        Wish::TestRequest {} if !view.logged_on => {
            warnings.push("it is not logged on: nothing can be sent, and it is refused".to_owned());
        }
        Wish::TestRequest {} => {
            messages.extend(message(view, MsgType::TEST_REQUEST, view.next_out, |out| {
                out.field(tag::TEST_REQ_ID, test_req_id(utc_now()).as_str());
            }));
            warnings.push(
                "TestReqID(112) will be the moment of sending; the Heartbeat(0) that answers it bears the same".to_owned(),
            );
        }
        Wish::Reset {} => {
            if view.logged_on {
                messages.extend(logon(1, true));
                warnings.push(CONFIGURED.to_owned());
            }
            let when = if view.logged_on { "" } else { "nothing is sent now; " };
            warnings.push(format!(
                "{when}both numbers begin at 1: what was sent before cannot be resent, and the counterparty must begin at 1 too"
            ));
        }
        Wish::SeqNum { next_in, next_out } => warnings = of_numbers(view, *next_in, *next_out),
    }
    if messages.is_empty() && view.id.matches([':', '/']).count() > 1 {
        warnings.push(
            "a message is not shown: of the session's name it is not clear which fields it has".to_owned(),
        );
    }
    (messages, warnings)
}

/// What is not shown, because its place is the configuration.
const CONFIGURED: &str = "what the configuration does to the Logon(A) is not shown: fields that it adds, such as \
     Username(553), and with ResetOnLogon=Y, MsgSeqNum(34) 1 and ResetSeqNumFlag(141)";

fn of_numbers(view: &SessionView, next_in: Option<u64>, next_out: Option<u64>) -> Vec<String> {
    let mut warnings = Vec::new();
    match next_out {
        Some(number) if number < view.next_out => warnings.push(format!(
            "next out would go back from {} to {number}: the counterparty has had these numbers, and ends the session with \
             Logout(5) \"MsgSeqNum too low\"",
            view.next_out
        )),
        Some(number) if number > view.next_out => warnings.push(format!(
            "next out would go from {} to {number}: the counterparty finds {} to {} missing, and asks for them with \
             ResendRequest(2)",
            view.next_out,
            view.next_out,
            number - 1
        )),
        _ => {}
    }
    match next_in {
        Some(number) if number < view.next_in => warnings.push(format!(
            "next in would go back from {} to {number}: the messages from {number} on are asked for again with \
             ResendRequest(2)",
            view.next_in
        )),
        Some(number) if number > view.next_in => warnings.push(format!(
            "next in would go from {} to {number}: what lies between is never asked for, and a message below {number} is \
             answered with Logout(5)",
            view.next_in
        )),
        _ => {}
    }
    if far_jump((next_in, next_out), (view.next_in, view.next_out)).is_some() {
        warnings.push("that is more than 10,000 numbers: it is done only with \"force\":true".to_owned());
    }
    warnings
}

/// A message of the session; `None` if its name has more in it than two CompIDs: which fields that is it does not say.
fn message(
    view: &SessionView,
    msg_type: MsgType,
    number: u64,
    body: impl FnOnce(&mut Writer<'_>),
) -> Option<Vec<u8>> {
    let (begin_string, parties) = view.id.split_once(':')?;
    let (sender, target) = parties.split_once("->").filter(|_| !parties.contains(['/', ':']))?;
    let mut buffer = vec![0; LONGEST];
    let mut message = MessageWriter::new(&mut buffer, begin_string.as_bytes(), msg_type);
    let out = message.writer();
    out.field(tag::MSG_SEQ_NUM, number)
        .field(tag::SENDER_COMP_ID, sender)
        .field(tag::SENDING_TIME, utc_now())
        .field(tag::TARGET_COMP_ID, target);
    body(out);
    let len = message.finish().ok()?;
    buffer.truncate(len);
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;

    fn view(logged_on: bool) -> SessionView {
        let view = SessionView::new("FIX.4.4:DESK->VENUE", Role::Initiator, UtcTimestamp::from_unix(0, 0));
        SessionView { logged_on, next_in: 30, next_out: 20, heart_bt_int: 30, ..view }
    }

    #[test]
    fn each_wish_shows_its_messages_and_what_may_be_wrong_with_it() {
        let text = |message: &[u8]| String::from_utf8_lossy(message).replace('\x01', "|");
        let (messages, warnings) = foresee(&view(true), &Wish::Reset {});
        let shown = text(&messages[0]);
        assert!(
            shown.contains("|35=A|34=1|49=DESK|52=") && shown.contains("|56=VENUE|98=0|108=30|141=Y|"),
            "{shown}"
        );
        assert!(warnings.iter().any(|warning| warning.contains("cannot be resent")));
        let (messages, _) = foresee(&view(true), &Wish::Logout {});
        assert!(text(&messages[0]).contains("|35=5|34=20|"));
        let (messages, warnings) = foresee(&view(true), &Wish::TestRequest {});
        assert!(text(&messages[0]).contains("|35=1|34=20|") && text(&messages[0]).contains("|112=TEST-2"));
        assert_eq!(warnings.len(), 1);
        for (logged_on, wish) in [
            (false, Wish::TestRequest {}),
            (false, Wish::Reset {}),
            (false, Wish::Logout {}),
            (true, Wish::Logon {}),
        ] {
            let (messages, warnings) = foresee(&view(logged_on), &wish);
            assert!(messages.is_empty() && !warnings.is_empty(), "{wish:?}");
        }
    }

    #[test]
    fn numbers_that_go_back_or_far_are_warned_of() {
        let warned = |next_in, next_out| of_numbers(&view(true), next_in, next_out);
        assert!(warned(None, Some(10))[0].contains("too low"));
        assert!(warned(None, Some(25))[0].contains("20 to 24 missing"));
        assert!(warned(Some(10), None)[0].contains("asked for again"));
        assert_eq!(warned(Some(30), Some(20)), Vec::<String>::new());
        assert!(warned(Some(20_000), None)[1].contains("force"));
    }
}
