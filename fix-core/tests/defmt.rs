//! What a board logs has `defmt::Format`: held by the compiler in `cargo xtask firmware`.

#![cfg(feature = "defmt")]

use defmt::Format;

use fix_core::{
    code::{OrdRejReason, SecurityType, Side},
    msg::{
        message::{FieldError, FieldProblem},
        reject::{Finding, SessionRejectReason},
    },
    pre_trade::Refusal,
    session::{
        SessionStatus,
        config::IdError,
        error::{AdminRefusal, BusinessReject, DoNotSend, SendError},
        event::{Event, Reason},
        schedule::ScheduleError,
        state::{CloseReason, Phase, Trigger},
    },
    store::StoreError,
    wire::{
        deframer::Garbled, field::NotAField, frame::GarbledReason, value::ValueError, writer::EncodeError,
    },
};

const fn has_format<T: Format>() {}

/// Errors.
const _: () = {
    has_format::<AdminRefusal>();
    has_format::<BusinessReject>();
    has_format::<DoNotSend>();
    has_format::<EncodeError>();
    has_format::<FieldError>();
    has_format::<FieldProblem>();
    has_format::<Garbled>();
    has_format::<GarbledReason>();
    has_format::<IdError>();
    has_format::<NotAField>();
    has_format::<Refusal>();
    has_format::<ScheduleError>();
    has_format::<SendError>();
    has_format::<StoreError>();
    has_format::<ValueError>();
};

/// Events, what they hold, and codes of each kind.
const _: () = {
    has_format::<CloseReason>();
    has_format::<Event<'_>>();
    has_format::<Finding>();
    has_format::<OrdRejReason>();
    has_format::<Phase>();
    has_format::<Reason>();
    has_format::<SecurityType<'_>>();
    has_format::<SessionRejectReason>();
    has_format::<SessionStatus>();
    has_format::<Side>();
    has_format::<Trigger>();
};
