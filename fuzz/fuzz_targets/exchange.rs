//! Any application messages of two sessions, and whatever a person does as the venue: nothing panics, what the exchange sends is
//! FIX 4.4, and what it says of each order and of all together is true (the ledger of the exchange's own random tests).
#![no_main]

#[allow(dead_code)]
#[path = "../../fix-host/src/exchange/application/tests/random/ledger.rs"]
mod ledger;

use fix_core::{
    decimal::Decimal,
    dict::fix44::DICTIONARY,
    msg::{
        message::Message,
        msg_type::MsgType,
        validate::{Checks, validate},
    },
    session::{
        application::{Application, Outbox},
        error::SendError,
        state::CloseReason,
    },
    time::{Mono, Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};
use fuzz::Input;
use ledger::Ledger;
use libfuzzer_sys::fuzz_target;
use rooms::{
    exchange::{
        ExchangeApplication, Rules, SelfMatch, SessionRules,
        book::{OrderId, Owner, Phase},
        floor::Floor,
        ids::IdPrefix,
    },
    market::{Market, default_instruments},
};

/// What a session puts in front of each message.
const HEADER: &[u8] = b"49=A\x0156=B\x0134=1\x0152=20260101-00:00:00\x01";
const MAX_ACTS: usize = 200;

/// What goes to a counterparty.
struct Line {
    seconds: i64,
    /// What came was valid, and so is what goes.
    is_strict: bool,
    sent: Vec<String>,
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        let mut buffer = vec![0; 1 << 16];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
        writer.writer().encoded(HEADER);
        message.encode_body(writer.writer());
        let len = writer.finish().expect("no message is so long");
        let Scan::Frame(frame, _) = scan(&buffer[..len], 1 << 16) else { panic!("not a frame") };
        let text = String::from_utf8_lossy(&buffer[..len]).replace('\x01', "|");
        let message = Message::parse(frame).unwrap_or_else(|reason| panic!("{reason}: {text}"));
        if self.is_strict {
            let found = validate(&message, &DICTIONARY, &Checks::ALL);
            assert_eq!(found, Ok(()), "not as FIX 4.4 has it: {text}");
        }
        self.sent.push(text.trim_end_matches('|').to_owned());
        Ok(1)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(self.seconds, 0) }
    }
}

struct Session {
    exchange: ExchangeApplication,
    line: Line,
    owner: Owner,
}

struct Story<'a> {
    floor: Floor,
    sessions: [Session; 2],
    ledger: Ledger,
    input: Input<'a>,
    is_strict: bool,
    /// No instrument is listed: nobody trades but the two.
    is_alone: bool,
    orders: u32,
}

impl<'a> Story<'a> {
    fn new(input: &'a [u8]) -> Self {
        let mut input = Input::new(input);
        let switches = input.byte();
        let policies = [SelfMatch::Allow, SelfMatch::CancelResting, SelfMatch::CancelIncoming];
        let rules = Rules { self_match: policies[usize::from(switches % 3)], ..Rules::default() };
        let (is_strict, is_alone) = (switches & 64 == 0, switches & 128 == 0);
        let instruments = if is_alone { Vec::new() } else { default_instruments() };
        let floor = Floor::new(Market::with_instruments(1, &instruments), rules, IdPrefix::new("T"));
        let sessions = ["A", "B"].map(|name| {
            let seat = floor.join(name, || {});
            let owner = seat.owner();
            let line = Line { seconds: 1_000_000, is_strict, sent: Vec::new() };
            Session { exchange: ExchangeApplication::new(seat, SessionRules::default()), line, owner }
        });
        Story { floor, sessions, ledger: Ledger::default(), input, is_strict, is_alone, orders: 0 }
    }

    fn act(&mut self) {
        match self.input.byte() % 32 {
            0..8 => self.order(),
            8..11 => self.change("F"),
            11..14 => self.change("G"),
            14..22 => self.any_message(),
            22 => self.time(),
            23 => {
                let side = usize::from(self.input.byte() % 2);
                self.sessions[side].exchange.on_logout(CloseReason::ConnectionLost);
            }
            _ => self.by_hand(),
        }
        self.hear();
    }

