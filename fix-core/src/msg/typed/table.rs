//! The table that a typed message is made of: [`message!`](crate::message!) and [`entry!`](crate::entry!). Both expand to
//! a struct, a single pass over the received fields with one `match` on the tag, and the way back.

/// Declares a typed message by a table of its fields: a struct that is read from a
/// [`Message`](crate::msg::message::Message) by `TryFrom` and written by [`Encode`](crate::wire::writer::Encode).
///
/// Behind the name stands the constant of its MsgType(35). Each row has the tag, the member's name, and what it is:
///
/// - `required`: a plain value; a message without the field cannot be read. A date or time that was left out, which is
///   1970-01-01 then, is refused when it is written.
/// - `optional`: an `Option`.
/// - `data`: an `Option`; the Length field is written and read along. Of the data fields of FIX 4.4 only: others stay
///   in the member `extra`, as does every field that the table does not name.
/// - `group`: [`Entries`](crate::msg::typed::Entries) of a type declared by [`entry!`](crate::entry!).
///
/// The type is one that implements [`FromField`](crate::wire::value::FromField),
/// [`ToField`](crate::wire::value::ToField), `Copy`, `Default`, `PartialEq` and `Debug`, as those of this crate do and
/// those that [`codes!`](crate::codes!) declares. Fields are written in the order of the table.
///
/// ```
/// use fix_core::{Decimal, MsgType, code, message, wire::value::Text};
///
/// const MARGIN_CALL: MsgType = MsgType::from_static(b"UM");
///
/// message! {
///     /// The clearer asks for money.
///     MarginCall = MARGIN_CALL {
///         1 account: required Text<'a>,
///         54 side: optional code::Side,
///         5001 amount: required Decimal,
///     }
/// }
///
/// let call = MarginCall { account: "FUND1".into(), amount: 250.into(), ..MarginCall::default() };
/// # let _ = call;
/// ```
#[macro_export]
macro_rules! message {
    ($(#[$doc:meta])* $name:ident = $msg_type:path { $($table:tt)* }) => {
        $crate::__fields! { $(#[$doc])* $name { $($table)* } }

        impl<'a> ::core::convert::TryFrom<&$crate::msg::message::Message<'a>> for $name<'a> {
            type Error = $crate::msg::field_map::FieldError;

            fn try_from(
                message: &$crate::msg::message::Message<'a>,
            ) -> ::core::result::Result<Self, Self::Error> {
                Self::read(&mut $crate::msg::typed::EntryFields::of_message(message, $msg_type)?)
            }
        }

        impl $crate::wire::writer::Encode for $name<'_> {
            fn msg_type(&self) -> $crate::msg::msg_type::MsgType {
                $msg_type
            }

            fn encode_body(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                self.write(out);
            }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!("a message is declared as `Name = MSG_TYPE { rows }`");
    };
}

/// Declares an entry of a repeating group by a table as for [`message!`](crate::message!). Behind the name stands the
/// group's definition, a static [`GroupDef`](crate::dict::GroupDef); the first row is the field that every entry begins
/// with.
///
/// ```
/// use fix_core::{
///     Tag, dict::{Block, GroupDef, TagSet}, entry, wire::value::Text,
/// };
///
/// static DESKS: GroupDef = GroupDef {
///     name: "Desks",
///     count: Tag(5010),
///     delimiter: Tag(5011),
///     entry: Block {
///         members: &[Tag(5011)],
///         set: TagSet::new(&[], &[Tag(5011)]),
///         ..Block::EMPTY
///     },
/// };
///
/// entry! {
///     /// A desk that the message is for.
///     Desk = DESKS {
///         5011 name: optional Text<'a>,
///     }
/// }
/// # let _ = Desk::default();
/// ```
#[macro_export]
macro_rules! entry {
    ($(#[$doc:meta])* $name:ident = $group:path { $($table:tt)* }) => {
        $crate::__fields! { $(#[$doc])* $name { $($table)* } }

        impl<'a> $crate::msg::typed::GroupEntry<'a> for $name<'a> {
            const GROUP: &'static $crate::dict::GroupDef = &$group;

            fn read_entry(
                fields: &mut $crate::msg::typed::EntryFields<'a>,
            ) -> ::core::result::Result<Self, $crate::msg::field_map::FieldError> {
                Self::read(fields)
            }

            fn write_entry(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                self.write(out);
            }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!("an entry is declared as `Name = GROUP_DEF { rows }`");
    };
}

/// What both have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ($(#[$doc:meta])* $name:ident { $($tag:literal $field:ident: $kind:ident $ty:ty),* $(,)? }) => {
        $($crate::__row!(@kind $kind);)*

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name<'a> {
            $(#[doc = concat!("Field ", stringify!($tag), ".")] pub $field: $crate::__row!(@member $kind $ty),)*
            /// The fields that are not named here.
            pub extra: $crate::msg::typed::Extra<'a>,
        }

        impl<'a> $name<'a> {
            fn read(
                level: &mut $crate::msg::typed::EntryFields<'a>,
            ) -> ::core::result::Result<Self, $crate::msg::field_map::FieldError> {
                let start = level.start();
                let mut read = Self::default();
                $($crate::__row!(@presence $kind $field);)*
                while let Some(field) = level.next_field() {
                    match field.tag.0 {
                        $($tag => $crate::__row!(@take $kind $ty, read.$field, $field, field, level),)*
                        _ => {}
                    }
                }
                $($crate::__row!(@check $kind $tag, $field);)*
                read.extra = level.extra_since(start, Self::KNOWN);
                Ok(read)
            }

            fn write(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                $($crate::__row!(@put $kind $tag, self.$field, out);)*
                self.extra.write(out);
            }

            const KNOWN: &'static [$crate::msg::typed::Known] =
                &[$($crate::msg::typed::Known::new($tag, $crate::__row!(@group $kind $ty)),)*];

            /// The tags and kinds of the rows.
            #[doc(hidden)]
            pub const TABLE: &'static [(i32, &'static str)] = &[$(($tag, stringify!($kind)),)*];
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "each row is `tag name: kind Type`, such as `55 symbol: required Text<'a>`, with a comma behind it"
        );
    };
}

/// What one row of the table becomes, in each place where the row matters.
#[doc(hidden)]
#[macro_export]
macro_rules! __row {
    // What a field can be.
    (@kind required) => {};
    (@kind optional) => {};
    (@kind data) => {};
    (@kind group) => {};
    (@kind $other:ident) => {
        ::core::compile_error!(concat!(
            "`",
            stringify!($other),
            "` is no kind of field: write required, optional, data or group"
        ));
    };

    // The type of a struct member.
    (@member required $ty:ty) => { $ty };
    (@member group $ty:ty) => { $crate::msg::typed::Entries<'a, $ty> };
    (@member $other:ident $ty:ty) => { ::core::option::Option<$ty> };

    // A variable that says whether a required field has come.
    (@presence required $field:ident) => {
        let mut $field = false;
    };
    (@presence $other:ident $field:ident) => {};

    // Reads one field; of a repeated one, which validation reports, the first counts.
    (@take required $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        if !$present {
            $member = $crate::msg::typed::EntryFields::value::<$ty>($field)?;
            $present = true;
        }
    };
    (@take group $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        $member = $level.group::<$ty>($field)
    };
    (@take $other:ident $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        if $member.is_none() {
            $member = Some($crate::msg::typed::EntryFields::value::<$ty>($field)?);
        }
    };

    // Fails if a required field has not come.
    (@check required $tag:literal, $present:ident) => {
        if !$present {
            return Err($crate::msg::typed::EntryFields::missing($crate::tag::Tag($tag)));
        }
    };
    (@check $other:ident $tag:literal, $present:ident) => {};

    // Writes one member.
    (@put required $tag:literal, $value:expr, $out:ident) => {
        $out.required($crate::tag::Tag($tag), $value)
    };
    (@put optional $tag:literal, $value:expr, $out:ident) => {
        // Not `Writer::optional`, which would be a call for each type of value, absent ones too.
        if let Some(value) = $value {
            $out.field($crate::tag::Tag($tag), value);
        }
    };
    (@put group $tag:literal, $value:expr, $out:ident) => {
        $value.write($out)
    };
    (@put data $tag:literal, $value:expr, $out:ident) => {
        if let Some(data) = $value {
            $crate::msg::typed::Extra::write_data($crate::tag::Tag($tag), data.as_ref(), $out);
        }
    };

    // The group that a field counts.
    (@group group $ty:ty) => {
        Some(<$ty as $crate::msg::typed::GroupEntry<'a>>::GROUP)
    };
    (@group $other:ident $ty:ty) => {
        None
    };
}
