//! One function for each part of the public codec, on bytes that the optimiser knows nothing of.

use core::hint::black_box;

use fix_core::{
    decimal::Decimal,
    dict::{DataPair, fix44::DICTIONARY},
    msg::{
        index::Slot,
        message::Message,
        msg_type::MsgType,
        typed::{self, Heartbeat, Logon, NewOrderSingle, ResendRequest, SequenceReset, TestRequest},
        validate::{Checks, validate},
    },
    tag::Tag,
    time::{Date, MonthYear, UtcTimeOnly, UtcTimestamp},
    wire::{
        check_sum,
        deframer::Deframer,
        field::Fields,
        frame::{Scan, scan},
        value::{DayOfMonth, FromField, MultipleValue, Text, ToField},
        writer::{Encode, MessageWriter, Sink, Writer},
    },
};

#[cfg(not(feature = "host"))]
use fix_core::{
    engine::{Buffers, Engine, Step},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
    },
    store::RingStore,
    time::{Mono, Now},
};

/// A part of the codec: input, output buffer, any number that depends on the result.
pub type Probe = fn(&[u8], &mut [u8]) -> usize;

macro_rules! probes {
    ($($(#[$only:meta])? fn $name:ident($input:ident, $out:ident) $body:block)*) => {
        $(
            $(#[$only])?
            #[cfg_attr(feature = "host", no_panic::no_panic)]
            #[inline(never)]
            fn $name($input: &[u8], $out: &mut [u8]) -> usize $body
        )*

        /// All probes and their names.
        pub const ALL: &[(&str, Probe)] = &[$($(#[$only])? (stringify!($name), $name)),*];
    };
}

fn message(input: &[u8]) -> Option<Message<'_>> {
    match scan(input, input.len()) {
        Scan::Frame(frame, _) => Message::parse(frame).ok(),
        _ => None,
    }
}

const PAIRS: &[DataPair] = &[DataPair { length: Tag(5001), data: Tag(5002) }];

/// With an index, and data fields beside those of FIX 4.4.
fn indexed<'a>(input: &'a [u8], slots: &'a mut [Slot]) -> Option<Message<'a>> {
    match scan(input, input.len()) {
        Scan::Frame(frame, _) => Message::parse_indexed_with(frame, slots, black_box(PAIRS)).ok(),
        _ => None,
    }
}

fn read<'a, T: FromField<'a>>(input: &'a [u8]) -> usize {
    T::from_field(input).map_or(0, |value| {
        black_box(&value);
        1
    })
}

fn write(value: impl ToField, out: &mut [u8]) -> usize {
    let mut writer = Writer::fields(out);
    writer.field(Tag(black_box(58)), value);
    writer.finish_fields().unwrap_or(0)
}

fn typed<'a, T: TryFrom<&'a Message<'a>>>(message: &'a Message<'a>) -> usize {
    T::try_from(message).map_or(0, |value| {
        black_box(&value);
        1
    })
}

#[cfg(not(feature = "host"))]
fn encode(body: &impl Encode, out: &mut [u8]) -> usize {
    let mut message = MessageWriter::new(out, b"FIX.4.4", body.msg_type());
    body.encode_header(message.writer());
    body.encode_body(message.writer());
    message.finish().unwrap_or(0)
}

/// Sends back what it gets.
#[cfg(not(feature = "host"))]
struct Echo;

#[cfg(not(feature = "host"))]
impl Application for Echo {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let order = NewOrderSingle::try_from(message)?;
        out.send(&order).map(|_| ()).map_err(|_| BusinessReject::APPLICATION_NOT_AVAILABLE)
    }
}

#[cfg(not(feature = "host"))]
fn session_config(role: Role) -> Option<SessionConfig> {
    let id = SessionId::new(black_box("US"), black_box("THEM")).ok()?;
    Some(SessionConfig { dictionary: Some(&DICTIONARY), ..SessionConfig::new(role, id) })
}

#[cfg(not(feature = "host"))]
fn session_now() -> Now {
    Now { mono: Mono::from_millis(black_box(5)), utc: UtcTimestamp::from_unix(black_box(5), black_box(5)) }
}

probes! {
    #[cfg(feature = "control")]
    fn control(input, _out) {
        usize::from(input[0])
    }

    fn wire_check_sum(input, _out) {
        usize::from(check_sum::digits(check_sum::check_sum(input))[0])
    }

    fn wire_scan(input, _out) {
        match scan(input, black_box(4096)) {
            Scan::Frame(frame, taken) => frame.bytes().len() ^ frame.body().len() ^ frame.begin_string().len() ^ taken,
            Scan::Partial => 0,
            Scan::Garbled(reason, taken) => taken ^ reason as usize,
        }
    }

    fn wire_deframer(input, out) {
        let mut deframer = Deframer::new(out);
        let mut found = 0;
        let room = deframer.space();
        room.iter_mut().zip(input).for_each(|(room, byte)| *room = *byte);
        deframer.received(black_box(input.len()));
        while let Some(next) = deframer.next_frame() {
            found += next.map_or_else(|garbled| garbled.bytes.len(), |frame| frame.bytes().len());
        }
        found += deframer.pending();
        deframer.clear();
        found
    }

    fn wire_fields(input, _out) {
        Fields::new(input).valid().fold(0, |sum, field| sum ^ field.value.len() ^ field.tag.0 as usize)
    }

    fn wire_sink(input, out) {
        let mut sink = Sink::new(out);
        sink.bytes(input);
        sink.text(input);
        sink.byte(black_box(7));
        sink.number(black_box(u64::MAX));
        0
    }

    fn wire_writer(input, out) {
        let mut message = MessageWriter::new(out, black_box(b"FIX.4.4"), MsgType::from_static(b"D"));
        let tag = Tag(black_box(58));
        message
            .writer()
            .field(tag, input)
            .optional(tag, black_box(Some(7u64)))
            .data(Tag(black_box(95)), Tag(black_box(96)), input)
            .encoded(input);
        message.finish().unwrap_or(0)
    }

    fn read_text(input, _out) {
        read::<&[u8]>(input) + read::<&str>(input) + read::<Text<'_>>(input) + read::<MultipleValue<'_>>(input)
    }

    fn read_numbers(input, _out) {
        read::<u64>(input) + read::<u32>(input) + read::<i64>(input) + read::<Decimal>(input)
    }

    fn read_codes(input, _out) {
        read::<bool>(input) + read::<u8>(input) + read::<DayOfMonth>(input)
    }

    fn read_times(input, _out) {
        read::<UtcTimestamp>(input) + read::<UtcTimeOnly>(input) + read::<Date>(input) + read::<MonthYear>(input)
    }

    fn write_text(input, out) {
        write(input, out) + core::str::from_utf8(input).map_or(0, |text| write(text, out))
    }

    fn write_numbers(_input, out) {
        write(black_box(7u64), out)
            + write(black_box(7u32), out)
            + write(black_box(-7i64), out)
            + write(Decimal::new(black_box(7), black_box(7)), out)
    }

    fn write_codes(_input, out) {
        write(black_box(true), out) + write(black_box(b'1'), out)
    }

    fn write_times(input, out) {
        let moment = UtcTimestamp::from_unix(black_box(7), black_box(7));
        write(moment, out)
            + UtcTimeOnly::from_field(input).map_or(0, |time| write(time, out))
            + Date::from_field(input).map_or(0, |date| write(date, out))
            + MonthYear::from_field(input).map_or(0, |month| write(month, out))
    }

    fn decimal_arithmetic(_input, _out) {
        let [a, b] = [black_box(7), black_box(8)].map(|mantissa| Decimal::new(mantissa, black_box(3)));
        let sums = [a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_div(b, black_box(4)), a.rescale(2)];
        black_box(sums);
        usize::from(a.is_multiple_of(b)) + usize::from(a < b) + a.normalized().scale() as usize
    }

    fn time_arithmetic(_input, _out) {
        let [a, b] = [black_box(7), black_box(8)].map(|seconds| UtcTimestamp::from_unix(seconds, black_box(7)));
        a.abs_diff(b).as_secs() as usize ^ a.plus_seconds(black_box(1)).unix_seconds() as usize
    }

    fn message_parse(input, _out) {
        message(input).map_or(0, |message| {
            let header = message.header();
            let fields = message.fields().count() + message.body_fields().count() + message.header_fields().count();
            fields ^ message.msg_type().as_bytes().len() ^ header.msg_seq_num().is_some() as usize
        })
    }

    fn message_parse_with(input, _out) {
        match scan(input, input.len()) {
            Scan::Frame(frame, _) => Message::parse_with(frame, black_box(PAIRS)).map_or(0, |message| {
                message.fields().count() ^ message.get(Tag(black_box(5002))).map_or(0, <[u8]>::len)
            }),
            _ => 0,
        }
    }

    fn message_indexed(input, _out) {
        let mut slots = [Slot::EMPTY; 16];
        indexed(input, &mut slots).map_or(0, |message| {
            let group = message.group(&fix_core::dict::fix44::group::PARTIES);
            let entries = group.iter().map(|entry| entry.fields().count()).fold(0, usize::wrapping_add);
            entries ^ message.fields().count() ^ message.get(Tag(black_box(5002))).map_or(0, <[u8]>::len)
        })
    }

    fn message_get(input, _out) {
        message(input).map_or(0, |message| {
            let required = message.required::<Decimal>(Tag(black_box(44))).is_ok();
            let optional = message.optional::<UtcTimestamp>(Tag(black_box(60))).is_ok();
            message.get(Tag(black_box(11))).map_or(0, <[u8]>::len) + usize::from(required) + usize::from(optional)
        })
    }

    fn message_group(input, _out) {
        message(input).map_or(0, |message| {
            let group = message.group(&fix_core::dict::fix44::group::PARTIES);
            group.iter().map(|entry| entry.fields().count()).fold(0, usize::wrapping_add)
        })
    }

    fn typed_admin(input, _out) {
        message(input).map_or(0, |message| {
            typed::<Heartbeat<'_>>(&message)
                + typed::<Logon<'_>>(&message)
                + typed::<ResendRequest<'_>>(&message)
                + typed::<SequenceReset<'_>>(&message)
                + typed::<TestRequest<'_>>(&message)
                + typed::<typed::Logout<'_>>(&message)
                + typed::<typed::Reject<'_>>(&message)
        })
    }

    fn typed_orders(input, _out) {
        message(input).map_or(0, |message| {
            typed::<NewOrderSingle<'_>>(&message)
                + typed::<typed::OrderCancelRequest<'_>>(&message)
                + typed::<typed::OrderCancelReplaceRequest<'_>>(&message)
                + typed::<typed::ExecutionReport<'_>>(&message)
                + typed::<typed::OrderCancelReject<'_>>(&message)
        })
    }

    fn typed_market_data(input, _out) {
        message(input).map_or(0, |message| {
            typed::<typed::MarketDataRequest<'_>>(&message)
                + typed::<typed::MarketDataSnapshotFullRefresh<'_>>(&message)
                + typed::<typed::MarketDataIncrementalRefresh<'_>>(&message)
        })
    }

    // A typed message calls through pointers: entries may be made by the caller's closure, and its extra fields
    // know the named ones by a function. The host's proof must assume that such a call panics; the bare-metal
    // proof, which sees the whole program, need not.
    #[cfg(not(feature = "host"))]
    fn typed_encode(input, out) {
        let text = Text::new(input);
        let order = NewOrderSingle { cl_ord_id: text, symbol: Some(text), ..NewOrderSingle::default() };
        let report = message(input).map_or(0, |message| {
            typed::ExecutionReport::try_from(&message).map_or(0, |report| encode(&report, out))
        });
        report
            + encode(&Heartbeat { test_req_id: Some(text), ..Heartbeat::default() }, out)
            + encode(&TestRequest { test_req_id: text, ..TestRequest::default() }, out)
            + encode(&SequenceReset { new_seq_no: black_box(7), ..SequenceReset::default() }, out)
            + encode(&ResendRequest { begin_seq_no: black_box(7), ..ResendRequest::default() }, out)
            + encode(&order, out)
    }

    // The session calls its application and its store through tables, which the host's proof cannot see through.
    #[cfg(not(feature = "host"))]
    fn session(input, out) {
        let now = session_now();
        let Some(config) = session_config(black_box(Role::Acceptor)) else { return 0 };
        let buffers = Buffers { inbound: [0; 2048], outbound: [0; 2048], kept: [0; 2048] };
        let mut engine = Engine::new(config, buffers, RingStore::<4, 512>::new(), Echo);
        engine.connected(now);
        let space = engine.space();
        let count = input.len().min(space.len());
        for (to, from) in space.iter_mut().zip(input) {
            *to = *from;
        }
        engine.received(now, count);
        let mut written = 0;
        for _ in 0..black_box(9) {
            match engine.poll(now) {
                Step::Write(bytes) => {
                    written = bytes.len();
                    for (to, from) in out.iter_mut().zip(bytes) {
                        *to = *from;
                    }
                    engine.sent(written);
                }
                Step::Wait(_) | Step::Close(_) => break,
            }
        }
        let sent = engine.send(now, &Heartbeat::default()).is_ok();
        engine.logout(now, Some("done"));
        let reset = engine.reset(now).is_ok();
        engine.disconnected(now);
        let numbers = engine.set_next_in(black_box(7)).is_ok() && engine.set_next_out(black_box(7)).is_ok();
        black_box(engine.status());
        written + usize::from(sent) + usize::from(reset) + usize::from(numbers)
    }

    fn validation(input, _out) {
        message(input).map_or(0, |message| usize::from(validate(&message, &DICTIONARY, black_box(&Checks::ALL)).is_ok()))
    }
}
