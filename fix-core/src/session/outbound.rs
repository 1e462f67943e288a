//! Sending: encode, store, and only then visible. And resending from the store.

use super::{
    Session,
    admin::{Admin, TEST_REQUEST},
    application::Application,
    context::Context,
    encode::StandardHeader,
    error::{CapacityError, SendError, UsageError},
    event::Reason,
    output::Buffer,
    state::{CloseReason, Phase},
};
use crate::{
    dict::DataPair,
    msg::{message::Message, msg_type::MsgType},
    store::{MessageStore, StoreError},
    tag::Tag,
    time::Now,
    wire::{
        frame::{Scan, scan},
        writer::{Encode, EncodeError, MessageWriter, Writer},
    },
};

/// Bytes for the header fields that a message adds to the session's own.
const EXTRA_HEADER: usize = 512;
/// Numbers beyond this are refused in either direction: every peer's 64-bit integer holds them.
pub(crate) const LAST_NUMBER: u64 = i64::MAX as u64;

/// Bytes of a user's TestReqID(112): the counterparty keeps it for its answer.
const LONGEST_TEST_REQ_ID: usize = 64;

/// TestRequest(1) with this TestReqID(112).
struct TestRequest<'a>(&'a str);

impl Encode for TestRequest<'_> {
    fn msg_type(&self) -> MsgType {
        TEST_REQUEST
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(112), self.0);
    }
}

