//! Code sets as types, so that a side cannot be given where an order type belongs.

use core::fmt;

use crate::wire::value::Text;

/// Declares the code sets of fields as types: each holds the value that is on the wire, with a constant for each value
/// that has a meaning. Any other value of the right form is held, compared and encoded as well: counterparties have
/// codes of their own.
///
/// - `char`: one character; the type holds a `u8`.
/// - `int`: a number; the type holds an `i32`.
/// - `text`: any text; the type borrows it as a [`Text`](crate::wire::value::Text).
///
/// `{}` shows the name, or the value if it has none; `{:?}` shows both. Nothing is a default code: the default of `char` and `text` is a value that
/// encoding refuses, that of `int` is 0.
///
/// ```
/// use fix_core::codes;
///
/// codes! {
///     /// Values of the user-defined field `Urgency(5010)`.
///     char Urgency { LOW = b'L', HIGH = b'H', }
///
///     /// Values of the user-defined field `Desk(5011)`.
///     int Desk { EQUITIES = 1, BONDS = 2, }
///
///     /// Values of the user-defined field `Venue(5012)`.
///     text Venue { NEW_YORK = "XNYS", }
/// }
///
/// assert_eq!(format!("{}, {:?}", Urgency::HIGH, Urgency::HIGH), "HIGH, Urgency(H=HIGH)");
/// assert_eq!(format!("{:?}", Desk(7)), "Desk(7)");
/// assert_eq!(Venue::from("XNYS").name(), Some("NEW_YORK"));
/// ```
#[macro_export]
macro_rules! codes {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($code:ident = $value:literal,)* })*) => {
        $($crate::__codes_of!($kind $name [$(#[$doc])*] $($code = $value,)*);)*
    };
}

/// One type of [`codes!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __codes_of {
    (char $name:ident $doc:tt $($code:ident = $value:literal,)*) => {
        $crate::__codes_of!(@number $name(u8) $doc $($code = $value,)*);
    };
    (int $name:ident $doc:tt $($code:ident = $value:literal,)*) => {
        $crate::__codes_of!(@number $name(i32) $doc $($code = $value,)*);
    };
    (text $name:ident [$($doc:tt)*] $($code:ident = $value:literal,)*) => {
        $($doc)*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name<'a>(
            /// The value on the wire.
            pub $crate::wire::value::Text<'a>,
        );

        impl<'a> ::core::convert::From<&'a str> for $name<'a> {
            fn from(value: &'a str) -> Self {
                $name(value.into())
            }
        }

        $crate::__codes_of!(
            @common $name [$name<'a>] $crate::wire::value::Text<'a>,
            $($code = $value => $crate::wire::value::Text::new($value.as_bytes()),)*
        );
    };
    (@number $name:ident($ty:ty) [$($doc:tt)*] $($code:ident = $value:literal,)*) => {
        $($doc)*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(
            /// The value on the wire.
            pub $ty,
        );

        $crate::__codes_of!(@common $name [$name] $ty, $($code = $value => $value,)*);
    };
    (@common $name:ident [$of:ty] $ty:ty, $($code:ident = $shown:literal => $value:expr,)*) => {
        impl<'a> $of {
            $(#[doc = concat!("`", stringify!($shown), "`")] pub const $code: Self = $name($value);)*

            /// The name of the code; `None` if the value has none.
            #[must_use]
            pub fn name(self) -> ::core::option::Option<&'static str> {
                let names: &[($ty, &'static str)] = &[$(($value, stringify!($code)),)*];
                names.iter().find(|(value, _)| *value == self.0).map(|(_, name)| *name)
            }
        }

        impl<'a> $crate::wire::value::FromField<'a> for $of {
            #[inline]
            fn from_field(value: &'a [u8]) -> ::core::result::Result<Self, $crate::wire::value::ValueError> {
                <$ty as $crate::wire::value::FromField<'a>>::from_field(value).map($name)
            }
        }

        impl<'a> $crate::wire::value::ToField for $of {
            #[inline]
            fn to_field(&self, sink: &mut $crate::wire::writer::Sink<'_>) {
                $crate::wire::value::ToField::to_field(&self.0, sink);
            }

            #[inline(always)]
            fn to_whole_field(&self, tag: $crate::tag::Tag, sink: &mut $crate::wire::writer::Sink<'_>) {
                $crate::wire::value::ToField::to_whole_field(&self.0, tag, sink);
            }
        }

        /// Its name, or its value if that has none.
        impl<'a> ::core::fmt::Display for $of {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::dict::codes::CodeValue::show_name(&self.0, f, self.name())
            }
        }

        impl<'a> ::core::fmt::Debug for $of {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::dict::codes::CodeValue::show_code(&self.0, f, stringify!($name), self.name())
            }
        }

        $crate::__codes_format!($name [$of]);
    };
}

