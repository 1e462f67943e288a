//! A message and fields of one's own: `cargo run -p fix-core --example custom_message`
//!
//! The codec knows no closed set of messages: whatever implements `Encode` is sent by `Engine::send` and
//! `Outbox::send`, and any field of a received message is read by its tag.

use std::error::Error;

use fix_core::{
    Decimal, Deframer, Encode, FieldError, Message, MsgType, Tag, Writer, tag, wire::writer::MessageWriter,
};

/// MsgType(35) of a message that the two parties agreed on: user-defined ones begin with `U`.
const MARGIN_CALL: MsgType = MsgType::from_static(b"UM");
/// Fields that they agreed on: user-defined ones begin with 5000.
const MARGIN_AMOUNT: Tag = Tag(5001);
const MARGIN_REASON: Tag = Tag(5002);

/// The clearer asks for money.
#[derive(Debug, PartialEq)]
struct MarginCall<'a> {
    account: &'a str,
    amount: Decimal,
    reason: Option<&'a str>,
}

impl Encode for MarginCall<'_> {
    fn msg_type(&self) -> MsgType {
        MARGIN_CALL
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::ACCOUNT, self.account).field(MARGIN_AMOUNT, self.amount);
        out.optional(MARGIN_REASON, self.reason);
    }
}

impl<'a> TryFrom<&Message<'a>> for MarginCall<'a> {
    type Error = FieldError;

    fn try_from(message: &Message<'a>) -> Result<Self, FieldError> {
        Ok(MarginCall {
            account: message.required(tag::ACCOUNT)?,
            amount: message.required(MARGIN_AMOUNT)?,
            reason: message.optional(MARGIN_REASON)?,
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let call = MarginCall { account: "FUND1", amount: "250000.50".parse()?, reason: None };

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
