//! Random messages of all 93 types, made from the dictionary: they decode to what was encoded, validate, and the
//! typed ones lose no field on the way through their struct.

use std::collections::BTreeMap;

use fix_core::{
    dict::{
        Block, FieldType, GroupDef, MessageDef,
        fix44::{DICTIONARY, group},
    },
    msg::{
        message::{FieldMap, Message},
        msg_type::MsgType,
        typed,
        validate::{Checks, SessionRejectReason, findings, validate},
    },
    tag::Tag,
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter, Writer},
    },
};
use proptest::{
    prelude::*,
    test_runner::{FileFailurePersistence, TestRng},
};

const MAX: usize = 1 << 20;

/// A field with its value, or a repeating group.
#[derive(Debug, Clone)]
enum Node {
    Field(Tag, Vec<u8>),
    Group(&'static GroupDef, Vec<Vec<Node>>),
}

/// Draws messages. The generator's state is proptest's, so that a failure can be repeated.
struct Draw {
    rng: TestRng,
    /// One field in so many is there.
    sparse: u32,
}

impl Draw {
    fn below(&mut self, limit: u32) -> u32 {
        self.rng.next_u32() % limit
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    fn level(&mut self, block: &Block) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (place, member) in block.members.iter().enumerate() {
            let is_delimiter = place == 0;
            if !is_delimiter && !block.required.contains(member) && self.below(self.sparse) != 0 {
                continue;
            }
            let field = DICTIONARY.field(*member).unwrap();
            if let Some(group) = block.group(*member) {
                let entries = (0..1 + self.below(2)).map(|_| self.level(&group.entry)).collect();
                nodes.push(Node::Group(group, entries));
            } else if field.kind.is_data() {
                // It is written together with its Length field.
            } else if let Some(data_tag) = DICTIONARY.data_tag(*member) {
                let data: Vec<u8> = (0..1 + self.below(8)).map(|_| self.pick(b"a=\x01|10=")).collect();
                nodes.push(Node::Field(*member, data.len().to_string().into_bytes()));
                nodes.push(Node::Field(data_tag, data));
            } else {
                let value = self.value(*member);
                nodes.push(Node::Field(*member, value));
            }
        }
        nodes
    }

    fn value(&mut self, tag: Tag) -> Vec<u8> {
        let field = DICTIONARY.field(tag).unwrap();
        if let Some(codes) = field.codes.filter(|_| !field.open) {
            let codes: Vec<&str> = codes.codes().iter().map(|code| code.value).collect();
            let mut value = self.pick(&codes).to_owned();
            if field.kind.is_multiple_value() && self.below(2) == 0 {
                value = value + " " + self.pick(&codes);
            }
            return value.into_bytes();
        }
        match field.kind {
            FieldType::Char => vec![b'A' + self.below(26) as u8],
            FieldType::Boolean => vec![self.pick(b"YN")],
            // Codes that a dictionary does not list are positive too: 100 and above are for bilateral use.
            FieldType::Int if field.codes.is_some() => (self.rng.next_u32() as i32).to_string().into_bytes(),
            FieldType::Int => {
                (i64::from(self.rng.next_u32()) - i64::from(u32::MAX / 2)).to_string().into_bytes()
            }
            FieldType::Length | FieldType::NumInGroup | FieldType::SeqNum => {
                self.rng.next_u32().to_string().into_bytes()
            }
            FieldType::Price
            | FieldType::Qty
            | FieldType::Amt
            | FieldType::Float
            | FieldType::Percentage
            | FieldType::PriceOffset => {
                format!("{}{}.{:04}", self.pick(&["", "-"]), self.below(100_000), self.below(10_000))
                    .into_bytes()
            }
            FieldType::UtcTimestamp => {
                let fraction = self.pick(&["", ".123", ".123456", ".123456789"]);
                format!("{}-{}{fraction}", self.date(), self.time()).into_bytes()
            }
            FieldType::UtcTimeOnly => self.time().into_bytes(),
            FieldType::UtcDateOnly | FieldType::LocalMktDate => self.date().into_bytes(),
            FieldType::MonthYear => self.pick(&["202612", "20261224", "202612w4"]).as_bytes().to_vec(),
            _ => (0..1 + self.below(12)).map(|_| self.pick(b"aZ09 =.,|\x7f\xe9\xff")).collect(),
        }
    }

