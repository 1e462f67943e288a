//! A message and fields of one's own: `cargo run -p fix-core --example custom_message`
//!
//! The codec knows no closed set of messages: `message!` declares one from a table of its fields (user-defined ones begin
//! with 5000). It is sent by `Engine::send` and `Outbox::send`, as is whatever implements `Encode`; any field of a
//! received message is read by its tag, too.

use std::error::Error;

use fix_core::{
    Decimal, Deframer, Encode, Message, MsgType, message,
    wire::{value::Text, writer::MessageWriter},
};

/// MsgType(35) of a message that the two parties agreed on: user-defined ones begin with `U`.
const MARGIN_CALL: MsgType = MsgType::from_static(b"UM");

message! {
    /// The clearer asks for money.
    MarginCall = MARGIN_CALL {
        1 account: required Text<'a>,
        5001 amount: required Decimal,
        5002 reason: optional Text<'a>,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let call = MarginCall { account: "FUND1".into(), amount: "250000.50".parse()?, ..MarginCall::default() };

    let mut deframer = Deframer::new([0; 1024]);
    let mut message = MessageWriter::new(deframer.space(), b"FIX.4.4", call.msg_type());
    call.encode_body(message.writer());
    let written = message.finish()?;
    deframer.received(written);

    let frame = deframer.next_frame().ok_or("no message")??;
    println!("{}", String::from_utf8_lossy(frame.bytes()).replace('\x01', "|"));
    let message = Message::parse(frame)?;
    assert_eq!(message.msg_type(), MARGIN_CALL);
    let read = MarginCall::try_from(&message)?;
    assert_eq!(read, call);
    println!("{read:?}");
    Ok(())
}
