#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

#[cfg(test)]
extern crate std;

mod ascii;
pub mod decimal;
pub mod dict;
pub mod engine;
pub mod flight;
pub mod msg;
mod msg_type;
pub mod pre_trade;
pub mod session;
mod shown;
pub mod store;
pub mod tag;
pub mod time;
pub mod wire;

pub use decimal::Decimal;
pub use dict::fix44::code;
pub use engine::{Buffers, Engine, Step};
pub use msg::{
    message::{FieldError, Message},
    msg_type::MsgType,
    reject::Finding,
};
pub use session::{
    PeerText, SessionStatus,
    application::{Application, Outbox},
    config::{MAX_ID_LEN, Role, SessionConfig, SessionId},
    error::{AdminRefusal, BusinessReject, CapacityError, DoNotSend, SendError, UsageError},
    event::Event,
    state::CloseReason,
};
pub use store::{MessageStore, NoStore, RingStore, StoreError};
pub use tag::Tag;
pub use time::{Mono, Now, UtcTimestamp};
pub use wire::{
    deframer::Deframer,
    frame::Frame,
    writer::{Encode, Writer},
};
