//! MsgType(35).

pub use crate::msg_type::MsgType;
