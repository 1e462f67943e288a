use fix_core::{
    dict::fix44::DICTIONARY,
    store::MessageStore,
    time::{Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

use super::*;
use crate::{
    contract::{
        parse::{OrderRules, parse_order},
        report::end_is_said,
        request::Fate,
    },
    halt::{Halt, Scope},
    observe::Board,
    store::{Keeps, MemoryStore},
};

mod preview;
mod reopened;
mod replaces;

/// Takes everything, as the same MsgSeqNum.
struct Same(u64);

impl Outbox for Same {
    fn send(&mut self, _message: &dyn Encode) -> Result<u64, SendError> {
        Ok(self.0)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: fix_core::time::Mono::default(), utc: UtcTimestamp::from_unix(0, 0) }
    }
}

/// Notes the types of what is sent.
#[derive(Default)]
struct Line {
    sent: Vec<MsgType>,
    is_full: bool,
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        if self.is_full {
            return Err(fix_core::CapacityError::Full.into());
        }
        self.sent.push(message.msg_type());
        Ok(7)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Same(0).now()
    }
}

/// A desk, what it publishes, and the wire.
struct Rig {
    board: Board,
    orders: Orders,
    halts: Halts,
    desk: Desk,
    store: MemoryStore,
    _commands: mpsc::Sender<DeskCommand>,
    inbox: mpsc::Receiver<DeskCommand>,
}

impl Rig {
    fn new() -> Self {
        Self::with(Orders::default(), Vec::new())
    }

    fn with(orders: Orders, stored: Vec<(u64, String)>) -> Self {
        let board = Board::default();
        let publisher = Arc::new(board.clone());
        let (commands, inbox) = mpsc::channel(4);
        let halts = Halts::default();
        halts.attach("S", None, || {});
        let parts = DeskParts {
            publisher,
            delivers: false,
            is_in_memory: false,
            due: Due::default(),
            dictionary: &DICTIONARY,
            logon: LogonSettings::default(),
            extras: Extras::new(None, Arc::default(), &DICTIONARY).unwrap(),
            ask_unknown_orders: true,
            orders: orders.clone(),
            stored,
            commands: Vec::new(),
            pre_trade: PreTradeSettings::default(),
            halts: halts.clone(),
            market_data: None,
            wake: commands.downgrade(),
        };
        let store = MemoryStore::new(Keeps { history: 100, consumers: &[] });
        Rig { board, orders, halts, desk: Desk::new("S", parts), store, _commands: commands, inbox }
    }

    /// Takes an order, which the session stores as this number.
    fn place(&mut self, id: &str, number: u64) {
        assert!(matches!(self.send(order(id), number), OrderReply::Accepted { .. }));
    }

    /// Sends a command, which the session stores as this number.
    fn send(&mut self, command: OrderCommand, number: u64) -> OrderReply {
        let claimed = self.claim(command);
        self.desk.send(claimed, &mut Same(number))
    }

    fn claim(&self, command: OrderCommand) -> Claimed {
        self.orders.claim(command, &"S".into()).unwrap()
    }

    /// Gives a message to the socket.
    fn write(&mut self, msg_type: MsgType, fields: &str) {
        with_message(msg_type, fields, |message| {
            self.desk.on_event(&Event::Outbound(message.frame().bytes()))
        });
    }

    /// The order is given to the socket.
    fn write_order(&mut self, number: u64, more: &str) {
        self.write(MsgType::NEW_ORDER_SINGLE, &format!("34={number}|{more}"));
    }

    fn gap_fill(&mut self, begin: u64, next: u64) {
        self.write(MsgType::SEQUENCE_RESET, &format!("34={begin}|43=Y|36={next}|123=Y|"));
    }

    fn reject(&mut self, number: u64) {
        let fields = format!("34=9|45={number}|58=no|");
        with_message(MsgType::REJECT, &fields, |message| self.desk.from_admin(message).unwrap());
    }

    fn receive(&mut self, msg_type: MsgType, fields: &str) {
        self.flush();
        with_message(msg_type, fields, |message| {
            self.store.received(9, message.frame().bytes()).unwrap();
            self.desk.from_app(message, &mut Same(0)).unwrap();
        });
    }

    fn wake_once(&mut self, line: &mut Line) {
        let command = self.inbox.try_recv().unwrap();
        self.desk.command(command, line);
    }

