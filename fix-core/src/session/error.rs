//! Why something was not sent, not taken, or refused, by whose fault it is.
//!
//! | whose | types |
//! |---|---|
//! | ours | [`UsageError`], [`EncodeError`]; of a configuration [`IdError`](super::config::IdError), [`ScheduleError`](super::schedule::ScheduleError) |
//! | theirs | [`Reason`](super::event::Reason) with the FIX rule, [`Finding`](crate::Finding) with the SessionRejectReason(373), [`FieldError`], [`Garbled`](crate::wire::deframer::Garbled) |
//! | of room | [`CapacityError`] |
//! | the store's | [`StoreError`] |

use core::fmt;

use crate::{
    msg::message::{FieldError, FieldProblem},
    store::StoreError,
    tag::Tag,
    wire::writer::EncodeError,
};

/// Why a message was not sent, by whose fault. No sequence number was consumed.
///
/// ```
/// use fix_core::{CapacityError, SendError};
///
/// /// Whether sending the same message again may help.
/// fn is_worth_another_try(error: SendError) -> bool {
///     matches!(error, SendError::NotLoggedOn | SendError::Capacity(CapacityError::Full))
/// }
/// # assert!(is_worth_another_try(CapacityError::Full.into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SendError {
    /// There is no logged-on session, or it is logging out.
    NotLoggedOn,
    /// The application's own: it cannot be sent as it is.
    Usage(UsageError),
    /// There is no room, now or ever.
    Capacity(CapacityError),
    /// The store could not keep it.
    Store(StoreError),
}

/// What the application asked for cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UsageError {
    /// `to_app` refused the message.
    Refused,
    /// The message cannot be encoded.
    Encode(EncodeError),
}

/// What there is no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CapacityError {
    /// The output buffer is full, or more messages wait for the end of a resend than the store keeps:
    /// let the driver write, then send again.
    Full,
    /// It is larger than the largest message that may be sent: a quarter of the output buffer.
    TooLarge {
        /// That quarter, in bytes.
        limit: usize,
    },
    /// MsgSeqNum(34) has reached its end; the session must be reset.
    Exhausted,
    /// More of something than a configuration holds.
    TooMany {
        /// How many it holds.
        limit: usize,
    },
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::NotLoggedOn => f.write_str("the session is not logged on"),
            SendError::Usage(error) => fmt::Display::fmt(error, f),
            SendError::Capacity(error) => fmt::Display::fmt(error, f),
            SendError::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UsageError::Refused => f.write_str("the application refused the message"),
            UsageError::Encode(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CapacityError::Full => {
                f.write_str("the output buffer is full: send again once it has been written")
            }
            CapacityError::TooLarge { limit } => {
                write!(
                    f,
                    "the message is larger than {limit} bytes, the most that may be sent (MaxMessageSize)"
                )
            }
            CapacityError::TooMany { limit } => write!(f, "more than {limit}"),
            CapacityError::Exhausted => f.write_str("MsgSeqNum(34) is exhausted: reset the session"),
        }
    }
}

impl core::error::Error for SendError {}
impl core::error::Error for UsageError {}
impl core::error::Error for CapacityError {}

impl From<UsageError> for SendError {
    fn from(error: UsageError) -> Self {
        SendError::Usage(error)
    }
}

impl From<EncodeError> for SendError {
    fn from(error: EncodeError) -> Self {
        SendError::Usage(UsageError::Encode(error))
    }
}

impl From<CapacityError> for SendError {
    fn from(error: CapacityError) -> Self {
        SendError::Capacity(error)
    }
}

impl From<StoreError> for SendError {
    fn from(error: StoreError) -> Self {
        SendError::Store(error)
    }
}

/// From `to_app`: the message shall not be sent; in a resend a gap fill takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DoNotSend;

impl fmt::Display for DoNotSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the application does not want the message to be sent")
    }
}

