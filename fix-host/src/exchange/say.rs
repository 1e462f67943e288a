//! What the parts of the exchange have in common that read messages and answer them.

use fix_core::{
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason, CapacityError, SendError},
    },
    wire::{value::Text, writer::Encode},
};

/// Whether a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Yes,
    /// There is no room, or nobody is there.
    Later,
    /// It cannot be sent at all, as one that is larger than any message may be; the log says why.
    Never,
}

/// Sends a message that can wait if there is no room for it.
pub(super) fn send(out: &mut dyn Outbox, message: &dyn Encode) -> Sent {
    match out.send(message) {
        Ok(_) => Sent::Yes,
        Err(SendError::NotLoggedOn | SendError::Capacity(CapacityError::Full)) => Sent::Later,
        Err(error) => {
            tracing::error!(%error, msg_type = %message.msg_type(), "a message was not sent");
            Sent::Never
        }
    }
}

/// Answers a request; an answer that cannot be sent leaves nothing undone, and is logged.
pub(super) fn reply(out: &mut dyn Outbox, message: &dyn Encode) {
    if let Err(error) = out.send(message) {
        tracing::error!(%error, msg_type = %message.msg_type(), "an answer was not sent");
    }
}

pub(super) fn utf8(text: Text<'_>) -> Result<&str, BusinessReject> {
    text.as_str().ok_or(BusinessReject::new(BusinessRejectReason::Other, "a text is not UTF-8"))
}