    /// The desk does what it woke itself for.
    fn wake(&mut self, line: &mut Line) {
        while let Ok(command) = self.inbox.try_recv() {
            self.desk.command(command, line);
        }
    }

    fn ask(&mut self, task: DeskTask) -> OrderReply {
        let (reply, mut answer) = oneshot::channel();
        self.desk.command(DeskCommand::Request(task, reply), &mut Line::default());
        self.desk.persisted();
        answer.try_recv().unwrap()
    }

    /// What the driver does after each turn: what the desk says goes to the store, and comes back from there.
    fn flush(&mut self) {
        while let Some(report) = self.desk.own_report() {
            self.store.own_report(report).unwrap();
        }
        self.store.flush().unwrap();
        let mut buffer = Vec::new();
        while let Some(after) = self.desk.entries_after()
            && let Some(entry) = self.store.next_entry(after, &mut buffer).unwrap()
        {
            self.desk.entry(&entry);
        }
    }

    /// OrdStatus, ExecType or MsgType of each report of the order, and whether it is the order's end.
    fn told(&mut self, id: &str) -> Vec<(String, bool)> {
        self.flush();
        let reports = self.board.reports_of(id);
        let word = |report: &Report| {
            let fields = report.fields();
            let word = fields.get("ordStatus").or_else(|| fields.get("execType"));
            word.or_else(|| fields.get("msgType"))
                .and_then(|word| word.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        reports.iter().map(|report| (word(report), report.is_final_for(id))).collect()
    }
}

fn order(id: &str) -> OrderCommand {
    let json = format!(r#"{{"clOrdID":"{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}}"#);
    parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap()
}

fn with_message<R>(msg_type: MsgType, fields: &str, then: impl FnOnce(&Message<'_>) -> R) -> R {
    let mut buffer = [0; 512];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 512) else { panic!("not a frame") };
    then(&Message::parse(frame).unwrap())
}

fn said(word: &str, is_final: bool) -> Vec<(String, bool)> {
    vec![(word.to_owned(), is_final)]
}

const FILLED: &str = "37=X|17=E|11=A|150=F|39=2|54=1|151=0|14=1|6=98|";

#[test]
fn a_filled_order_stays_filled_when_its_message_is_gap_filled() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    rig.gap_fill(1, 3);
    assert_eq!(rig.told("A"), said("2", true));
}

#[test]
fn an_end_is_shown_once_its_report_is() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.receive(MsgType::EXECUTION_REPORT, "11=A|37=X|150=0|39=0|");
    rig.flush();
    rig.receive(MsgType::EXECUTION_REPORT, "11=A|37=X|150=F|39=2|");
    assert!(!rig.orders.is_end_shown("A"), "the store does not have it yet");
    rig.flush();
    assert!(rig.orders.is_end_shown("A"));
}

#[test]
fn an_order_that_had_no_report_and_is_gap_filled_is_of_unknown_state_until_the_counterparty_speaks() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    for _ in 0..3 {
        rig.gap_fill(1, 3);
    }
    assert_eq!(rig.told("A"), said("I", false), "said once, however often it is asked for");
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    assert_eq!(rig.told("A").last(), Some(&("2".to_owned(), true)));
}

#[test]
fn an_order_of_an_earlier_process_may_be_out() {
    let orders = Orders::default();
    orders.remember("A", Some(order("A")), &"S".into());
    let mut rig = Rig::with(orders, vec![(2, "A".into())]);
    rig.gap_fill(1, 3);
    assert_eq!(rig.told("A"), said("I", false));
}

#[test]
fn an_order_of_which_no_byte_went_out_is_rejected_and_never_sent_again() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.gap_fill(1, 3);
    assert_eq!(rig.told("A"), said("8", true));
    let resent =
        with_message(MsgType::NEW_ORDER_SINGLE, "34=2|43=Y|11=A|", |message| rig.desk.to_app(message));
    assert_eq!(resent, Err(DoNotSend));
}

#[test]
fn a_reset_of_the_numbers_leaves_unanswered_orders_unknown_and_answered_ones_alone() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.place("B", 3);
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    let reason = Reason::NumbersReset;
    rig.desk.on_event(&Event::Decision { reason, msg_seq_num: 1, expected: 1 });
    assert_eq!(rig.told("A"), said("2", true));
    assert_eq!(rig.told("B"), said("I", false), "it may be on its way to the socket");
}