    fn date(&mut self) -> String {
        format!("{:04}{:02}{:02}", self.below(10_000), 1 + self.below(12), 1 + self.below(28))
    }

    fn time(&mut self) -> String {
        format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(61))
    }
}

fn flatten(nodes: &[Node], fields: &mut Vec<(Tag, Vec<u8>)>) {
    for node in nodes {
        match node {
            Node::Field(tag, value) => fields.push((*tag, value.clone())),
            Node::Group(group, entries) => {
                fields.push((group.count, entries.len().to_string().into_bytes()));
                entries.iter().for_each(|entry| flatten(entry, fields));
            }
        }
    }
}

const HEADER: &[u8] = b"34=2\x0149=TW\x0152=20261124-05:38:00\x0156=ISLD\x01";

fn encode(msg_type: MsgType, write_body: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; MAX];
    let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    message.writer().encoded(HEADER);
    write_body(message.writer());
    let len = message.finish().unwrap();
    buffer.truncate(len);
    buffer
}

fn encoded(def: &MessageDef, fields: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    encode(MsgType::from_bytes(def.msg_type.as_bytes()).unwrap(), |out| {
        let mut fields = fields.iter();
        while let Some((tag, value)) = fields.next() {
            match DICTIONARY.data_tag(*tag) {
                Some(data_tag) => _ = out.data(*tag, data_tag, &fields.next().unwrap().1),
                None => _ = out.field(*tag, value.as_slice()),
            }
        }
    })
}

fn parse(bytes: &[u8]) -> Message<'_> {
    let Scan::Frame(frame, taken) = scan(bytes, MAX) else { panic!("no frame: {}", bytes.escape_ascii()) };
    assert_eq!(taken, bytes.len());
    Message::parse(frame).unwrap()
}

/// The level holds exactly these nodes: its own fields, and entry by entry those of its groups.
fn check_level(level: &FieldMap<'_>, nodes: &[Node]) {
    for node in nodes {
        match node {
            Node::Field(tag, value) => assert_eq!(level.get(*tag), Some(value.as_slice()), "{tag}"),
            Node::Group(group, entries) => {
                let read = level.group(group);
                assert_eq!(read.declared(), Some(Ok(entries.len() as u32)));
                assert_eq!(read.iter().count(), entries.len(), "{}", group.name);
                read.iter().zip(entries).for_each(|(read, entry)| check_level(&read, entry));
            }
        }
    }
}

fn field_counts(message: &Message<'_>) -> BTreeMap<(i32, Vec<u8>), u32> {
    let mut counts = BTreeMap::new();
    message
        .body_fields()
        .for_each(|field| *counts.entry((field.tag.0, field.value.to_vec())).or_default() += 1);
    counts
}

/// The message read into its struct and written from it; `None` if the type has none.
fn through_struct(message: &Message<'_>) -> Option<Vec<u8>> {
    macro_rules! through {
        ($($name:ident)*) => {
            match DICTIONARY.message(message.header().msg_type_text).unwrap().name {
                $(stringify!($name) => {
                    let read = typed::$name::try_from(message).unwrap();
                    let again = encode(read.msg_type(), |out| read.encode_body(out));
                    assert_eq!(typed::$name::try_from(&parse(&again)).unwrap(), read);
                    Some(again)
                })*
                _ => None,
            }
        };
    }
    through!(
        Logon Heartbeat TestRequest ResendRequest Reject SequenceReset Logout NewOrderSingle OrderCancelRequest
        OrderCancelReplaceRequest OrderStatusRequest ExecutionReport OrderCancelReject OrderMassCancelRequest
        OrderMassCancelReport OrderMassStatusRequest MarketDataRequest MarketDataSnapshotFullRefresh
        MarketDataIncrementalRefresh MarketDataRequestReject QuoteRequest Quote QuoteRequestReject QuoteResponse
        QuoteCancel MassQuoteAcknowledgement SecurityDefinitionRequest SecurityDefinition SecurityListRequest
        SecurityList TradingSessionStatusRequest TradingSessionStatus SecurityStatus SecurityStatusRequest
        BusinessMessageReject News TradeCaptureReport
    )
}

