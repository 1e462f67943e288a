//! The exchange over sessions in memory: FIX in, FIX out.

mod allocation;
mod by_hand;
mod drop_copy;
mod kept;
mod lines;
mod lists;
mod orders;
mod page;
mod quotes;
mod random;
mod repeat;
mod treasuries;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use fix_core::{
    dict::fix44::DICTIONARY,
    msg::validate::{Checks, validate},
    session::error::{CapacityError, SendError},
    time::{Mono, Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

use super::*;
use crate::{
    exchange::{
        book::Phase,
        floor::Floor,
        ids::IdPrefix,
        venue::{AtLimit, Rules},
    },
    market::Market,
};

/// What a session puts in front of each message.
const HEADER: &str = "49=A\x0156=B\x0134=1\x0152=20260101-00:00:00\x01";

/// What goes to a counterparty, each message as FIX 4.4 has it.
#[derive(Default)]
struct Line {
    /// Takes nothing.
    is_full: bool,
    /// Seconds by which its clock is ahead.
    later: i64,
    /// `35=..|..`, as sent, without TransactTime(60).
    sent: Vec<String>,
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        if self.is_full {
            return Err(CapacityError::Full.into());
        }
        let mut buffer = [0; 4096];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
        writer.writer().encoded(HEADER.as_bytes());
        message.encode_body(writer.writer());
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 4096) else { panic!("not a frame") };
        let text = String::from_utf8(buffer[..len].to_vec()).unwrap();
        let found = validate(&Message::parse(frame).unwrap(), &DICTIONARY, &Checks::ALL);
        assert_eq!(found, Ok(()), "not as FIX 4.4 has it: {}", text.replace('\x01', "|"));
        let text = text.replace(HEADER, "");
        let fields = text.split('\x01').filter(|field| {
            !["8=", "9=", "10=", "60="].iter().any(|head| field.starts_with(head)) && !field.is_empty()
        });
        self.sent.push(fields.collect::<Vec<_>>().join("|"));
        Ok(1)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(1_000_000 + self.later, 0) }
    }
}

/// One session of an exchange.
struct Session {
    exchange: ExchangeApplication,
    line: Line,
    woken: Arc<AtomicUsize>,
}

impl Session {
    fn join(floor: &Floor, name: &str) -> Self {
        Session::with_rules(floor, name, SessionRules::default())
    }

    fn with_rules(floor: &Floor, name: &str, rules: SessionRules) -> Self {
        let woken = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&woken);
        let seat = floor.join(name, move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        Session { exchange: ExchangeApplication::new(seat, rules), line: Line::default(), woken }
    }

    /// The counterparty sends a message: its MsgType, and its fields with `|` behind each.
    fn send(&mut self, msg_type: &str, body: &str) -> Result<(), BusinessReject> {
        let mut buffer = [0; 4096];
        let msg_type = MsgType::from_bytes(msg_type.as_bytes()).unwrap();
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
        writer.writer().encoded(body.replace('|', "\x01").as_bytes());
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 4096) else { panic!("not a frame") };
        self.exchange.from_app(&Message::parse(frame).unwrap(), &mut self.line)
    }

    /// A limit order for an instrument that the venue does not quote.
    fn order(&mut self, cl_ord_id: &str, side: char, qty: u32, price: &str) {
        let body = format!("11={cl_ord_id}|55=AAPL|54={side}|38={qty}|40=2|44={price}|60=20260101-00:00:00|");
        self.send("D", &body).unwrap();
    }

    /// What was sent since the last time: of each message the fields asked for, `-` where there is none.
    fn told(&mut self, tags: &[u32]) -> Vec<String> {
        self.exchange.look(&mut self.line);
        // Before anything leaves the process.
        self.exchange.own_report();
        let field = |message: &str, tag: u32| {
            let head = format!("{tag}=");
            let found = message.split('|').find_map(|field| field.strip_prefix(&head));
            found.unwrap_or("-").to_owned()
        };
        let told = std::mem::take(&mut self.line.sent);
        let of = |message: &String| tags.iter().map(|tag| field(message, *tag)).collect::<Vec<_>>().join(" ");
        told.iter().map(of).collect()
    }

    /// The same, of what matters most: ClOrdID, ExecType, OrdStatus, CumQty, LeavesQty.
    fn said(&mut self) -> Vec<String> {
        self.told(&[11, 150, 39, 14, 151])
    }
}

fn floor() -> Floor {
    floor_with(Rules::default())
}

fn floor_with(rules: Rules) -> Floor {
    Floor::new(Market::new(1), rules, IdPrefix::new("T"))
}
