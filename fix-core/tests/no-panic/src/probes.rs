//! One function for each part of the public codec, on bytes that the optimiser knows nothing of.

use core::hint::black_box;

use fix_core::{
    code,
    decimal::Decimal,
    dict::{DataPair, FieldType, TagSet, fix44::DICTIONARY, is_secret},
    msg::{
        header::{is_header_tag, is_trailer_tag},
        index::Slot,
        message::Message,
        msg_type::MsgType,
        reject::{Finding, SessionRejectReason},
        typed::{self, Heartbeat, Logon, NewOrderSingle},
        validate::{Checks, validate},
    },
    tag::Tag,
    time::{Date, MonthYear, UtcTimeOnly, UtcTimestamp},
    wire::{
        check_sum,
        deframer::Deframer,
        field::{Fields, data_tag_of},
        frame::{Scan, scan},
        value::{Data, DayOfMonth, FromField, MultipleValue, Secret, Text, ToField},
        writer::{Encode, MessageWriter, Sink, Writer},
    },
};

#[cfg(not(feature = "host"))]
use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::validate::findings,
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
    },
    store::RingStore,
    time::{Mono, Now},
};

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

fn encode(body: &impl Encode, out: &mut [u8]) -> usize {
    let mut message = MessageWriter::new(out, b"FIX.4.4", body.msg_type());
    body.encode_header(message.writer());
    body.encode_body(message.writer());
    message.finish().unwrap_or(0)
}

/// Reads a typed message, what it does not name too, and writes it again.
fn again<'a, T: TryFrom<&'a Message<'a>> + Encode>(message: &'a Message<'a>, out: &mut [u8]) -> usize {
    T::try_from(message).map_or(0, |typed| encode(&typed, out))
}

