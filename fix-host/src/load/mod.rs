//! Load: orders at a constant rate, and how long their answers take.
//!
//! The load is open loop: each order has a moment at which it is meant to be sent, whatever the answers to earlier ones
//! do, and its latency counts from that moment. A venue that stands still for a second shows in the latencies of all
//! orders that were due in that second (no coordinated omission).
//!
//! [`plan`] says when which order is due, and [`pacer`] wakes the sessions for it; [`trader`] is the application of each session, over what it has [`outstanding`];
//! all of them count into one [`tally`], of which a [`report`] is made at the end.

mod chart;
mod cl_ord_id;
mod html;
pub mod mix;
pub mod outstanding;
pub mod pacer;
pub mod plan;
pub mod report;
pub mod stopwatch;
pub mod tally;
pub mod trader;
