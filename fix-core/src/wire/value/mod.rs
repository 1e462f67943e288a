//! Field values: checked parses and canonical encodings (FIX 4.4 Vol. 1, "Field Data Types").

pub use crate::ascii::ValueError;
use crate::{ascii::Sink, tag::Tag};

mod code;
mod multiple;
mod number;
mod text;
mod time;

pub use multiple::MultipleValue;
pub use number::DayOfMonth;
pub use text::{Data, Secret, Text};

/// A type that a field value can be read as.
pub trait FromField<'a>: Sized {
    /// Reads a value, which never contains SOH unless the field is of type `data`.
    ///
    /// # Errors
    /// [`ValueError`] when the bytes are not of this type.
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError>;
}

/// A value in its canonical encoding.
pub trait ToField {
    /// Writes the bytes of the value, without tag and SOH.
    fn to_field(&self, sink: &mut Sink<'_>);

    /// Whether it is what a struct has for a date or time that was left out: 1970-01-01, 00:00:00.
    #[doc(hidden)]
    #[inline(always)]
    fn is_left_out(&self) -> bool {
        false
    }

    /// Writes `tag=`, the value and SOH: the same bytes, at once for the types of this crate.
    #[doc(hidden)]
    #[inline(always)]
    fn to_whole_field(&self, tag: Tag, sink: &mut Sink<'_>) {
        sink.parts(tag, self);
    }
}

/// Implements [`ToField::to_whole_field`] by a function of `whole_field`.
macro_rules! whole_field {
    ($value:ident, $function:ident, $argument:expr) => {
        #[cfg(target_pointer_width = "64")]
        #[inline(always)]
        fn to_whole_field(&$value, tag: $crate::tag::Tag, sink: &mut $crate::wire::writer::Sink<'_>) {
            let argument = $argument;
            sink.whole_field(tag, *$value, |window, tag| $crate::wire::whole_field::$function(window, tag, argument));
        }
    };
}
use whole_field;

/// The same for a text.
macro_rules! whole_text {
    ($value:ident, $text:expr) => {
        #[cfg(target_pointer_width = "64")]
        #[inline(always)]
        fn to_whole_field(&$value, tag: $crate::tag::Tag, sink: &mut $crate::wire::writer::Sink<'_>) {
            sink.whole_text(tag, $text);
        }
    };
}
use whole_text;
