//! The order of the benchmarks read, and the report of the benchmarks written.

use fix_core::{
    decimal::Decimal,
    msg::{message::Message, msg_type::MsgType},
    tag::Tag,
    time::UtcTimestamp,
    wire::{
        field::Field,
        frame::{Scan, scan},
        value::{FromField, Text},
        writer::{EncodeError, MessageWriter},
    },
};

/// NewOrderSingle: 193 bytes, 18 fields.
pub const ORDER: &[u8; 193] = b"8=FIX.4.4\x019=170\x0135=D\x0149=BUYSIDE\x0156=EXCHANGE\x0134=1234567\x01\
52=20261124-12:30:45.123\x0111=ORDER-12345\x011=ACCOUNT-77\x0121=1\x0155=EUR/USD\x0154=1\x01\
60=20261124-12:30:45.122\x0138=1500000\x0140=2\x0144=1.09375\x0159=0\x0110=223\x01";

/// What a trading application reads of an order, each in its type.
#[derive(Clone, Copy, Default)]
pub struct Order<'a> {
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// ClOrdID(11).
    pub cl_ord_id: Text<'a>,
    /// Symbol(55).
    pub symbol: Text<'a>,
    /// Side(54).
    pub side: u8,
    /// TransactTime(60).
    pub transact_time: Option<UtcTimestamp>,
    /// OrderQty(38).
    pub order_qty: Decimal,
    /// Price(44).
    pub price: Decimal,
}

/// BodyLength and CheckSum verified, all fields walked, seven of them read.
#[inline(never)]
pub fn decode(bytes: &[u8]) -> Option<Order<'_>> {
    let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return None };
    let mut order = Order::default();
    let mut bad = false;
    Message::parse_each(frame, |field| bad |= order.take(field).is_none()).ok()?;
    (!bad).then_some(order)
}

/// The first step of [`decode`] alone.
#[inline(never)]
pub fn is_frame(bytes: &[u8]) -> bool {
    matches!(scan(bytes, bytes.len()), Scan::Frame(..))
}

/// [`decode`] without reading values.
#[inline(never)]
pub fn is_message(bytes: &[u8]) -> bool {
    match scan(bytes, bytes.len()) {
        Scan::Frame(frame, _) => Message::parse(frame).is_ok(),
        _ => false,
    }
}

impl<'a> Order<'a> {
    fn take(&mut self, field: Field<'a>) -> Option<()> {
        match field.tag.0 {
            34 => self.msg_seq_num = read(field)?,
            11 => self.cl_ord_id = read(field)?,
            55 => self.symbol = read(field)?,
            54 => self.side = read(field)?,
            60 => self.transact_time = Some(read(field)?),
            38 => self.order_qty = read(field)?,
            44 => self.price = read(field)?,
            _ => {}
        }
        Some(())
    }
}

fn read<'a, T: FromField<'a>>(field: Field<'a>) -> Option<T> {
    T::from_field(field.value).ok()
}

/// ExecutionReport, the answer to `order`: 339 bytes, 30 fields.
///
/// # Errors
/// [`EncodeError::Full`] if `buffer` is too small.
#[inline(never)]
pub fn encode(order: &Order<'_>, now: UtcTimestamp, buffer: &mut [u8]) -> Result<usize, EncodeError> {
    encode_numbered(order, 7_654_321, now, buffer)
}

/// [`encode`] with any MsgSeqNum(34).
///
/// # Errors
/// As there.
#[inline(always)]
pub fn encode_numbered(
    order: &Order<'_>,
    number: u64,
    now: UtcTimestamp,
    buffer: &mut [u8],
) -> Result<usize, EncodeError> {
    let mut message = MessageWriter::new(buffer, b"FIX.4.4", MsgType::from_static(b"8"));
    message
        .writer()
        .field(Tag(49), "EXCHANGE")
        .field(Tag(56), "BUYSIDE")
        .field(Tag(34), number)
        .field(Tag(52), now)
        .field(Tag(57), "DESK-1")
        .field(Tag(37), "EXCH-ORD-0000098765")
        .field(Tag(11), order.cl_ord_id)
        .field(Tag(17), "EXEC-000087654")
        .field(Tag(150), b'F')
        .field(Tag(39), b'1')
        .field(Tag(1), "ACCOUNT-77")
        .field(Tag(55), order.symbol)
        .field(Tag(54), order.side)
        .field(Tag(38), order.order_qty)
        .field(Tag(40), b'2')
        .field(Tag(44), order.price)
        .field(Tag(59), b'0')
        .field(Tag(32), Decimal::new(500_000, 0))
        .field(Tag(31), Decimal::new(109_371, 5))
        .field(Tag(30), "XLON")
        .field(Tag(151), Decimal::new(1_000_000, 0))
        .field(Tag(14), Decimal::new(500_000, 0))
        .field(Tag(6), Decimal::new(109_371, 5))
        .field(Tag(75), "20261124")
        .field(Tag(60), now)
        .field(Tag(58), "partial fill");
    message.finish()
}
