//! The mailbox.
mod json_object;
pub mod number;
pub mod order;
pub mod order_error;
pub mod parse;
