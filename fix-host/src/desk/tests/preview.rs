//! What a preview shows, and that it leaves no trace.

use fix_core::{
    decimal::Decimal,
    msg::message::Message,
    pre_trade::Limits,
    session::{application::Application, config::SessionId},
    time::{Mono, Now, UtcTimestamp},
};

use super::{Rig, order};
use crate::{
    config::PreTradeSettings,
    contract::request::{Draft, OrderReply},
    desk::{Foreseen, pre_trade::PreTrade},
};

const NOW: Now = Now { mono: Mono::from_micros(0), utc: UtcTimestamp::from_unix(1_795_499_580, 0) };

fn rig(limits: Limits) -> Rig {
    let mut rig = Rig::new();
    rig.desk.on_create(&SessionId::new("DESK", "VENUE").unwrap());
    rig.desk.pre_trade = PreTrade::new(PreTradeSettings { limits, ..PreTradeSettings::default() });
    rig
}

fn draft(rig: &mut Rig, is_used: bool) -> Draft {
    match rig.desk.preview(&order("A1"), Foreseen { is_used, next_out: 7 }, NOW) {
        OrderReply::Preview(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_a_whole_message_of_the_session_and_the_order_can_still_be_sent() {
    let mut rig = rig(Limits { max_orders_per_second: Some(1), ..Limits::default() });
    for _ in 0..3 {
        let draft = draft(&mut rig, false);
        assert!(draft.checks.iter().all(|check| check.ok), "no limit counts a preview: {:?}", draft.checks);
        let text = String::from_utf8(draft.message).unwrap().replace('\x01', "|");
        assert!(text.contains("|35=D|34=7|49=DESK|52=20261124-05:53:00.000|56=VENUE|11=A1|"), "{text}");
        let frame = text.replace('|', "\x01");
        let mut deframer = fix_core::wire::deframer::Deframer::new(vec![0; 4096]);
        deframer.space()[..frame.len()].copy_from_slice(frame.as_bytes());
        deframer.received(frame.len());
        assert!(Message::parse(deframer.next_frame().unwrap().unwrap()).is_ok(), "{text}");
    }
    rig.place("A1", 7);
}

#[test]
fn limits_are_named_with_what_the_order_has() {
    let limits =
        Limits { max_order_qty: Some(Decimal::new(5, 1)), max_open_orders: Some(3), ..Limits::default() };
    let draft = draft(&mut rig(limits), true);
    let texts: Vec<(bool, &str)> = draft.checks.iter().map(|check| (check.ok, check.text.as_str())).collect();
    let qty = order("A1").order().unwrap().qty;
    assert_eq!(texts[0], (false, &*format!("{qty} of at most 0.5 an order")));
    assert_eq!(texts[1], (true, "0 orders are open, of at most 3"));
    assert_eq!(texts[2], (false, "ClOrdID(11) was used before: it would be refused as a duplicate"));
    assert!(!texts[3].0 && texts[3].1.contains("MaxOrderQty is 0.5"), "{texts:?}");
}