/// `defmt::Format` of one type, if fix-core has it: the feature of the crate that declares codes is another.
#[cfg(feature = "defmt")]
#[doc(hidden)]
#[macro_export]
macro_rules! __codes_format {
    ($name:ident [$of:ty]) => {
        impl<'a> $crate::dict::codes::defmt::Format for $of {
            fn format(&self, f: $crate::dict::codes::defmt::Formatter<'_>) {
                $crate::dict::codes::CodeValue::format_code(&self.0, f, stringify!($name), self.name());
            }
        }
    };
}

#[cfg(not(feature = "defmt"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __codes_format {
    ($($of:tt)*) => {};
}

#[cfg(feature = "defmt")]
#[doc(hidden)]
pub use defmt;

/// What a code holds.
#[doc(hidden)]
pub trait CodeValue {
    /// Shows the value as it is on the wire.
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The same for defmt.
    #[cfg(feature = "defmt")]
    fn format(&self, f: defmt::Formatter<'_>);

    /// Shows the name of a code, or the value as it is on the wire.
    fn show_name(&self, f: &mut fmt::Formatter<'_>, name: Option<&'static str>) -> fmt::Result {
        match name {
            Some(name) => f.pad(name),
            None => self.show(f),
        }
    }

    /// Shows a code of the type `of`: `Side(1=BUY)`, or `Side(Z)` without a name.
    fn show_code(
        &self,
        f: &mut fmt::Formatter<'_>,
        of: &'static str,
        name: Option<&'static str>,
    ) -> fmt::Result {
        match name {
            Some(name) => write!(f, "{of}({}={name})", Shown(self)),
            None => write!(f, "{of}({})", Shown(self)),
        }
    }

    /// The same for defmt.
    #[cfg(feature = "defmt")]
    fn format_code(&self, f: defmt::Formatter<'_>, of: &'static str, name: Option<&'static str>) {
        match name {
            Some(name) => defmt::write!(f, "{=str}({}={=str})", of, Shown(self), name),
            None => defmt::write!(f, "{=str}({})", of, Shown(self)),
        }
    }
}

impl CodeValue for u8 {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&core::slice::from_ref(self).escape_ascii(), f)
    }

    #[cfg(feature = "defmt")]
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=char}", char::from(*self));
    }
}

impl CodeValue for i32 {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    #[cfg(feature = "defmt")]
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=i32}", *self);
    }
}

impl CodeValue for Text<'_> {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    #[cfg(feature = "defmt")]
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:a}", self.as_bytes());
    }
}

/// A value as a format string takes it.
struct Shown<'v, T: ?Sized>(&'v T);

impl<T: CodeValue + ?Sized> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

#[cfg(feature = "defmt")]
impl<T: CodeValue + ?Sized> defmt::Format for Shown<'_, T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.0.format(f);
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use crate::{
        dict::fix44::code::{ExecType, OrdRejReason, SecurityType, Side},
        tag::Tag,
        wire::{
            value::{FromField, ToField, ValueError},
            writer::{EncodeError, Writer},
        },
    };

    fn written(value: impl ToField) -> Result<std::string::String, EncodeError> {
        let mut buffer = [0; 32];
        let mut out = Writer::fields(&mut buffer);
        out.field(Tag(54), value);
        let len = out.finish_fields()?;
        Ok(std::string::String::from_utf8_lossy(&buffer[..len]).replace('\x01', "|"))
    }

    #[test]
    fn a_value_without_a_name_survives() {
        let side = Side::from_field(b"z").unwrap();
        assert_eq!((side, side.name(), written(side)), (Side(b'z'), None, Ok("54=z|".into())));
        let reason = OrdRejReason::from_field(b"-7").unwrap();
        assert_eq!((reason, reason.name(), written(reason)), (OrdRejReason(-7), None, Ok("54=-7|".into())));
        let kind = SecurityType::from_field(b"COIN").unwrap();
        assert_eq!((kind.name(), written(kind)), (None, Ok("54=COIN|".into())));
    }

    #[test]
    fn value_and_name_are_shown() {
        assert_eq!(format!("{:?} {:?}", Side::BUY, Side(b'z')), "Side(1=BUY) Side(z)");
        assert_eq!(format!("{:?}", OrdRejReason::DUPLICATE_ORDER), "OrdRejReason(6=DUPLICATE_ORDER)");
        assert_eq!(format!("{:?}", SecurityType::COMMON_STOCK), "SecurityType(CS=COMMON_STOCK)");
        assert_eq!(format!("{} {} {}", Side::BUY, Side(b'z'), SecurityType::from("COIN")), "BUY z COIN");
        assert_eq!(
            format!("{:>5}|{}", Side::BUY, Side(7)),
            "  BUY|\\x07",
            "what steers a terminal is escaped"
        );
        assert_eq!(ExecType::TRADE.name(), Some("TRADE"));
    }

    #[test]
    fn a_code_that_nobody_has_set_is_not_written() {
        assert_eq!(written(Side::default()), Err(EncodeError::BadValue));
        assert_eq!(written(SecurityType::default()), Err(EncodeError::BadValue));
        assert_eq!(Side::from_field(b"12"), Err(ValueError::Format));
    }
}
