//! Frames to messages: header, typed access, groups. Knows no session.

pub mod header;
pub mod message;
pub mod msg_type;
