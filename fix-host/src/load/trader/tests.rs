use fix_core::{
    time::{Mono, Now},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

use super::*;
use crate::load::{plan::plan, report::tests_support::ending};

/// Keeps what is sent, while there is room.
struct Line {
    sent: Vec<Vec<u8>>,
    room: usize,
}

impl Line {
    fn new() -> Self {
        Line { sent: Vec::new(), room: usize::MAX }
    }
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        if self.sent.len() >= self.room {
            return Err(CapacityError::Full.into());
        }
        let mut buffer = [0; 512];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
        message.encode_body(writer.writer());
        let len = writer.finish().unwrap();
        self.sent.push(buffer[..len].to_vec());
        Ok(self.sent.len() as u64 + 1)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(1, 0) }
    }
}

fn parse<R>(bytes: &[u8], then: impl FnOnce(&Message<'_>) -> R) -> R {
    let Scan::Frame(frame, _) = scan(bytes, 512) else { panic!("not a frame") };
    then(&Message::parse(frame).unwrap())
}

fn hear(trader: &mut LoadTrader, msg_type: MsgType, fields: &str, now: u64) {
    let mut buffer = [0; 512];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    parse(&buffer[..len], |message| trader.receive(message, now));
    trader.show_left();
}

fn field(bytes: &[u8], tag: fix_core::tag::Tag) -> String {
    parse(bytes, |message| String::from_utf8(message.get(tag).unwrap_or_default().to_vec()).unwrap())
}

fn trader(plan: LoadPlan) -> LoadTrader {
    LoadTrader::new(Run::new(plan), 0, UtcTimestamp::from_unix(1, 0))
}

/// Says the same of every request that was sent from place `from` on.
fn answer(trader: &mut LoadTrader, line: &Line, from: usize, said: &str, now: u64) {
    for request in &line.sent[from..] {
        let id = field(request, tag::CL_ORD_ID);
        hear(trader, MsgType::EXECUTION_REPORT, &format!("11={id}|{said}"), now);
    }
}

const MS: u64 = 1_000_000;

#[test]
fn a_latency_counts_from_the_moment_at_which_the_order_was_meant_to_be_sent() {
    let mut trader = trader(plan(1_000, 1, 1));
    let mut line = Line { room: 1, ..Line::new() };
    trader.send_due(0, &mut line);
    assert_eq!(line.sent.len(), 1);
    // The connection takes nothing for 100 ms: 100 more orders are due meanwhile.
    trader.send_due(100 * MS, &mut line);
    assert_eq!(line.sent.len(), 1);
    line.room = usize::MAX;
    trader.send_due(100 * MS, &mut line);
    assert_eq!(line.sent.len(), 101);
    answer(&mut trader, &line, 0, "150=0|39=0|", 101 * MS);
    let tally = trader.run.tally();
    let ack = &tally.ack[Kind::New as usize];
    assert_eq!(ack.len(), 101);
    // The answer to each took 1 ms from when it was sent; what it waited before that counts.
    assert!(ack.max() >= 101 * MS && ack.min() <= MS + MS / 100, "{} {}", ack.min(), ack.max());
    assert!(ack.value_at_quantile(0.5) > 50 * MS);
    assert!(tally.late.max() >= 99 * MS);
}

#[test]
fn few_orders_rest_and_all_others_are_filled() {
    let mut trader = trader(LoadPlan { mix: "new:1".parse().unwrap(), ..plan(1_000, 1, 1) });
    let mut line = Line::new();
    trader.send_due(99 * MS, &mut line);
    assert_eq!(line.sent.len(), 100);
    let resting = line.sent.iter().filter(|order| field(order, tag::ORD_TYPE) == "2").count();
    assert_eq!(resting, 10);
    answer(&mut trader, &line, 0, "150=0|39=0|", 100 * MS);
    assert_eq!((trader.run.all_left().unanswered, trader.run.all_left().unfinished), (0, 90));
    answer(&mut trader, &line, 10, "150=F|39=2|", 120 * MS);
    assert_eq!(trader.run.all_left().unfinished, 0);
    let tally = trader.run.tally();
    assert_eq!((tally.filled, tally.fill.len()), (90, 90));
    assert!(tally.fill.max() >= 110 * MS, "number 10 was meant for 10 ms");
}

#[test]
fn resting_orders_are_cancelled_and_replaced_by_the_ids_they_go_by() {
    let mut trader =
        trader(LoadPlan { mix: "new:1,cancel:1,replace:1".parse().unwrap(), ..plan(1_000, 1, 1) });
    let mut line = Line::new();
    let mut open = std::collections::BTreeSet::new();
    for now in 0..1_000 {
        let from = line.sent.len();
        trader.send_due(now * MS, &mut line);
        for request in &line.sent[from..] {
            let (id, orig) = (field(request, tag::CL_ORD_ID), field(request, tag::ORIG_CL_ORD_ID));
            let said = match field(request, tag::MSG_TYPE).as_str() {
                "D" if field(request, tag::ORD_TYPE) == "1" => "150=F|39=2|",
                "D" => {
                    open.insert(id.clone());
                    "150=0|39=0|"
                }
                "F" => {
                    assert!(open.remove(&orig), "{orig} is open");
                    "150=4|39=4|"
                }
                _ => {
                    assert!(open.remove(&orig), "{orig} is open");
                    open.insert(id.clone());
                    "150=5|39=0|"
                }
            };
            hear(&mut trader, MsgType::EXECUTION_REPORT, &format!("11={id}|41={orig}|{said}"), now * MS + 1);
        }
    }
    let tally = trader.run.tally();
    assert_eq!(tally.all_sent(), 1_000);
    assert_eq!(tally.acked, tally.sent);
    assert_eq!(tally.canceled, tally.sent[Kind::Cancel as usize]);
    assert!(tally.sent.iter().all(|sent| *sent > 250), "{:?}", tally.sent);
}

#[test]
fn a_refusal_is_known_by_its_id_or_by_the_number_of_the_message() {
    let mut trader = trader(LoadPlan { mix: "new:1".parse().unwrap(), ..plan(1_000, 1, 1) });
    let mut line = Line::new();
    trader.send_due(3 * MS, &mut line);
    let ids: Vec<String> = line.sent.iter().map(|order| field(order, tag::CL_ORD_ID)).collect();
    hear(&mut trader, MsgType::EXECUTION_REPORT, &format!("11={}|150=8|39=8|58=no|", ids[0]), MS);
    hear(&mut trader, MsgType::BUSINESS_MESSAGE_REJECT, &format!("379={}|380=4|58=no|", ids[1]), MS);
    hear(&mut trader, MsgType::BUSINESS_MESSAGE_REJECT, "45=4|380=4|58=no|", MS);
    hear(&mut trader, MsgType::EXECUTION_REPORT, "11=of another|150=8|39=8|", MS);
    assert_eq!(trader.run.all_left().unanswered, 1);
    let tally = trader.run.tally();
    assert_eq!((tally.rejected[0], tally.reasons.get("no")), (3, Some(&3)));
}

#[test]
fn an_order_whose_change_is_refused_rests_on_unless_it_is_over() {
    let plan = LoadPlan { mix: "new:1,cancel:500,replace:500".parse().unwrap(), ..plan(1_000, 1, 1) };
    for (msg_type, refusal, rests) in [
        (MsgType::ORDER_CANCEL_REJECT, "39=0|102=3|", true),
        (MsgType::EXECUTION_REPORT, "150=8|39=0|", true),
        (MsgType::BUSINESS_MESSAGE_REJECT, "380=4|", true),
        (MsgType::ORDER_CANCEL_REJECT, "39=4|102=0|", false),
        (MsgType::ORDER_CANCEL_REJECT, "39=8|102=1|", false),
    ] {
        let mut trader = trader(plan.clone());
        let mut line = Line::new();
        trader.send_due(0, &mut line);
        answer(&mut trader, &line, 0, "150=0|39=0|", 0);
        trader.send_due(MS, &mut line);
        assert_eq!(
            (line.sent.len(), trader.outstanding.open_orders()),
            (2, usize::from(field(&line.sent[1], tag::MSG_TYPE) == "G"))
        );
        let id = field(&line.sent[1], tag::CL_ORD_ID);
        hear(&mut trader, msg_type, &format!("11={id}|379={id}|{refusal}"), MS);
        assert_eq!(trader.outstanding.open_orders(), usize::from(rests), "{msg_type} {refusal}");
    }
}

#[test]
fn what_rests_at_the_end_is_cancelled_and_what_is_not_is_counted() {
    let mut trader = trader(LoadPlan { mix: "new:1".parse().unwrap(), ..plan(1_000, 1, 1) });
    let mut line = Line::new();
    trader.send_due(2 * MS, &mut line);
    answer(&mut trader, &line, 0, "150=0|39=0|", 3 * MS);
    assert_eq!(trader.run.all_left().resting, 3);
    trader.run.is_reported.store(true, Ordering::Relaxed);
    trader.command(Due, &mut line);
    trader.command(Due, &mut line);
    let cancels: Vec<_> = line.sent[3..].iter().map(|one| field(one, tag::CL_ORD_ID)).collect();
    assert_eq!((cancels.len(), trader.run.all_left().resting), (3, 3));
    hear(&mut trader, MsgType::EXECUTION_REPORT, &format!("11={}|150=4|39=4|", cancels[0]), 4 * MS);
    hear(&mut trader, MsgType::ORDER_CANCEL_REJECT, &format!("11={}|39=0|102=0|", cancels[1]), 4 * MS);
    hear(&mut trader, MsgType::ORDER_CANCEL_REJECT, &format!("11={}|39=2|102=0|", cancels[2]), 4 * MS);
    let left = trader.run.all_left();
    assert_eq!((left.resting, left.kept), (0, 1));
}

#[test]
fn sessions_take_turns_and_nothing_is_sent_after_the_end() {
    let run = Run::new(plan(1_000, 1, 3));
    let mut traders: Vec<LoadTrader> =
        (0..3).map(|session| LoadTrader::new(run.clone(), session, UtcTimestamp::from_unix(1, 0))).collect();
    let mut lines = [(); 3].map(|()| Line::new());
    for (trader, line) in traders.iter_mut().zip(&mut lines) {
        trader.send_due(499 * MS, line);
    }
    assert_eq!([0, 1, 2].map(|place| lines[place].sent.len()), [167, 167, 166]);
    assert_eq!(run.all_left().unsent, 500);
    run.stopwatch.end();
    for (trader, line) in traders.iter_mut().zip(&mut lines) {
        trader.send_due(2_000 * MS, line);
    }
    assert_eq!(run.tally().all_sent(), 500);
    let report = crate::load::report::LoadReport::new(&run, ending());
    assert_eq!((report.unsent, report.unanswered, report.rate_reached), (500, 500, 500.0));
    assert_eq!(report.problems.len(), 2, "{:?}", report.problems);
}