impl core::error::Error for DoNotSend {}

/// From `from_admin`: a Logon is answered with a Logout that holds the text; another administrative
/// message with a Reject(3), reason 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AdminRefusal {
    /// Text(58) for the counterparty. Says nothing about which part of a credential was wrong.
    pub text: &'static str,
}

impl AdminRefusal {
    /// Refuses with this Text(58).
    pub const fn new(text: &'static str) -> Self {
        AdminRefusal { text }
    }
}

impl fmt::Display for AdminRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl core::error::Error for AdminRefusal {}

/// BusinessRejectReason(380): the values of FIX 4.4, which are all there will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum BusinessRejectReason {
    /// 0
    Other = 0,
    /// 1
    UnknownId = 1,
    /// 2
    UnknownSecurity = 2,
    /// 3
    UnsupportedMessageType = 3,
    /// 4
    ApplicationNotAvailable = 4,
    /// 5
    ConditionallyRequiredFieldMissing = 5,
    /// 6
    NotAuthorized = 6,
    /// 7
    DeliverToFirmNotAvailable = 7,
}

/// From `from_app`: the message is answered with a BusinessMessageReject(j); its number is consumed.
///
/// ```
/// use fix_core::{BusinessReject, session::error::BusinessRejectReason, tag};
///
/// let reject = BusinessReject::new(BusinessRejectReason::UnknownId, "no such order").with_ref(tag::CL_ORD_ID);
/// assert_eq!(reject.to_string(), "BusinessRejectReason(380) 1: no such order");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BusinessReject {
    /// BusinessRejectReason(380).
    pub reason: BusinessRejectReason,
    /// The field of the rejected message whose value goes into BusinessRejectRefID(379), such as ClOrdID(11).
    pub ref_tag: Option<Tag>,
    /// Text(58); empty: no text.
    pub text: &'static str,
    /// The field that the text is about, whose number stands behind it in Text(58).
    pub field: Option<Tag>,
}

impl BusinessReject {
    /// Reason 3.
    pub const UNSUPPORTED_MESSAGE_TYPE: BusinessReject = BusinessReject {
        reason: BusinessRejectReason::UnsupportedMessageType,
        ref_tag: None,
        text: "Unsupported Message Type",
        field: None,
    };

    /// Reason 4.
    pub const APPLICATION_NOT_AVAILABLE: BusinessReject = BusinessReject {
        reason: BusinessRejectReason::ApplicationNotAvailable,
        ref_tag: None,
        text: "Application not available",
        field: None,
    };

    /// `reason` with a text for the counterparty.
    pub const fn new(reason: BusinessRejectReason, text: &'static str) -> Self {
        BusinessReject { reason, ref_tag: None, text, field: None }
    }

    /// Names the field whose value identifies the rejected message.
    pub const fn with_ref(self, tag: Tag) -> Self {
        BusinessReject { ref_tag: Some(tag), ..self }
    }

    /// Says which field the text is about.
    pub const fn about(self, field: Tag) -> Self {
        BusinessReject { field: Some(field), ..self }
    }
}

impl fmt::Display for BusinessReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusinessRejectReason(380) {}: {}", self.reason as u8, self.text)?;
        self.field.map_or(Ok(()), |field| write!(f, ": {field}"))
    }
}

impl core::error::Error for BusinessReject {}

/// A field that the application needs is missing or cannot be read.
impl From<FieldError> for BusinessReject {
    fn from(error: FieldError) -> Self {
        let reject = match error.problem {
            FieldProblem::Missing => BusinessReject::new(
                BusinessRejectReason::ConditionallyRequiredFieldMissing,
                "Conditionally Required Field Missing",
            ),
            FieldProblem::Value(_) | FieldProblem::OtherMessage => {
                BusinessReject::new(BusinessRejectReason::Other, "a field has a value that cannot be used")
            }
        };
        reject.about(error.tag)
    }
}
