//! The mailbox.
mod fix_dict;
mod json_object;
mod mapping;
pub mod number;
pub mod order;
pub mod order_error;
pub mod parse;
pub mod report;

pub use fix_dict::fix_to_dict;
