//! The application of the gateway's session: what the counterparty says becomes lines for the host.

use core::{cell::RefCell, time::Duration};

use fix_core::{
    AdminRefusal, Application, BusinessReject, CloseReason, Decimal, DoNotSend, Event, Message, MsgType,
    Outbox, Tag, Writer, pre_trade::Gate, tag,
};
use heapless::{LinearMap, String};

use crate::{
    board::Credentials,
    book::SYMBOL_LEN,
    memory::State,
    reports::{Fields, Reports},
};

mod outgoing;
pub(crate) mod requests;
mod states;

/// Symbols whose last price is remembered, for the limits that need one.
const SYMBOLS: usize = 16;

/// The last price of each symbol.
pub(crate) type LastPrices = LinearMap<String<SYMBOL_LEN, u8>, Decimal, SYMBOLS>;

/// What the counterparty's orders and the host have to do with each other.
pub(crate) struct Desk<'g, const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize>
{
    pub(crate) state: &'g RefCell<State<MESSAGES, BYTES, ORDERS, USED>>,
    pub(crate) reports: &'g Reports,
    pub(crate) credentials: Credentials<'g>,
    pub(crate) gate: Gate,
    pub(crate) last_prices: &'g RefCell<LastPrices>,
    /// Why trading is stopped; `None` if it is not.
    pub(crate) stopped: Option<&'static str>,
    /// Why the flash takes no more orders now. What it has already may be sent again all the same.
    pub(crate) flash_is_full: Option<&'static str>,
    /// How often the session was logged on.
    pub(crate) logons: u32,
}

/// The fields of a message that its line has, in this order.
const EXECUTION_REPORT: &[Tag] = &[
    tag::CL_ORD_ID,
    tag::ORIG_CL_ORD_ID,
    tag::ORDER_ID,
    tag::EXEC_ID,
    tag::EXEC_REF_ID,
    tag::EXEC_TYPE,
    tag::ORD_STATUS,
    tag::ORD_REJ_REASON,
    tag::SYMBOL,
    tag::SIDE,
    tag::ORDER_QTY,
    tag::PRICE,
    tag::LAST_QTY,
    tag::LAST_PX,
    tag::CUM_QTY,
    tag::LEAVES_QTY,
    tag::AVG_PX,
    tag::TRANSACT_TIME,
];
const CANCEL_REJECT: &[Tag] = &[
    tag::CL_ORD_ID,
    tag::ORIG_CL_ORD_ID,
    tag::ORDER_ID,
    tag::ORD_STATUS,
    tag::CXL_REJ_RESPONSE_TO,
    tag::CXL_REJ_REASON,
];
const MASS_CANCEL_REPORT: &[Tag] = &[
    tag::CL_ORD_ID,
    tag::ORDER_ID,
    tag::MASS_CANCEL_REQUEST_TYPE,
    tag::MASS_CANCEL_RESPONSE,
    tag::MASS_CANCEL_REJECT_REASON,
    tag::TOTAL_AFFECTED_ORDERS,
];
const BUSINESS_REJECT: &[Tag] =
    &[tag::REF_SEQ_NUM, tag::REF_MSG_TYPE, tag::BUSINESS_REJECT_REF_ID, tag::BUSINESS_REJECT_REASON];
const REJECT: &[Tag] = &[tag::REF_SEQ_NUM, tag::REF_TAG_ID, tag::REF_MSG_TYPE, tag::SESSION_REJECT_REASON];

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize>
    Desk<'_, MESSAGES, BYTES, ORDERS, USED>
{
    /// The line of a message: its MsgType(35) is the word.
    fn report(&self, word: &str, message: &Message<'_>, tags: &[Tag]) {
        self.reports.say(word, |line| {
            if message.header().poss_dup {
                line.field(tag::POSS_DUP_FLAG, Some(b"Y"));
            }
            if message.header().poss_resend {
                line.field(tag::POSS_RESEND, Some(b"Y"));
            }
            for tag in tags {
                line.field(*tag, message.get(*tag));
            }
            text(line, message);
        });
    }

    /// An order whose state nobody knows: the counterparty asked for it again, and it was not sent again.
    fn unsure(&self, message: &Message<'_>, why: &str) {
        self.reports.say("UNSURE", |line| {
            line.field(tag::CL_ORD_ID, message.get(tag::CL_ORD_ID));
            line.field(tag::MSG_SEQ_NUM, message.header().msg_seq_num_text);
            line.shown(tag::TEXT, why);
        });
    }
}

