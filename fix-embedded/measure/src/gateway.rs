//! A session as a board has it: sends the order of the benchmarks, reads what is reported.

use fix_core::{
    decimal::Decimal,
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
    },
    store::RingStore,
    tag::Tag,
    time::Now,
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use crate::codec::Order;

/// Largest message received and sent, in bytes.
const MESSAGE: usize = 512;
/// Messages kept to be sent again.
const KEPT: usize = 4;

/// The session, its buffers, and the messages that it may have to send again.
pub type Gateway = Engine<&'static mut [u8], RingStore<KEPT, MESSAGE>, Fills>;

/// What the session works in.
pub struct Memory {
    inbound: [u8; MESSAGE],
    outbound: [u8; 4 * MESSAGE],
    kept: [u8; MESSAGE],
}

impl Memory {
    /// Nothing yet.
    pub const fn new() -> Self {
        Memory { inbound: [0; MESSAGE], outbound: [0; 4 * MESSAGE], kept: [0; MESSAGE] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// The session of an order gateway; `None` if the names cannot be used.
pub fn gateway(memory: &'static mut Memory) -> Option<Gateway> {
    let config = SessionConfig::new(Role::Initiator, SessionId::new("BUYSIDE", "EXCHANGE").ok()?);
    let buffers = Buffers {
        inbound: &mut memory.inbound[..],
        outbound: &mut memory.outbound[..],
        kept: &mut memory.kept[..],
    };
    Some(Engine::new(config, buffers, RingStore::new(), Fills::default()))
}

/// What was reported last.
#[derive(Clone, Copy, Default)]
pub struct Fills {
    /// ExecutionReports so far.
    pub reports: u32,
    /// ExecType(150) and OrdStatus(39).
    pub what: [u8; 2],
    /// LastQty(32), LastPx(31), CumQty(14), LeavesQty(151).
    pub amounts: [Decimal; 4],
}

impl Application for Fills {
    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() != MsgType::EXECUTION_REPORT {
            return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE);
        }
        // An order is looked for by its name; here it is only read.
        let _: Text<'_> = message.required(Tag(11))?;
        self.what = [message.required(Tag(150))?, message.required(Tag(39))?];
        let last = |tag| message.optional(tag).map(Option::unwrap_or_default);
        self.amounts =
            [last(Tag(32))?, last(Tag(31))?, message.required(Tag(14))?, message.required(Tag(151))?];
        self.reports += 1;
        Ok(())
    }
}

/// Lets the session work until it waits or closes; `wire` takes what it writes. False once it has closed.
pub fn work(gateway: &mut Gateway, now: Now, mut wire: impl FnMut(&[u8])) -> bool {
    loop {
        match gateway.poll(now) {
            Step::Write(bytes) => {
                wire(bytes);
                let count = bytes.len();
                gateway.sent(count);
            }
            Step::Wait(until) if until.is_none_or(|until| until > now.mono) => return true,
            Step::Wait(_) => {}
            Step::Close(_) => {
                gateway.disconnected(now);
                return false;
            }
        }
    }
}

/// Hands received bytes to the session.
pub fn receive(gateway: &mut Gateway, bytes: &[u8]) {
    let space = gateway.space();
    let count = bytes.len().min(space.len());
    for (slot, byte) in space.iter_mut().zip(bytes) {
        *slot = *byte;
    }
    gateway.received(count);
}

/// NewOrderSingle of an [`Order`].
impl Encode for Order<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::NEW_ORDER_SINGLE
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(11), self.cl_ord_id)
            .field(Tag(1), "ACCOUNT-77")
            .field(Tag(21), b'1')
            .field(Tag(55), self.symbol)
            .field(Tag(54), self.side)
            .optional(Tag(60), self.transact_time)
            .field(Tag(38), self.order_qty)
            .field(Tag(40), b'2')
            .field(Tag(44), self.price)
            .field(Tag(59), b'0');
    }
}