fn check_message(def: &'static MessageDef, draw: &mut Draw) {
    let nodes = draw.level(&def.body);
    let mut fields = Vec::new();
    flatten(&nodes, &mut fields);
    let bytes = encoded(def, &fields);
    let message = parse(&bytes);
    let read: Vec<_> = message.body_fields().map(|field| (field.tag, field.value.to_vec())).collect();
    assert_eq!(read, fields, "{}", def.name);
    assert_eq!(
        validate(&message, &DICTIONARY, &Checks::ALL),
        Ok(()),
        "{}: {}",
        def.name,
        bytes.escape_ascii()
    );
    check_level(&message.level(def), &nodes);
    if let Some(again) = through_struct(&message) {
        let (before, after) = (field_counts(&message), field_counts(&parse(&again)));
        // Numbers and times come back in canonical form, so the tags are compared, and the values of the others.
        assert_eq!(tags(&before), tags(&after), "{}", def.name);
        assert_eq!(validate(&parse(&again), &DICTIONARY, &Checks::ALL), Ok(()), "{}", def.name);
    }
}

fn tags(counts: &BTreeMap<(i32, Vec<u8>), u32>) -> BTreeMap<i32, u32> {
    let mut tags = BTreeMap::new();
    counts.iter().for_each(|((tag, _), count)| *tags.entry(*tag).or_default() += count);
    tags
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn messages_of_all_types_survive(sparse in 1u32..6, seed in any::<[u8; 32]>()) {
        let rng = TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &seed);
        let mut draw = Draw { rng, sparse };
        for def in DICTIONARY.messages {
            check_message(def, &mut draw);
        }
    }

    /// Whatever stands between header and trailer: no panic, and what is reported concerns a field that is there,
    /// or one that is missing.
    #[test]
    fn validation_of_anything_names_a_field(
        def in prop::sample::select(DICTIONARY.messages),
        fields in prop::collection::vec((0i32..960, "[ -~]{0,6}"), 0..60),
    ) {
        let bytes = encode(MsgType::from_bytes(def.msg_type.as_bytes()).unwrap(), |out| {
            fields.iter().for_each(|(tag, value)| _ = out.encoded(format!("{tag}={value}\x01").as_bytes()));
        });
        let message = parse(&bytes);
        let mut all = Vec::new();
        findings(&message, &DICTIONARY, &Checks::ALL, &mut |finding| all.push(finding));
        match validate(&message, &DICTIONARY, &Checks::ALL) {
            Ok(()) => prop_assert!(all.is_empty(), "{all:?}"),
            Err(first) => prop_assert!(all.contains(&first), "{first} is not among {all:?}"),
        }
        for finding in all {
            let tag = finding.tag.expect("the type is known");
            let missing = finding.reason == SessionRejectReason::RequiredTagMissing;
            prop_assert!(missing || message.get(tag).is_some(), "{finding}");
        }
    }

    /// Groups of anything: every entry holds bytes of the message, one behind the other.
    #[test]
    fn groups_of_anything_end(fields in prop::collection::vec((440i32..460, "[0-9A]{0,2}"), 0..80)) {
        let text: String = fields.iter().map(|(tag, value)| format!("{tag}={value}\x01")).collect();
        let bytes = encode(MsgType::NEW_ORDER_SINGLE, |out| _ = out.encoded(text.as_bytes()));
        let group = parse(&bytes).group(&group::PARTIES);
        let entries: Vec<u8> = group.iter().flat_map(|entry| entry.as_bytes().to_vec()).collect();
        prop_assert_eq!(entries.as_slice(), group.as_bytes());
    }
}
