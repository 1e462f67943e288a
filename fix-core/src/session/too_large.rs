//! Messages larger than the buffer for received bytes. They cannot be read, so they are not counted: the counterparty
//! is asked for them once, as for any that is missed. When such a message comes again nothing will ever change, and a
//! Logout says what to do, instead of a gap that is asked for without end.

use super::{
    Session, admin::LogoutText, context::Context, event::Reason, liveness::PROGRESS, output::Buffer,
    state::CloseReason,
};
use crate::{
    store::MessageStore,
    tag::{self, Tag},
    time::Now,
    wire::{SOH, field::Fields},
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// So many bytes have come of a message that is not all there. True if that is a sign of life: a Heartbeat that
    /// waited for the answer to our TestRequest may be overdue.
    #[inline]
    pub(crate) fn receiving(&mut self, now: Now, begun: usize) -> bool {
        begun >= PROGRESS && self.liveness.receiving(begun, now.mono)
    }

    /// A message of `len` bytes that begins with `head` is passed over.
    pub(super) fn too_large(&mut self, cx: &mut Context<'_>, (len, limit): (u32, u32), head: &[u8]) {
        self.liveness.received(cx.now.mono);
        let Some(number) = number(head).filter(|number| *number >= self.next_in()) else { return };
        if !self.phase.is_in_session() {
            return;
        }
        let is_resent = value(head, tag::POSS_DUP_FLAG) == Some(b"Y");
        if !is_resent && self.last_too_large != number {
            self.last_too_large = number;
            return;
        }
        cx.decide(Reason::MessageTooLarge, number, self.next_in());
        let text = LogoutText::TooLarge { number, len, limit };
        self.say_goodbye(cx, &text, CloseReason::Violation(Reason::MessageTooLarge));
    }
}

fn number(head: &[u8]) -> Option<u64> {
    core::str::from_utf8(value(head, tag::MSG_SEQ_NUM)?).ok()?.parse().ok()
}

/// The value of a field that is there as a whole.
fn value(head: &[u8], tag: Tag) -> Option<&[u8]> {
    let end = head.iter().rposition(|byte| *byte == SOH)?.saturating_add(1);
    let mut fields = Fields::new(head.get(..end)?).valid();
    fields.find(|field| field.tag == tag).map(|field| field.value)
}
