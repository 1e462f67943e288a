//! Who talks to whom.

use core::{fmt, ops::Deref};

use heapless::String;

/// Bytes that a CompID, SubID, LocationID or qualifier may have: 64, with the feature `long-ids` 255, with `short-ids`
/// alone 32. FIX sets no limit, and API keys of 36 bytes are in use; a board pays for each of the seven ids in full.
pub const MAX_ID_LEN: usize = match (cfg!(feature = "long-ids"), cfg!(feature = "short-ids")) {
    (true, _) => 255,
    (false, true) => 32,
    (false, false) => 64,
};

/// A CompID, SubID or LocationID of at most [`MAX_ID_LEN`] bytes: a `str` that is kept where it stands.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Id(String<MAX_ID_LEN, u8>);

impl Id {
    /// The empty one: not used.
    pub const fn new() -> Self {
        Id(String::new())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl TryFrom<&str> for Id {
    type Error = IdError;

    fn try_from(text: &str) -> Result<Self, IdError> {
        id(text)
    }
}

/// The two parties of a session as this side sees them: `sender` is us. Empty means "not used".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId {
    /// BeginString(8).
    pub begin_string: &'static str,
    /// Our SenderCompID(49).
    pub sender_comp_id: Id,
    /// Our SenderSubID(50).
    pub sender_sub_id: Id,
    /// Our SenderLocationID(142).
    pub sender_location_id: Id,
    /// The counterparty: our TargetCompID(56).
    pub target_comp_id: Id,
    /// TargetSubID(57).
    pub target_sub_id: Id,
    /// TargetLocationID(143).
    pub target_location_id: Id,
    /// Tells sessions between the same parties apart; never on the wire.
    pub qualifier: Id,
}

/// A CompID or the like that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IdError {
    /// A CompID may not be empty.
    Empty,
    /// Longer than [`MAX_ID_LEN`].
    TooLong,
    /// Holds SOH or another control character.
    ControlCharacter,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdError::Empty => f.write_str("it is empty"),
            IdError::TooLong => write!(f, "it is longer than {MAX_ID_LEN} bytes"),
            IdError::ControlCharacter => f.write_str("it contains a control character"),
        }
    }
}

impl core::error::Error for IdError {}

/// Checks `text` and makes an [`Id`] of it; the empty text is allowed.
///
/// # Errors
/// [`IdError::TooLong`] or [`IdError::ControlCharacter`].
pub fn id(text: &str) -> Result<Id, IdError> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(IdError::ControlCharacter);
    }
    String::try_from(text).map(Id).map_err(|_| IdError::TooLong)
}

impl SessionId {
    /// FIX.4.4 between `sender_comp_id` (us) and `target_comp_id`.
    ///
    /// ```
    /// use fix_core::{SessionId, session::config::id};
    ///
    /// let mut session = SessionId::new("DESK", "VENUE")?;
    /// session.target_sub_id = id("FX")?;
    /// assert_eq!(session.to_string(), "FIX.4.4:DESK->VENUE/FX");
    /// # Ok::<(), fix_core::session::config::IdError>(())
    /// ```
    ///
    /// # Errors
    /// [`IdError`] if one of them cannot be used.
    pub fn new(sender_comp_id: &str, target_comp_id: &str) -> Result<Self, IdError> {
        if sender_comp_id.is_empty() || target_comp_id.is_empty() {
            return Err(IdError::Empty);
        }
        Ok(SessionId {
            begin_string: "FIX.4.4",
            sender_comp_id: id(sender_comp_id)?,
            sender_sub_id: Id::new(),
            sender_location_id: Id::new(),
            target_comp_id: id(target_comp_id)?,
            target_sub_id: Id::new(),
            target_location_id: Id::new(),
            qualifier: Id::new(),
        })
    }
}

/// `FIX.4.4:SENDER->TARGET`, with `/sub/location` and `:qualifier` where used.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.begin_string, self.sender_comp_id)?;
        optional(f, '/', &self.sender_sub_id)?;
        optional(f, '/', &self.sender_location_id)?;
        write!(f, "->{}", self.target_comp_id)?;
        optional(f, '/', &self.target_sub_id)?;
        optional(f, '/', &self.target_location_id)?;
        optional(f, ':', &self.qualifier)
    }
}

fn optional(f: &mut fmt::Formatter<'_>, mark: char, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { write!(f, "{mark}{text}") }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_session_id_shows_what_is_used() {
        let mut session = SessionId::new("ISLD", "TW44").unwrap();
        assert_eq!(session.to_string(), "FIX.4.4:ISLD->TW44");
        session.target_sub_id = id("DESK").unwrap();
        session.qualifier = id("2").unwrap();
        assert_eq!(session.to_string(), "FIX.4.4:ISLD->TW44/DESK:2");
    }

    #[test]
    fn an_id_that_would_break_the_message_is_refused() {
        assert_eq!(id("A\u{1}49=B"), Err(IdError::ControlCharacter));
        assert_eq!(id(&"x".repeat(MAX_ID_LEN + 1)), Err(IdError::TooLong));
        for uuid_and_longest in ["00000000-1111-2222-3333-444444444444", &"x".repeat(MAX_ID_LEN)] {
            assert_eq!(id(uuid_and_longest).as_deref(), Ok(uuid_and_longest));
        }
        assert_eq!(SessionId::new("", "B"), Err(IdError::Empty));
    }
}