#[test]
fn our_own_reset_concerns_what_was_written_before_and_one_that_is_said_again_concerns_nothing() {
    let mut rig = Rig::new();
    rig.place("BEFORE", 5);
    rig.write_order(5, "");
    rig.place("AFTER", 2);
    rig.write(MsgType::LOGON, "34=1|98=0|108=30|141=Y|");
    assert_eq!(rig.told("BEFORE"), said("I", false));
    rig.write_order(2, "");
    rig.desk.on_event(&Event::Decision { reason: Reason::ResetSaidAgain, msg_seq_num: 1, expected: 1 });
    rig.write(MsgType::LOGON, "34=1|98=0|108=30|141=Y|");
    assert_eq!(rig.told("AFTER"), []);
}

#[test]
fn after_a_reset_a_reject_is_told_to_the_order_that_has_the_number_now() {
    let mut rig = Rig::new();
    rig.place("BEFORE", 2);
    rig.place("AFTER", 2);
    rig.reject(2);
    assert_eq!(rig.told("BEFORE"), []);
    assert_eq!(rig.told("AFTER"), said("8", true));
}

#[test]
fn a_reject_of_a_resent_order_that_has_reports_is_told_and_rejects_nothing() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    rig.write_order(2, "43=Y|");
    rig.reject(2);
    assert_eq!(rig.told("A"), [("2".to_owned(), true), ("3".to_owned(), false)]);
}

#[test]
fn a_reject_of_a_repeat_says_nothing_about_the_first_time() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.write_order(2, "43=Y|");
    rig.reject(2);
    assert_eq!(rig.told("A"), said("I", false));
}

#[test]
fn a_reject_reaches_the_sender_of_an_order_that_an_earlier_process_sent() {
    let orders = Orders::default();
    orders.remember("A", Some(order("A")), &"S".into());
    let mut rig = Rig::with(orders, vec![(2, "A".into())]);
    rig.reject(2);
    assert_eq!(rig.told("A"), said("I", false));
}

#[test]
fn a_business_message_reject_reaches_the_sender_of_the_order() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.receive(MsgType::BUSINESS_MESSAGE_REJECT, "45=2|372=D|380=4|58=closed|");
    assert_eq!(rig.told("A"), said("8", true));
}

#[test]
fn one_that_names_only_the_order_reaches_its_sender_and_one_of_a_request_for_its_state_rejects_nothing() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.receive(MsgType::BUSINESS_MESSAGE_REJECT, "372=H|379=A|380=3|58=no such request|");
    rig.receive(MsgType::BUSINESS_MESSAGE_REJECT, "372=D|379=B|380=4|58=not ours|");
    assert_eq!(rig.told("A"), vec![]);
    rig.receive(MsgType::BUSINESS_MESSAGE_REJECT, "372=D|379=A|380=4|58=closed|");
    assert_eq!(rig.told("A"), said("8", true));
}

#[test]
fn the_counterparty_is_asked_for_an_unknown_order_now_and_after_each_logon_until_it_answers() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    rig.gap_fill(1, 3);
    let mut line = Line { is_full: true, ..Line::default() };
    rig.wake_once(&mut line);
    assert_eq!(line.sent, []);
    line.is_full = false;
    rig.wake(&mut line);
    rig.desk.on_logon(&mut line);
    assert_eq!(line.sent, [MsgType::ORDER_STATUS_REQUEST; 2]);
    rig.receive(MsgType::EXECUTION_REPORT, "37=X|17=E|11=A|790=A|150=I|39=0|54=1|151=1|14=0|6=0|");
    rig.desk.on_logon(&mut line);
    assert_eq!(line.sent.len(), 2);
    assert_eq!(rig.told("A"), [("I".to_owned(), false), ("0".to_owned(), false)]);
}

#[test]
fn an_operator_resolves_what_is_unknown_and_nothing_else() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.write_order(2, "");
    let resolve = || {
        let resolution = Resolution { cl_ord_id: "A".into(), fate: Fate::Filled, note: "phone".into() };
        DeskTask::Resolve(resolution)
    };
    assert!(matches!(rig.ask(resolve()), OrderReply::Rejected { .. }));
    rig.gap_fill(1, 3);
    assert_eq!(rig.orders.all_unknown().len(), 1);
    assert_eq!(rig.ask(resolve()), OrderReply::Noted);
    assert_eq!(rig.told("A").last(), Some(&("2".to_owned(), true)));
    assert!(matches!(rig.ask(resolve()), OrderReply::Rejected { .. }));
    assert_eq!(rig.orders.all_unknown().len(), 0);
}

