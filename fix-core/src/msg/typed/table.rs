//! The table that a typed message is made of.
//!
//! ```text
//! message! {
//!     /// What it is for.
//!     Name = MSG_TYPE_CONSTANT {
//!         11 cl_ord_id: required Text<'a>,      // a plain value; missing is an error
//!         44 price: optional Decimal,           // an Option
//!         355 encoded_text: data Data<'a>,      // an Option; its Length field is written and read along
//!         453 parties: group Party<'a>,         // Entries
//!     }
//! }
//! ```
//! `entry!` is the same for one entry of the group that the constant names. Both expand to a struct, a single pass
//! over the received fields with one `match` on the tag, and the way back. Fields are written in table order.

/// A message: its fields, `TryFrom<&Message>` and `Encode`.
macro_rules! message {
    ($(#[$doc:meta])* $name:ident = $msg_type:ident { $($table:tt)* }) => {
        fields! { $(#[$doc])* $name { $($table)* } }

        impl<'a> TryFrom<&$crate::msg::message::Message<'a>> for $name<'a> {
            type Error = $crate::msg::field_map::FieldError;

            fn try_from(message: &$crate::msg::message::Message<'a>) -> Result<Self, Self::Error> {
                if message.msg_type() != $crate::msg::msg_type::MsgType::$msg_type {
                    return Err($crate::msg::field_map::FieldError::other_message());
                }
                Self::read(&mut $crate::msg::group::Level::message(message.body_cursor()))
            }
        }

        impl $crate::wire::writer::Encode for $name<'_> {
            fn msg_type(&self) -> $crate::msg::msg_type::MsgType {
                $crate::msg::msg_type::MsgType::$msg_type
            }

            fn encode_body(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                self.write(out);
            }
        }
    };
}

/// An entry of a repeating group.
macro_rules! entry {
    ($(#[$doc:meta])* $name:ident = $group:ident { $($table:tt)* }) => {
        fields! { $(#[$doc])* $name { $($table)* } }

        impl<'a> $crate::msg::typed::GroupEntry<'a> for $name<'a> {
            const GROUP: &'static $crate::dict::GroupDef = &$crate::dict::fix44::group::$group;

            fn read_entry(
                fields: &mut $crate::msg::typed::EntryFields<'a>,
            ) -> Result<Self, $crate::msg::field_map::FieldError> {
                Self::read(&mut fields.0)
            }

            fn write_entry(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                self.write(out);
            }
        }
    };
}

/// What both have in common.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($tag:literal $field:ident: $kind:ident $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name<'a> {
            $(#[doc = concat!("Field ", stringify!($tag), ".")] pub $field: member!($kind $ty),)*
            /// The fields that are not named here.
            pub extra: $crate::msg::typed::Extra<'a>,
        }

        impl<'a> $name<'a> {
            fn read(
                level: &mut $crate::msg::group::Level<'a>,
            ) -> Result<Self, $crate::msg::field_map::FieldError> {
                let mark = level.mark();
                let mut read = Self::default();
                $(presence!($kind $field);)*
                while let Some(field) = level.next() {
                    match field.tag.0 {
                        $($tag => take!($kind $ty, read.$field, $field, field, level),)*
                        _ => {}
                    }
                }
                $(check_presence!($kind $tag, $field);)*
                read.extra = $crate::msg::typed::Extra::received(level, mark, Self::KNOWN);
                Ok(read)
            }

            fn write(&self, out: &mut $crate::wire::writer::Writer<'_>) {
                $(put!($kind $tag, self.$field, out);)*
                self.extra.write(out);
            }

            const KNOWN: &'static [$crate::msg::typed::extra::Known] =
                &[$($crate::msg::typed::extra::Known { tag: $tag, group: group_of!($kind $ty) },)*];

            #[cfg(test)]
            pub(super) const TABLE: &'static [(i32, &'static str)] = &[$(($tag, stringify!($kind)),)*];
        }
    };
}

/// The type of a struct member.
macro_rules! member {
    (required $ty:ty) => { $ty };
    (group $ty:ty) => { $crate::msg::typed::Entries<'a, $ty> };
    ($other:ident $ty:ty) => { Option<$ty> };
}

/// A variable that says whether a required field has come.
macro_rules! presence {
    (required $field:ident) => {
        let mut $field = false;
    };
    ($other:ident $field:ident) => {};
}

/// Reads one field; of a repeated one, which validation reports, the first counts.
macro_rules! take {
    (required $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        if !$present {
            $member = $crate::msg::field_map::read::<$ty>($field.tag, $field.value)?;
            $present = true;
        }
    };
    (group $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        $member = $crate::msg::typed::Entries::Received($crate::msg::group::Group::read(
            $field.value,
            &mut $level.fields,
            <$ty as $crate::msg::typed::GroupEntry<'a>>::GROUP,
        ))
    };
    ($other:ident $ty:ty, $member:expr, $present:ident, $field:ident, $level:ident) => {
        if $member.is_none() {
            $member = Some($crate::msg::field_map::read::<$ty>($field.tag, $field.value)?);
        }
    };
}

/// Fails if a required field has not come.
macro_rules! check_presence {
    (required $tag:literal, $present:ident) => {
        if !$present {
            return Err($crate::msg::field_map::FieldError::missing($crate::tag::Tag($tag)));
        }
    };
    ($other:ident $tag:literal, $present:ident) => {};
}

/// Writes one member.
macro_rules! put {
    (required $tag:literal, $value:expr, $out:ident) => {
        $out.field($crate::tag::Tag($tag), $value)
    };
    (optional $tag:literal, $value:expr, $out:ident) => {
        // Not `Writer::optional`, which would be a call for each type of value, absent ones too.
        if let Some(value) = $value {
            $out.field($crate::tag::Tag($tag), value);
        }
    };
    (group $tag:literal, $value:expr, $out:ident) => {
        $value.write($out)
    };
    (data $tag:literal, $value:expr, $out:ident) => {
        if let Some(data) = $value {
            $crate::msg::typed::extra::write_data($crate::tag::Tag($tag), data.as_ref(), $out);
        }
    };
}

/// The group that a field counts.
macro_rules! group_of {
    (group $ty:ty) => {
        Some(<$ty as $crate::msg::typed::GroupEntry<'a>>::GROUP)
    };
    ($other:ident $ty:ty) => {
        None
    };
}
