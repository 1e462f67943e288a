//! What a venue lists, and in which phase it trades: SecurityList(y), SecurityDefinition(d), SecurityStatus(f) and
//! TradingSessionStatus(h), each when it is asked for; f and h also with every change of phase.

mod bond;
mod definition;
mod list;
mod security;
mod status;
#[cfg(test)]
mod tests;

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{application::Outbox, error::BusinessReject},
};

pub use security::Securities;

use super::venue::{Named, Venue};
use list::Lists;
use status::Statuses;

/// Knows the place of an instrument among those of the venue, which begin with those of the list.
pub type Find<'a> = &'a dyn Fn(Named<'_>) -> Option<usize>;

/// What one session asked about instruments.
pub struct SecurityDesk {
    securities: Securities,
    lists: Lists,
    statuses: Statuses,
    /// SecurityResponseIDs(322) given out.
    responses: u64,
}

impl SecurityDesk {
    /// Nothing was asked yet.
    pub fn new(securities: Securities) -> Self {
        SecurityDesk { securities, lists: Lists::default(), statuses: Statuses::default(), responses: 0 }
    }

    /// Takes a look at the phases of the venue: as they are then they are [told](Self::publish).
    pub fn see(&mut self, venue: &Venue) {
        self.statuses.see(venue, &self.securities);
    }

    /// Answers a request about instruments: one of the four of this room.
    pub fn request(
        &mut self,
        message: &Message<'_>,
        find: Find<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::SECURITY_LIST_REQUEST => {
                let id = self.response_id();
                self.lists.ask(message, id, &self.securities, find, out)
            }
            MsgType::SECURITY_DEFINITION_REQUEST => {
                let id = self.response_id();
                definition::answer(message, &id, &self.securities, find, out)
            }
            MsgType::SECURITY_STATUS_REQUEST => {
                self.statuses.ask_security(message, &self.securities, find, out)
            }
            MsgType::TRADING_SESSION_STATUS_REQUEST => {
                self.statuses.ask_session(message, &self.securities, out)
            }
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }

    /// Sends what there was no room for, and what has changed since it was told.
    pub fn publish(&mut self, out: &mut dyn Outbox) {
        self.lists.flush(&self.securities, out);
        self.statuses.publish(&self.securities, out);
    }

    /// True if [`publish`](Self::publish) may have something to say.
    pub fn is_watching(&self) -> bool {
        self.lists.is_owed() || self.statuses.is_watching()
    }

    /// A subscription ends with the session, and so does what was not told.
    pub fn clear(&mut self) {
        self.lists = Lists::default();
        self.statuses = Statuses::default();
    }

    fn response_id(&mut self) -> String {
        self.responses += 1;
        format!("S{}", self.responses)
    }
}
