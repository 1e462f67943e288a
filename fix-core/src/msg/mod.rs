//! Frames to messages: header, typed access, groups. Knows no session.

pub mod field_map;
pub mod group;
pub mod header;
pub mod index;
mod malformed;
pub mod message;
pub mod msg_type;
mod noted;
pub mod reject;
pub mod typed;
pub mod validate;
