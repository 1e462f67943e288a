//! What the user of a session writes: the application.

use core::time::Duration;

use super::{
    config::SessionId,
    error::{AdminRefusal, BusinessReject, DoNotSend, SendError},
    event::Event,
    state::CloseReason,
};
use crate::{
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    time::Now,
    wire::writer::{Encode, Writer},
};

/// The way out of a callback to the counterparty.
pub trait Outbox {
    /// Sends an application message: numbered, stored, then visible for writing. `to_app` is not asked:
    /// the caller is the application.
    ///
    /// # Errors
    /// [`SendError`]; no number is consumed then.
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError>;

    /// Ends the session with a Logout, whose Text(58) is cut to 64 bytes.
    fn logout(&mut self, text: Option<&str>);

    /// The time of this step.
    fn now(&self) -> Now;
}

/// The callbacks, named as QuickFIX users know them. Each has a default.
///
/// None of them may block: they run between reading and writing. A panic in a callback is the caller's.
#[allow(clippy::wrong_self_convention, reason = "from_app and from_admin are the names that users know")]
pub trait Application {
    /// The session exists; numbers are as the store has them.
    fn on_create(&mut self, _session: &SessionId) {}

    /// Logged on: messages may be sent from now on.
    fn on_logon(&mut self, _out: &mut dyn Outbox) {}

    /// A session that was logged on is no longer, and why.
    fn on_logout(&mut self, _reason: CloseReason) {}

    /// An administrative message is about to be sent: append fields to its body, such as Username(553) and
    /// Password(554) to a Logon.
    fn to_admin(&mut self, _msg_type: MsgType, _out: &mut Writer<'_>) {}

    /// An administrative message has arrived and passed the checks.
    ///
    /// # Errors
    /// [`AdminRefusal`]: a Logon is refused, another message is rejected, except a Reject(3).
    fn from_admin(&mut self, _message: &Message<'_>) -> Result<(), AdminRefusal> {
        Ok(())
    }

    /// An application message is about to be sent through `Engine::send`, or resent (PossDupFlag(43)=Y).
    ///
    /// # Errors
    /// [`DoNotSend`]: it is not sent; in a resend a gap fill takes its place.
    fn to_app(&mut self, _message: &Message<'_>) -> Result<(), DoNotSend> {
        Ok(())
    }

    /// An application message has arrived, in sequence. A crash before this returns means that it is
    /// delivered again after the restart, with PossDupFlag(43)=Y.
    ///
    /// # Errors
    /// [`BusinessReject`]: the counterparty gets a BusinessMessageReject(j). That is the default: a message
    /// that nobody handles is not swallowed. Only a BusinessMessageReject(j) is not answered with another:
    /// the decision is an event.
    fn from_app(&mut self, _message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE)
    }

    /// The next message of `from_app` has a fault that the validation policy lets pass.
    fn on_finding(&mut self, _message: &Message<'_>, _finding: Finding) {}

    /// The counterparty asked for `message` again, but the order is `age` old and therefore was not resent
    /// (ResendOrderMaxAge): a gap fill took its place. That the counterparty asks proves nothing: it may have
    /// executed the order long ago. What was said of the order before stays true; if nothing was, its state is
    /// unknown.
    fn on_stale_order(&mut self, _message: &Message<'_>, _age: Duration) {}

    /// Takes the next report that the application made itself: that an order was not resent, say. The store keeps
    /// it ([`MessageStore::own_report`](crate::store::MessageStore::own_report)) in one flush with what caused it.
    /// Called before every flush, until there is none.
    fn own_report(&mut self) -> Option<&[u8]> {
        None
    }

    /// Something worth a log line happened.
    fn on_event(&mut self, _event: &Event<'_>) {}
}

/// The application that handles nothing.
impl Application for () {}
