//! A stand-in for the engine: answers requests as an exchange would.

use std::sync::Arc;

use fix_core::{
    dict::fix44::DICTIONARY,
    msg::{message::Message, msg_type::MsgType},
    wire::{
        frame::{Scan, scan},
        writer::MessageWriter,
    },
};
use fix_host::contract::{
    order::{OrdType, OrderCommand},
    publisher::{self, Publisher},
    report::Report,
    request::{OrderReply, Request, Task},
};
use tokio::sync::mpsc;

/// Fills market orders, lets limit orders rest, cancels what it is asked to; the symbol `3Y` is unknown to
/// it, and orders for `30Y` meet SIM MODE.
pub(crate) async fn exchange(mut requests: mpsc::Receiver<Request>, publisher: Arc<dyn Publisher>) {
    let mut msg_seq_num = 1;
    while let Some(Request { task, reply }) = requests.recv().await {
        let Task::Send(command) = task else { panic!("{task:?}") };
        let cl_ord_id = command.cl_ord_id().to_owned();
        let text = "SIM MODE: no counterparty is logged on; the order was not sent".to_owned();
        if matches!(&*command, OrderCommand::New(order) if order.symbol == "30Y") {
            reply.send(OrderReply::SimMode { cl_ord_id, text }).unwrap();
            continue;
        }
        msg_seq_num += 1;
        // The client may have hung up.
        let _ = reply.send(OrderReply::Accepted { cl_ord_id, msg_seq_num });
        for fields in answers(&command) {
            publisher::report(publisher.as_ref(), execution_report(&fields)).await.unwrap();
        }
    }
}

fn answers(command: &OrderCommand) -> Vec<String> {
    match command {
        OrderCommand::New(order) => {
            let head = format!(
                "37=O-{id}|11={id}|55={}|54={}|38={}|",
                order.symbol,
                order.side.code(),
                order.qty,
                id = order.cl_ord_id
            );
            let qty = order.qty;
            match order.ord_type {
                _ if order.symbol == "3Y" => vec![format!("{head}150=8|39=8|58=unknown symbol|")],
                OrdType::Market => vec![
                    format!("{head}150=0|39=0|151={qty}|14=0|"),
                    format!("{head}150=F|39=2|32={qty}|31=99.880|151=0|14={qty}|"),
                ],
                OrdType::Limit(price) => vec![format!("{head}44={price}|150=0|39=0|151={qty}|14=0|")],
                OrdType::Stop(_) | OrdType::StopLimit { .. } => {
                    vec![format!("{head}150=0|39=0|151={qty}|14=0|")]
                }
            }
        }
        OrderCommand::Replace(replace) => vec![format!(
            "37=O-{orig}|11={}|41={orig}|55={}|54={}|38={qty}|150=5|39=0|151={qty}|14=0|",
            replace.order.cl_ord_id,
            replace.order.symbol,
            replace.order.side.code(),
            qty = replace.order.qty,
            orig = replace.orig_cl_ord_id
        )],
        OrderCommand::Cancel(cancel) => vec![format!(
            "37=O-{orig}|11={}|41={orig}|55={}|54={}|150=4|39=4|151=0|14=0|",
            cancel.cl_ord_id,
            cancel.symbol,
            cancel.side.code(),
            orig = cancel.orig_cl_ord_id
        )],
    }
}

fn execution_report(fields: &str) -> Report {
    let mut buffer = [0; 1024];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::EXECUTION_REPORT);
    writer.writer().encoded(fields.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 1024) else { panic!("not a frame") };
    Report::from_message(&Message::parse(frame).unwrap(), &DICTIONARY)
}
