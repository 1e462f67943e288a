//! The simulated exchange: its rules, and how it treats a session.

use crate::config::reader::Reader;

/// How the exchange treats one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatSettings {
    /// Its orders end with its connection.
    pub cancel_on_disconnect: bool,
    /// It gets a copy of each execution report of the others, and does not trade.
    pub drop_copy: bool,
}

impl SeatSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        SeatSettings {
            cancel_on_disconnect: reader.value("CancelOnDisconnect"),
            drop_copy: reader.value("DropCopy"),
        }
    }
}

/// What is done where two orders of one session would trade with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfMatchPrevention {
    /// They trade.
    #[default]
    None,
    /// The order that is in the book is cancelled.
    CancelResting,
    /// The order that comes is cancelled.
    CancelIncoming,
}

/// The rules of the exchange, which are the same for all sessions: keys of `[DEFAULT]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenueSettings {
    /// What is done about a session's orders that meet each other.
    pub self_match_prevention: SelfMatchPrevention,
    /// A limit order for an instrument that is not listed is filled at once, at its limit.
    pub fill_unlisted_at_limit: bool,
    /// The venue profile, by its name or its file.
    pub venue: Option<String>,
}

impl VenueSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let self_match_prevention = match reader.value::<String>("SelfMatchPrevention").as_str() {
            "CANCEL_RESTING" => SelfMatchPrevention::CancelResting,
            "CANCEL_INCOMING" => SelfMatchPrevention::CancelIncoming,
            _ => SelfMatchPrevention::None,
        };
        let fill_unlisted_at_limit = reader.value("FillUnlistedAtLimit");
        if fill_unlisted_at_limit && reader.value("OnlyKnownSymbols") {
            reader.warn("FillUnlistedAtLimit", "has no effect: OnlyKnownSymbols=Y refuses such orders");
        }
        VenueSettings { self_match_prevention, fill_unlisted_at_limit, venue: reader.get("Venue") }
    }
}