macro_rules! again {
    ($message:ident, $out:ident: $($name:ident)*) => { 0 $(^ again::<typed::$name<'_>>($message, $out))* };
}

/// Sends back what it gets.
#[cfg(not(feature = "host"))]
pub(crate) struct Echo;

#[cfg(not(feature = "host"))]
impl Application for Echo {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let order = NewOrderSingle::try_from(message)?;
        out.send(&order).map(|_| ()).map_err(|_| BusinessReject::APPLICATION_NOT_AVAILABLE)
    }
}

/// The sets of tags that dictionaries are made of, as a host builds them at run time.
fn message_set(tag: Tag) -> bool {
    const WORDS: [u32; 2] = TagSet::words(&[Tag(11), Tag(54)]);
    TagSet::new(&WORDS, &[Tag(5001)]).contains(tag)
}

fn field_kinds(name: &str) -> usize {
    FieldType::from_name(name).map_or(0, |kind| {
        let tests = [kind.is_data(), kind.is_structure(), kind.is_any_text(), kind.is_multiple_value()];
        tests.iter().filter(|test| **test).count() ^ kind.name().len()
    })
}

#[cfg(not(feature = "host"))]
pub(crate) fn session_config(role: Role) -> Option<SessionConfig> {
    let id = SessionId::new(black_box("US"), black_box("THEM")).ok()?;
    Some(SessionConfig { dictionary: Some(&DICTIONARY), ..SessionConfig::new(role, id) })
}

#[cfg(not(feature = "host"))]
pub(crate) fn session_now() -> Now {
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
            Scan::Garbled(reason, taken) => {
                black_box(reason);
                taken
            }
        }
    }

    fn wire_deframer(input, out) {
        let mut deframer = Deframer::new(out);
        let mut found = 0;
        let room = deframer.space();
        room.iter_mut().zip(input).for_each(|(room, byte)| *room = *byte);
        deframer.received(black_box(input.len()));
        while let Some(next) = deframer.next_frame() {
            found += match next {
                Ok(frame) => frame.bytes().len(),
                Err(garbled) => deframer.skipped(&garbled).len(),
            };
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
            .required(tag, input)
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
        read::<u64>(input) + read::<u32>(input) + read::<i64>(input) + read::<i32>(input) + read::<Decimal>(input)
    }

    fn read_codes(input, _out) {
        read::<bool>(input) + read::<u8>(input) + read::<DayOfMonth>(input)
            + read::<code::Side>(input) + read::<code::OrdRejReason>(input) + read::<code::SecurityType<'_>>(input)
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
            + write(black_box(-7i32), out)
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

    fn message_parse(input, _out) {
        message(input).map_or(0, |message| {
            let header = message.header();
            let fields = message.fields().count() + message.body_fields().count() + message.header_fields().count();
            fields ^ message.msg_type().as_bytes().len() ^ header.msg_seq_num().is_some() as usize
        })
    }

    fn message_parse_with(input, _out) {
        let Scan::Frame(frame, _) = scan(input, input.len()) else { return 0 };
        let message = Message::parse_with(frame, black_box(PAIRS));
        let message = message.unwrap_or_else(|_| Message::recover(frame, black_box(PAIRS)));
        let is_whole = usize::from(message.malformed().is_none());
        message.fields().count() ^ message.get(Tag(black_box(5002))).map_or(is_whole, <[u8]>::len)
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

    fn typed_read(input, _out) {
        message(input).map_or(0, |message| {
            let message = &message;
            typed::<Logon<'_>>(message)
                ^ typed::<NewOrderSingle<'_>>(message)
                ^ typed::<typed::News<'_>>(message)
                ^ typed::<typed::OrderCancelRequest<'_>>(message)
                ^ typed::<typed::OrderCancelReplaceRequest<'_>>(message)
                ^ typed::<typed::OrderStatusRequest<'_>>(message)
                ^ typed::<typed::ExecutionReport<'_>>(message)
                ^ typed::<typed::OrderMassCancelRequest<'_>>(message)
                ^ typed::<typed::OrderMassCancelReport<'_>>(message)
                ^ typed::<typed::OrderMassStatusRequest<'_>>(message)
                ^ typed::<typed::MarketDataRequest<'_>>(message)
                ^ typed::<typed::MarketDataSnapshotFullRefresh<'_>>(message)
                ^ typed::<typed::MarketDataIncrementalRefresh<'_>>(message)
                ^ typed::<typed::MarketDataRequestReject<'_>>(message)
                ^ typed::<typed::TradeCaptureReport<'_>>(message)
        })
    }

    fn typed_read_quotes_and_securities(input, _out) {
        message(input).map_or(0, |message| {
            let message = &message;
            typed::<typed::QuoteRequest<'_>>(message)
                ^ typed::<typed::QuoteRequestReject<'_>>(message)
                ^ typed::<typed::Quote<'_>>(message)
                ^ typed::<typed::QuoteResponse<'_>>(message)
                ^ typed::<typed::QuoteCancel<'_>>(message)
                ^ typed::<typed::MassQuoteAcknowledgement<'_>>(message)
                ^ typed::<typed::SecurityDefinitionRequest<'_>>(message)
                ^ typed::<typed::SecurityDefinition<'_>>(message)
                ^ typed::<typed::SecurityListRequest<'_>>(message)
                ^ typed::<typed::SecurityList<'_>>(message)
                ^ typed::<typed::SecurityStatusRequest<'_>>(message)
                ^ typed::<typed::SecurityStatus<'_>>(message)
        })
    }

    // Messages without groups, read and written.
    fn typed_again(input, out) {
        message(input).map_or(0, |message| {
            let message = &message;
            again!(message, out: Heartbeat TestRequest ResendRequest Reject SequenceReset Logout OrderCancelReject
                BusinessMessageReject TradingSessionStatusRequest TradingSessionStatus)
        })
    }

    fn typed_entries(input, out) {
        let parties = [typed::Party { party_id: Some(Text::new(input)), ..typed::Party::default() }];
        let entries = typed::Entries::of(&parties[..black_box(1).min(1)]);
        let mut writer = Writer::fields(out);
        let subs = [typed::PartySub { party_sub_id: Some(Text::new(input)), ..typed::PartySub::default() }];
        typed::GroupEntry::write_entry(&subs[0], &mut writer);
        entries.len() ^ usize::from(entries.is_empty()) ^ entries.iter().count() ^ writer.finish_fields().unwrap_or(0)
    }

    fn typed_extra(input, _out) {
        let sent = typed::Extra::encoded(input).with_data_fields(&[]);
        message(input).map_or(0, |message| {
            let tag = Tag(black_box(5001));
            Heartbeat::try_from(&message).map_or(0, |heartbeat| {
                heartbeat.extra.iter().count() ^ heartbeat.extra.get(tag).map_or(0, <[u8]>::len)
            })
        }) ^ sent.iter().count()
    }

    // The entries of a group may be made by the caller's closure, when they are written. The host's proof must assume
    // that such a call panics; the bare-metal proof, which sees the whole program, need not.
    #[cfg(not(feature = "host"))]
    fn typed_again_with_groups(input, out) {
        message(input).map_or(0, |message| {
            let message = &message;
            again!(message, out: Logon News NewOrderSingle OrderCancelRequest OrderCancelReplaceRequest
                OrderStatusRequest ExecutionReport OrderMassCancelRequest OrderMassCancelReport
                OrderMassStatusRequest MarketDataRequest MarketDataSnapshotFullRefresh
                MarketDataIncrementalRefresh MarketDataRequestReject QuoteRequest QuoteRequestReject Quote
                QuoteResponse QuoteCancel MassQuoteAcknowledgement SecurityDefinitionRequest SecurityDefinition
                SecurityListRequest SecurityList SecurityStatusRequest SecurityStatus TradeCaptureReport)
        })
    }

    #[cfg(not(feature = "host"))]
    fn typed_entries_made(input, out) {
        let make = |number: usize| typed::Party {
            party_id: Some(Text::new(input)),
            party_role: Some(code::PartyRole(number as i32)),
            ..typed::Party::default()
        };
        let order = NewOrderSingle {
            cl_ord_id: Text::new(input),
            parties: typed::Entries::from_fn(black_box(3), &make),
            ..NewOrderSingle::default()
        };
        encode(&order, out)
    }

    // The session calls its application and its store through tables, which the host's proof cannot see through.
    #[cfg(not(feature = "host"))]
    fn session(input, out) {
        let now = session_now();
        let Some(config) = session_config(black_box(Role::Acceptor)) else { return 0 };
        let buffers = Buffers { inbound: [0; 2048], outbound: [0; 2048], kept: [0; 2048] };
        let mut engine = Engine::new(config, buffers, RingStore::<4, 512>::new(), Echo);
        let written = fed!(engine, now, input, out);
        let sent = engine.send(now, &Heartbeat::default()).is_ok();
        engine.logout(Some("done"));
        let reset = engine.reset(now).is_ok();
        engine.disconnected(now);
        let numbers = engine.set_next_in(black_box(7)).is_ok() && engine.set_next_out(black_box(7)).is_ok();
        black_box(engine.status());
        written + usize::from(sent) + usize::from(reset) + usize::from(numbers)
    }

    fn validation(input, _out) {
        message(input).map_or(0, |message| usize::from(validate(&message, &DICTIONARY, black_box(&Checks::ALL)).is_ok()))
    }

    fn validation_indexed(input, _out) {
        let mut slots = [Slot::EMPTY; 64];
        indexed(input, &mut slots)
            .map_or(0, |message| usize::from(validate(&message, &DICTIONARY, black_box(&Checks::ALL)).is_ok()))
    }

    fn reject_reasons(_input, _out) {
        let finding = Finding::field(black_box(SessionRejectReason::ValueIncorrect), Tag(black_box(44)));
        let other = Finding::message(black_box(SessionRejectReason::InvalidMsgType));
        finding.reason.code() as usize ^ finding.reason.text().len() ^ other.reason.code() as usize
    }

    fn message_views(input, _out) {
        match scan(input, input.len()) {
            Scan::Frame(frame, _) => {
                let mut sum = 0;
                let each = Message::parse_each(frame, |field| sum ^= field.value.len()).is_ok();
                let mut slots = [Slot::EMPTY; 8];
                let indexed = Message::parse_indexed(frame, &mut slots).map_or(0, |message| {
                    let level = message.level(&fix_core::dict::fix44::message::NEW_ORDER_SINGLE);
                    let group = level.group(&fix_core::dict::fix44::group::PARTIES);
                    let declared = group.declared().is_some();
                    message.frame().bytes().len() ^ message.body().len() ^ level.as_bytes().len()
                        ^ group.as_bytes().len() ^ group.def().name.len() ^ usize::from(declared)
                });
                sum ^ usize::from(each) ^ indexed
            }
            _ => 0,
        }
    }

    fn message_types(input, _out) {
        let fixed = MsgType::from_static(b"AE");
        MsgType::from_bytes(input).map_or(0, |msg_type| {
            msg_type.as_bytes().len() ^ usize::from(msg_type.is_admin()) ^ usize::from(msg_type == fixed)
        })
    }

    fn tags(_input, _out) {
        let tag = Tag(black_box(95));
        let pair = DataPair { length: tag, data: Tag(black_box(96)) };
        let extra: [DataPair; 2] = DataPair::extra(black_box(PAIRS));
        usize::from(is_header_tag(tag)) ^ usize::from(is_trailer_tag(tag)) ^ usize::from(data_tag_of(tag).is_some())
            ^ usize::from(pair.is_fix44()) ^ DataPair::count_extra(black_box(PAIRS)) ^ extra.len()
    }

    fn fields_with_data(input, _out) {
        let mut fields = Fields::with_data_tags(input, black_box(PAIRS));
        let first = fields.next().is_some();
        fields.rest().len() ^ usize::from(first)
    }

    fn dictionary(input, _out) {
        let (tag, dictionary) = (Tag(black_box(54)), &DICTIONARY);
        let name = core::str::from_utf8(input).unwrap_or_default();
        let field = dictionary.field(tag).map_or(0, |field| usize::from(field.is_any_text()) ^ field.kind.name().len());
        let codes = dictionary.field(tag).and_then(|field| field.codes).map_or(0, |set| {
            set.codes().len() ^ usize::from(set.contains(input)) ^ set.name(input).map_or(0, str::len)
        });
        let message = dictionary.message(input).map_or(0, |message| {
            usize::from(message.body.contains(tag)) ^ usize::from(message.body.group(tag).is_some())
        });
        field ^ codes ^ message
            ^ usize::from(dictionary.tag(name).is_some() ^ dictionary.names.find(name).is_some())
            ^ dictionary.names.get(tag).map_or(0, str::len) ^ dictionary.names.iter().count()
            ^ dictionary.field_name(tag).map_or(0, str::len) ^ dictionary.code_name(tag, input).map_or(0, str::len)
            ^ usize::from(dictionary.data_tag(tag).is_some()) ^ usize::from(is_secret(tag, input))
            ^ usize::from(message_set(tag)) ^ field_kinds(name)
    }

    // Calls the caller's closure.
    #[cfg(not(feature = "host"))]
    fn findings_reported(input, _out) {
        let mut count = 0usize;
        if let Some(message) = message(input) {
            findings(&message, &DICTIONARY, black_box(&Checks::ALL), &mut |_| count = count.wrapping_add(1));
        }
        count
    }

    fn names_of_codes(input, _out) {
        let kind = code::SecurityType(Text::new(input));
        let names = [code::Side(black_box(b'1')).name(), code::OrdRejReason(black_box(-7)).name(), kind.name()];
        names.into_iter().flatten().map(str::len).sum()
    }

    fn values(input, _out) {
        let text = Text::new(input);
        let secret = Secret::new(input);
        let day = DayOfMonth::new(black_box(31)).map_or(0, DayOfMonth::get);
        let codes = MultipleValue::from_field(input).map_or(0, |codes| {
            codes.iter().count() ^ usize::from(codes.contains(input)) ^ codes.as_bytes().len()
        });
        text.as_bytes().len() ^ text.as_str().map_or(0, str::len) ^ usize::from(text.is_empty())
            ^ secret.expose().len() ^ usize::from(day) ^ codes
    }

    fn write_other_values(input, out) {
        write(Text::new(input), out)
            + write(Secret::new(input), out)
            + DayOfMonth::new(black_box(7)).map_or(0, |day| write(day, out))
            + MultipleValue::from_field(input).map_or(0, |codes| write(codes, out))
    }

    fn read_other_values(input, _out) {
        read::<Secret<'_>>(input) + read::<Data<'_>>(input)
    }
}