    fn number(&mut self) -> String {
        match self.input.byte() {
            small @ 0..160 => format!("{}", small % 32),
            part @ 160..230 => format!("{}.{}", part % 8, self.input.byte()),
            _ => i64::from_le_bytes(std::array::from_fn(|_| self.input.byte())).to_string(),
        }
    }

    fn symbol(&mut self) -> &'static str {
        ["AAPL", "10Y", "MSFT", "TYH6"][usize::from(self.input.byte() % 4)]
    }

    fn terms(&mut self) -> String {
        let side = [1, 1, 2, 2, 5, 6, 8, 9][usize::from(self.input.byte() % 8)];
        let kind = [b'2', b'2', b'2', b'1', b'3', b'4', b'K', b'P'][usize::from(self.input.byte() % 8)];
        let (symbol, qty) = (self.symbol(), self.number());
        let mut terms =
            format!("55={symbol}|54={side}|38={qty}|40={}|60=20260101-00:00:00|", char::from(kind));
        if matches!(kind, b'2' | b'4' | b'P') {
            terms.push_str(&format!("44={}|", self.number()));
        }
        if matches!(kind, b'3' | b'4') {
            terms.push_str(&format!("99={}|", self.number()));
        }
        let more = self.input.byte();
        if more & 1 != 0 {
            terms.push_str(
                [
                    "59=1|",
                    "59=2|",
                    "59=3|",
                    "59=4|",
                    "59=6|432=20260101|",
                    "59=6|126=19700112-13:47:00|",
                    "59=7|",
                ][usize::from(self.input.byte() % 7)],
            );
        }
        if more & 6 == 6 {
            terms.push_str(&format!("{}={}|", if more & 8 == 0 { 110 } else { 111 }, self.number()));
        }
        terms
    }

    fn order(&mut self) {
        let id = self.orders;
        self.orders += 1;
        let terms = self.terms();
        self.ask("D", &format!("11={id}|21=1|{terms}"));
    }

    fn change(&mut self, msg_type: &str) {
        let (id, orig) = (self.orders, self.orders.saturating_sub(u32::from(self.input.byte() % 16)));
        self.orders += 1;
        let terms = self.terms();
        match terms.split_once("40=").filter(|_| msg_type == "F") {
            Some((terms, _)) => self.ask("F", &format!("11={id}|41={orig}|{terms}60=20260101-00:00:00|")),
            None => self.ask(msg_type, &format!("11={id}|41={orig}|21=1|{terms}")),
        }
    }

    /// A type and fields as they stand in the input, up to a line end.
    fn any_message(&mut self) {
        const TYPES: [&str; 18] =
            ["D", "F", "G", "H", "AF", "q", "E", "L", "K", "M", "R", "AJ", "V", "x", "c", "e", "g", "J"];
        let msg_type = TYPES[usize::from(self.input.byte()) % TYPES.len()];
        let len = usize::from(self.input.byte()) * 2;
        let fields = String::from_utf8_lossy(self.input.bytes(len)).replace('\x01', "|");
        let line = fields.split('\n').next().unwrap_or_default();
        self.ask(msg_type, line);
    }

    /// A session sends a message, if it is one; a session that validates rejects others itself.
    fn ask(&mut self, msg_type: &str, body: &str) {
        let side = usize::from(self.input.byte() % 2);
        let mut body = body.replace('|', "\x01").into_bytes();
        if body.last().is_none_or(|last| *last != 1) {
            body.push(1);
        }
        let msg_type = MsgType::from_bytes(msg_type.as_bytes()).expect("a type");
        let message = fuzz::framed(msg_type, &[HEADER, &body].concat());
        let Scan::Frame(frame, _) = scan(&message, 1 << 16) else { return };
        let Ok(message) = Message::parse(frame) else { return };
        if self.is_strict && validate(&message, &DICTIONARY, &Checks::ALL).is_err() {
            return;
        }
        self.ledger.now_asks(side);
        let Session { exchange, line, .. } = &mut self.sessions[side];
        // A refusal is a BusinessMessageReject(j) of the session.
        let _ = exchange.from_app(&message, line);
    }

    fn time(&mut self) {
        let seconds = i64::from(self.input.byte() % 16);
        for session in &mut self.sessions {
            session.line.seconds += seconds;
        }
        self.floor.tick(UtcTimestamp::from_unix(self.sessions[0].line.seconds, 0));
    }

    /// What nobody has asked for. What cannot be done changes nothing.
    fn by_hand(&mut self) {
        use Phase::{Closed, Closing, Halted, Open, PreOpen};
        let (what, pick) = (self.input.byte() % 16, usize::from(self.input.byte()));
        let (price, qty) = (self.input.byte(), self.input.byte());
        let (price, qty) = (Decimal::new(price.into(), 0), Decimal::new((qty % 16).into(), 0));
        let ids = self.floor.ids();
        let order = self.ledger.order(pick).and_then(|id| ids.order_number(id)).map(OrderId);
        let execution = self.ledger.execution(pick).and_then(|id| ids.execution_number(id));
        let owner = self.sessions[pick % 2].owner;
        self.floor.by_hand(|venue, out| match (what, order, execution) {
            (0..2, ..) => venue.set_phase([Open, PreOpen, Halted, Closing, Closed][pick % 5], out),
            (2, ..) => venue.hold(pick % 2 == 0),
            (3, ..) => venue.leave(owner, out),
            (4, _, Some(number)) => _ = venue.bust(number, out),
            (5, _, Some(number)) => _ = venue.correct(number, price, qty, true, out),
            (6, Some(id), _) => _ = venue.stop(id, out),
            (7, Some(id), _) => _ = venue.cancel_by_hand(id, out),
            (8..13, Some(id), _) => _ = venue.accept(id, out),
            (13.., Some(id), _) => _ = venue.refuse_by_hand(id, "no", out),
            _ => {}
        });
    }

    /// Everybody reads what he is told; then what was bought is what was sold.
    fn hear(&mut self) {
        for (at, session) in self.sessions.iter_mut().enumerate() {
            session.exchange.look(&mut session.line);
            for message in std::mem::take(&mut session.line.sent) {
                if ["|35=8|", "|35=9|"].iter().any(|of| message.contains(of)) {
                    self.ledger.hear(at, &message);
                }
            }
        }
        if self.is_alone {
            self.ledger.check_trades();
        }
    }

    /// What waits for a person is decided; then the books have what is said to be open.
    fn end(mut self) {
        self.floor.by_hand(|venue, out| {
            venue.set_phase(Phase::Open, out);
            venue.hold(false);
        });
        self.hear();
        for number in self.ledger.numbers(|id| self.floor.ids().order_number(id).expect("an id of ours")) {
            while self.floor.by_hand(|venue, out| venue.accept(OrderId(number), out)).is_ok() {}
        }
        self.hear();
        if !self.is_alone {
            return;
        }
        let open = self.ledger.open(|id| self.floor.ids().order_number(id).expect("an id of ours"));
        self.floor.look(|venue| {
            let books: Vec<_> = (0..venue.listings().len()).filter_map(|place| venue.depth(place)).collect();
            let count: usize = books.iter().map(|depth| depth.book.len()).sum();
            assert_eq!(count, open.len(), "orders in the books, and orders that are said to be open");
            for (id, leaves) in &open {
                let found = books.iter().find_map(|depth| {
                    let order = depth.book.order(OrderId(*id))?;
                    Some(depth.listing.qty(order.open).to_string())
                });
                assert_eq!(found.as_ref(), Some(leaves), "order {id}");
            }
        });
    }
}

// The first byte says who may trade, and whether the sessions validate.
fuzz_target!(|input: &[u8]| {
    let mut story = Story::new(input);
    for _ in 0..MAX_ACTS {
        if story.input.is_empty() {
            break;
        }
        story.act();
    }
    story.end();
});