#[test]
fn a_left_over_order_is_unknown() {
    let mut rig = Rig::new();
    let left_over = rig.claim(order("B"));
    assert_eq!(rig.ask(DeskTask::LeftOver(left_over)), OrderReply::Noted);
    assert_eq!(rig.told("B"), said("I", false));
    assert!(rig.orders.claim(order("B"), &"S".into()).is_err(), "its id stays in use");
}

#[test]
fn after_a_restart_reports_and_what_was_said_are_as_they_were() {
    let mut before = Rig::new();
    for (id, number) in [("A", 2), ("B", 3)] {
        before.place(id, number);
        before.write_order(number, "");
    }
    before.receive(MsgType::EXECUTION_REPORT, FILLED);
    before.flush();
    let orders = Orders::default();
    for id in ["A", "B"] {
        orders.remember(id, Some(order(id)), &"S".into());
    }
    let mut after = Rig::with(orders, vec![(2, "A".into()), (3, "B".into())]);
    after.store = before.store;
    after.desk.opened(&mut after.store);
    after.gap_fill(1, 4);
    assert_eq!(after.told("A"), said("2", true));
    assert_eq!(after.told("B"), said("I", false));
    let id =
        |board: &Board, order| board.reports_of(order)[0].fields()["reportId"].as_str().unwrap().to_owned();
    let (before, after) = (before.board, after.board);
    assert_eq!(id(&after, "A"), id(&before, "A"));
    assert!(id(&after, "A").ends_with("/9") && id(&after, "B").starts_with("S/own/"));
}

#[test]
fn a_halt_cancels_what_works_as_far_as_there_is_room_and_each_order_once() {
    let mut rig = Rig::new();
    for (id, number) in [("A", 2), ("B", 3), ("C", 4)] {
        rig.place(id, number);
    }
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    let since = UtcTimestamp::from_unix(0, 0);
    let halt = Halt { by: "bob".into(), reason: "why".into(), since, cancel_working: true };
    rig.halts.halt(Scope::Engine, halt.clone()).unwrap();
    let mut line = Line { is_full: true, ..Line::default() };
    rig.desk.command(DeskCommand::Wake, &mut line);
    line.is_full = false;
    rig.wake(&mut line);
    assert_eq!(line.sent, [MsgType::ORDER_CANCEL_REQUEST; 2], "A is filled");
    rig.halts.halt(Scope::Engine, halt).unwrap();
    rig.desk.on_logon(&mut line);
    assert_eq!(line.sent.len(), 2, "they are on their way");
    // One was refused, so the next Logon asks again.
    rig.receive(MsgType::ORDER_CANCEL_REJECT, "37=X|11=HALT-0000000-1|41=B|39=0|434=1|102=0|");
    rig.desk.on_logon(&mut line);
    assert_eq!(line.sent.len(), 3);
    let claimed = rig.claim(order("D"));
    let refused = rig.ask(DeskTask::Send(claimed));
    let text = "halted by bob since 19700101-00:00:00: why; not sent".to_owned();
    assert_eq!(refused, OrderReply::Rejected { text });
    for (msg_type, sent) in [
        (MsgType::NEW_ORDER_SINGLE, Err(DoNotSend)),
        (MsgType::ORDER_CANCEL_REPLACE_REQUEST, Err(DoNotSend)),
        (MsgType::ORDER_CANCEL_REQUEST, Ok(())),
    ] {
        let resent = with_message(msg_type, "34=3|43=Y|11=B|", |message| rig.desk.to_app(message));
        assert_eq!(resent, sent, "{msg_type:?} is asked for again");
    }
    // A replacement that overtook the cancel request is cancelled by its own id.
    rig.receive(MsgType::EXECUTION_REPORT, "37=X|17=E|11=B2|41=B|150=5|39=0|54=1|151=1|14=0|6=0|");
    rig.wake(&mut line);
    assert_eq!(line.sent.len(), 4);
    rig.halts.resume(Scope::Engine, "bob").unwrap();
    rig.desk.on_logon(&mut line);
    assert_eq!(line.sent.len(), 4);
    let claimed = rig.claim(order("D"));
    assert!(matches!(rig.ask(DeskTask::Send(claimed)), OrderReply::Accepted { .. }), "its id is free again");
}
