//! What the rooms of the host say to each other, so that none of them needs to know another.
//!
//! In: a [`Request`](request::Request) with an [`OrderCommand`](order::OrderCommand), through the
//! [`Intake`](intake::Intake); JSON orders of whoever brings them are read in [`parse`]. Out, through a
//! [`Publisher`](publisher::Publisher): [`Report`](report::Report)s, [`SessionView`]s and prices. Operators reach a
//! session by its [`Control`](control::Control), and what runs on one is a [`HostApplication`]; a venue is played through [`ByHand`](by_hand::ByHand).

mod application;
mod duration;
mod fix_dict;
mod json_object;
mod mapping;
mod peer_words;
mod received;
mod text_file;

pub mod by_hand;
pub mod control;
pub mod fields;
pub mod intake;
pub mod market_book;
pub mod news;
pub mod number;
pub mod order;
pub mod order_error;
pub mod parse;
pub mod price;
pub mod publisher;
pub mod report;
pub mod report_id;
pub mod request;
pub mod session_view;

pub use application::HostApplication;
pub use duration::parse_duration;
pub use fix_dict::{fix_to_dict, is_numeric};
pub use mapping::{Outgoing, StatusRequest};
pub use peer_words::{answered_test, logout_text, reject_text, round_trip_id, test_req_id};
pub use session_view::{RoundTripView, SessionView, TestRequestView};
pub use text_file::read_text;