/// Who is asked before a message goes out.
pub(crate) enum Ask<'a> {
    /// Nobody: the application itself sends, from inside a callback.
    Nobody,
    /// Nobody: the application itself sends, of its own accord.
    NobodyOutside,
    /// `to_app`.
    ToApp(&'a mut dyn Application),
    /// `to_admin`.
    ToAdmin(&'a mut dyn Application),
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// An application message, if the session is logged on or queues.
    pub(crate) fn send(&mut self, now: Now, message: &dyn Encode, ask: Ask<'_>) -> Result<u64, SendError> {
        let is_offline = !self.phase.is_in_session() && self.phase != Phase::Closing;
        let queues = is_offline && self.config.queues();
        if !queues && (self.phase != Phase::LoggedOn || self.logout_owed.is_some()) {
            return Err(SendError::NotLoggedOn);
        }
        if !self.can_hold_another() {
            return Err(CapacityError::Full.into());
        }
        self.transmit(now, message, ask)
    }

    /// A TestRequest(1) that a user asked for. The session's own timers go on as if nobody had: of a counterparty that does
    /// not answer they are the judge.
    pub(crate) fn send_test_request(
        &mut self,
        now: Now,
        id: &str,
        app: &mut dyn Application,
    ) -> Result<u64, SendError> {
        if self.phase != Phase::LoggedOn || self.logout_owed.is_some() {
            return Err(SendError::NotLoggedOn);
        }
        if id.len() > LONGEST_TEST_REQ_ID {
            return Err(CapacityError::TooLarge { limit: LONGEST_TEST_REQ_ID }.into());
        }
        if !self.output.has_room_outside() || !self.can_hold_another() {
            return Err(CapacityError::Full.into());
        }
        self.transmit(now, &TestRequest(id), Ask::ToAdmin(app))
    }

    /// An administrative message. What cannot be sent closes the session: it never goes missing quietly. Behind
    /// our Logout nothing follows but what a ResendRequest asks for.
    pub(super) fn send_admin(&mut self, cx: &mut Context<'_>, message: &Admin<'_>) {
        if self.phase == Phase::LogoutSent {
            return cx.decide(Reason::NotAnsweredAfterLogout, self.answering, self.next_in());
        }
        match self.transmit(cx.now, message, Ask::ToAdmin(cx.app)) {
            Ok(_) => self.logged_out |= matches!(message, Admin::Logout { .. }),
            Err(SendError::Store(StoreError::TooLarge)) => self.close(CloseReason::OutputTooSmall, cx.app),
            Err(SendError::Store(error)) => self.fail(error, cx.app),
            Err(SendError::Capacity(CapacityError::Exhausted)) => {
                self.violation(cx, Reason::NumbersExhausted)
            }
            Err(_) => self.close(CloseReason::OutputTooSmall, cx.app),
        }
    }

    /// While messages are held back, no more may wait than the store is sure to keep.
    fn can_hold_another(&self) -> bool {
        let held = self.replay.held(self.store.next_out());
        let holds = self.replay.is_active() || held > 0;
        !holds || (self.config.persist_messages && held < self.store.capacity())
    }

    fn transmit(&mut self, now: Now, message: &dyn Encode, ask: Ask<'_>) -> Result<u64, SendError> {
        let number = self.store.next_out();
        if number > LAST_NUMBER {
            return Err(CapacityError::Exhausted.into());
        }
        // A queued message is stored only: it becomes visible when the counterparty asks for it.
        let is_visible = self.phase == Phase::LoggedOn || matches!(ask, Ask::ToAdmin(_));
        let len = self.encode(now, number, message, ask)?;
        let bytes = self.output.written(len);
        self.dirty = true;
        let stored = if self.config.persist_messages {
            self.store.append(number, bytes)
        } else {
            self.store.set_next_out(number.saturating_add(1))
        };
        stored.map_err(SendError::Store)?;
        if self.replay.is_active() {
            self.replay.hold(number);
        } else if is_visible {
            self.commit(now, len);
        } else if self.phase == Phase::LogonSent {
            // Its number is beyond our Logon's: the counterparty would not miss it. It follows the answer.
            self.replay.hold(number);
        }
        Ok(number)
    }

    /// The first `len` bytes of the room of the output buffer become visible for writing.
    pub(super) fn commit(&mut self, now: Now, len: usize) {
        self.output.commit(len);
        self.liveness.sent(now.mono);
    }

    /// Encodes into the room of the output buffer; nothing is visible yet.
    pub(super) fn encode(
        &mut self,
        now: Now,
        number: u64,
        message: &dyn Encode,
        ask: Ask<'_>,
    ) -> Result<usize, SendError> {
        // Few messages have header fields of their own: room for them is not made for the others.
        let mut no_room = Writer::fields(&mut []);
        message.encode_header(&mut no_room);
        let has_own = no_room.finish_fields() != Ok(0);
        let last_processed = self.last_processed();
        let head = StandardHeader {
            id: &self.config.id,
            msg_seq_num: number,
            sending_time: now.utc.with_precision(self.config.timestamp_precision),
            orig_sending_time: None,
            last_processed,
        };
        let quarter = self.output.quarter();
        let (reserve, limit) = match ask {
            Ask::ToAdmin(_) => (0, usize::MAX),
            Ask::Nobody => (quarter, quarter),
            Ask::NobodyOutside | Ask::ToApp(_) => (quarter.saturating_mul(2), quarter),
        };
        let is_empty = self.output.is_empty();
        let room = self.output.room();
        let usable = room.len().saturating_sub(reserve);
        let room = room.get_mut(..usable).unwrap_or_default();
        let begin_string = self.config.id.begin_string.as_bytes();
        let mut writer = MessageWriter::new(room, begin_string, message.msg_type());
        if has_own {
            let is_ours = matches!(ask, Ask::ToAdmin(_));
            write_with_own(&head, message, writer.writer(), is_ours)?;
        } else {
            head.write(writer.writer(), &[]);
        }
        message.encode_body(writer.writer());
        let to_app = match ask {
            Ask::Nobody | Ask::NobodyOutside => None,
            Ask::ToApp(app) => Some(app),
            Ask::ToAdmin(app) => {
                if message.msg_type().is_admin() {
                    app.to_admin(message.msg_type(), writer.writer());
                }
                None
            }
        };
        let len = match writer.finish() {
            Ok(len) if len <= limit => len,
            Err(EncodeError::Full) if !is_empty => return Err(CapacityError::Full.into()),
            // It would not fit later either.
            Ok(_) | Err(EncodeError::Full) => return Err(CapacityError::TooLarge { limit: quarter }.into()),
            Err(other) => return Err(other.into()),
        };
        match to_app {
            Some(app) => allowed(self.output.written(len), self.config.data_pairs(), app).map(|()| len),
            None => Ok(len),
        }
    }

    /// LastMsgSeqNumProcessed(369): up to the message being answered, never one beyond a gap.
    pub(super) fn last_processed(&self) -> Option<u64> {
        let counted = || self.next_in().saturating_sub(1).max(self.answering);
        self.config.enable_last_msg_seq_num_processed.then(counted)
    }
}

/// Writes a header with the fields that the message adds.
#[inline(never)]
fn write_with_own(
    head: &StandardHeader<'_>,
    message: &dyn Encode,
    out: &mut Writer<'_>,
    is_ours: bool,
) -> Result<(), EncodeError> {
    let mut own = [0; EXTRA_HEADER];
    let mut writer = Writer::fields(&mut own);
    message.encode_header(&mut writer);
    let len = match writer.finish_fields() {
        Ok(len) => len,
        // A Reject without the way back of the message is better than none, and a session that ends.
        Err(_) if is_ours => 0,
        Err(error) => return Err(error),
    };
    head.write(out, own.get(..len).unwrap_or_default());
    Ok(())
}

/// A message of ours, which is good or was damaged in the store.
pub(super) fn parse<'a>(bytes: &'a [u8], extra: &'static [DataPair]) -> Option<Message<'a>> {
    match scan(bytes, bytes.len()) {
        Scan::Frame(frame, _) => Message::parse_with(frame, extra).ok(),
        _ => None,
    }
}

pub(super) fn allowed(
    bytes: &[u8],
    extra: &'static [DataPair],
    app: &mut dyn Application,
) -> Result<(), SendError> {
    let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return Err(EncodeError::BadValue.into()) };
    // Looked at where it is: a message that is handed on is copied.
    match Message::parse_with(frame, extra) {
        Ok(message) => app.to_app(&message).map_err(|_| UsageError::Refused.into()),
        Err(_) => Err(EncodeError::BadValue.into()),
    }
}