/// The counterparty's Text(58), last in the line.
fn text(line: &mut Fields, message: &Message<'_>) {
    if let Some(text) = message.get(tag::TEXT).filter(|text| !text.is_empty()) {
        line.shown(tag::TEXT, text.escape_ascii());
    }
}

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize> Application
    for Desk<'_, MESSAGES, BYTES, ORDERS, USED>
{
    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.logons = self.logons.wrapping_add(1);
        self.reports.say("SESSION", |line| line.shown(tag::TEXT, "up"));
    }

    fn on_logout(&mut self, reason: CloseReason) {
        self.reports.say("SESSION", |line| line.shown(tag::TEXT, format_args!("down: {reason}")));
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::LOGON {
            let set = |text: &'_ str| !text.is_empty();
            out.optional(tag::USERNAME, Some(self.credentials.username).filter(|text| set(text)));
            out.optional(tag::PASSWORD, Some(self.credentials.password).filter(|text| set(text)));
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::REJECT {
            self.report("3", message, REJECT);
        }
        Ok(())
    }

    /// A resend: what would open a risk is not sent again while trading is stopped.
    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        let opens =
            [MsgType::NEW_ORDER_SINGLE, MsgType::ORDER_CANCEL_REPLACE_REQUEST].contains(&message.msg_type());
        match self.stopped {
            Some(why) if opens && message.header().poss_dup => {
                self.unsure(message, why);
                Err(DoNotSend)
            }
            _ => Ok(()),
        }
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::EXECUTION_REPORT => {
                // What cannot be read is still shown.
                self.report("8", message, EXECUTION_REPORT);
                self.executed(message);
            }
            MsgType::ORDER_CANCEL_REJECT => {
                self.report("9", message, CANCEL_REJECT);
                self.cancel_rejected(message);
            }
            MsgType::ORDER_MASS_CANCEL_REPORT => self.report("r", message, MASS_CANCEL_REPORT),
            MsgType::BUSINESS_MESSAGE_REJECT => {
                self.report("j", message, BUSINESS_REJECT);
                self.business_rejected(message);
            }
            _ => return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
        Ok(())
    }

    fn on_stale_order(&mut self, message: &Message<'_>, _age: Duration) {
        self.unsure(message, "too old to be sent again: its state is unknown, ask STATUS");
    }

    fn on_event(&mut self, event: &Event<'_>) {
        crate::log::event(event);
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use fix_core::{
        Frame,
        pre_trade::Limits,
        wire::{
            check_sum::check_sum,
            frame::{Scan, scan},
        },
    };

    use super::*;

    fn whole(bytes: &[u8]) -> Frame<'_> {
        match scan(bytes, bytes.len()) {
            Scan::Frame(frame, _) => frame,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_flash_has_is_sent_again_while_it_takes_no_more() {
        let state = RefCell::new(State::<2, 256, 2, 8>::new());
        let (reports, last_prices) = (Reports::new(), RefCell::new(LastPrices::new()));
        let mut desk = Desk {
            state: &state,
            reports: &reports,
            credentials: Credentials { username: "", password: "" },
            gate: Gate::new(Limits::default()),
            last_prices: &last_prices,
            stopped: None,
            flash_is_full: Some("it is"),
            logons: 0,
        };
        let text = "8=FIX.4.4|9=82|35=D|34=2|43=Y|49=BOARD|52=20261129-10:00:00|56=VENUE|122=20261129-09:59:59|11=A1|";
        let mut bytes = text.replace('|', "\x01").into_bytes();
        let sum = check_sum(&bytes);
        bytes.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
        let order = Message::parse(whole(&bytes)).unwrap();
        assert!(desk.to_app(&order).is_ok());
        desk.stopped = Some("trading is stopped: KILL");
        assert!(desk.to_app(&order).is_err());
    }
}
