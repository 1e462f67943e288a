//! A few message types.

use core::ops::Deref;

use heapless::Vec;

use super::error::CapacityError;
use crate::msg::msg_type::MsgType;

/// How many there may be.
const MAX: usize = 8;

/// At most eight message types; read as a slice.
///
/// ```
/// use fix_core::{MsgType, session::config::MsgTypes};
///
/// let mut types = MsgTypes::new();
/// types.push(MsgType::NEWS)?;
/// assert_eq!(types[..], [MsgType::NEWS]);
/// # Ok::<(), fix_core::CapacityError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgTypes(Vec<MsgType, MAX, u8>);

impl MsgTypes {
    /// None.
    pub const fn new() -> Self {
        MsgTypes(Vec::new())
    }

    /// One more.
    ///
    /// # Errors
    /// [`CapacityError::TooMany`] beyond eight.
    pub fn push(&mut self, msg_type: MsgType) -> Result<(), CapacityError> {
        self.0.push(msg_type).map_err(|_| CapacityError::TooMany { limit: MAX })
    }
}

impl Deref for MsgTypes {
    type Target = [MsgType];

    fn deref(&self) -> &[MsgType] {
        &self.0
    }
}
