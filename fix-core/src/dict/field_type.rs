//! The data types of fields (FIX 4.4 Vol. 1, "Field Data Types", and those that later versions add).

macro_rules! field_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// The data type of a field: what forms its value may have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        pub enum FieldType {
            $($(#[$doc])* $variant,)*
        }

        impl FieldType {
            /// Every type.
            pub const ALL: &'static [FieldType] = &[$(FieldType::$variant,)*];

            /// The name that dictionary files use, such as `UTCTIMESTAMP`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(FieldType::$variant => $name,)*
                }
            }

            /// The type that a dictionary file calls `name`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<FieldType> {
                match name {
                    $($name => Some(FieldType::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

field_types! {
    /// No field of the dictionary has this tag.
    Undefined "",
    /// Any text.
    String "STRING",
    /// One character.
    Char "CHAR",
    /// A signed integer.
    Int "INT",
    /// A positive integer: the length of the data field that follows.
    Length "LENGTH",
    /// The number of entries in a repeating group.
    NumInGroup "NUMINGROUP",
    /// A sequence number.
    SeqNum "SEQNUM",
    /// A tag number.
    TagNum "TAGNUM",
    /// 1 to 31.
    DayOfMonth "DAYOFMONTH",
    /// A decimal number.
    Float "FLOAT",
    /// A decimal quantity.
    Qty "QTY",
    /// A decimal price; may be negative.
    Price "PRICE",
    /// A decimal offset to a price; may be negative.
    PriceOffset "PRICEOFFSET",
    /// A decimal amount of money.
    Amt "AMT",
    /// A decimal fraction: .05 is 5 %.
    Percentage "PERCENTAGE",
    /// `Y` or `N`.
    Boolean "BOOLEAN",
    /// Codes of any length, separated by single spaces.
    MultipleValueString "MULTIPLEVALUESTRING",
    /// The same under its FIX 5.0 name.
    MultipleStringValue "MULTIPLESTRINGVALUE",
    /// Single characters, separated by single spaces.
    MultipleCharValue "MULTIPLECHARVALUE",
    /// ISO 3166 country.
    Country "COUNTRY",
    /// ISO 4217 currency.
    Currency "CURRENCY",
    /// ISO 10383 market.
    Exchange "EXCHANGE",
    /// ISO 639-1 language.
    Language "LANGUAGE",
    /// `YYYYMM`, `YYYYMMDD` or `YYYYMMWw`.
    MonthYear "MONTHYEAR",
    /// Date and time in UTC.
    UtcTimestamp "UTCTIMESTAMP",
    /// The name that FIX 4.0 and 4.1 have for a date and time in UTC.
    Time "TIME",
    /// Time of day in UTC.
    UtcTimeOnly "UTCTIMEONLY",
    /// Date in UTC.
    UtcDateOnly "UTCDATEONLY",
    /// The name that FIX 4.2 and 4.3 have for a date in UTC.
    UtcDate "UTCDATE",
    /// The name that FIX 4.0 has for a date.
    Date "DATE",
    /// Date in the local market.
    LocalMktDate "LOCALMKTDATE",
    /// Time of day in the local market.
    LocalMktTime "LOCALMKTTIME",
    /// Time of day with its offset from UTC.
    TzTimeOnly "TZTIMEONLY",
    /// Date and time with its offset from UTC.
    TzTimestamp "TZTIMESTAMP",
    /// Raw bytes, which may hold SOH; their length stands in the field before.
    Data "DATA",
    /// An XML document, framed as raw bytes.
    XmlData "XMLDATA",
    /// An identifier of an XML element.
    Xid "XID",
    /// A reference to an XML element.
    XidRef "XIDREF",
}

impl FieldType {
    /// Whether the value is raw bytes whose length stands in the field before.
    #[must_use]
    pub const fn is_data(self) -> bool {
        matches!(self, FieldType::Data | FieldType::XmlData)
    }

    /// Whether the value means something for the fields behind it: how many entries follow, or how many bytes.
    #[must_use]
    pub const fn is_structure(self) -> bool {
        self.is_data() || matches!(self, FieldType::NumInGroup | FieldType::Length)
    }

    /// Whether any value that is not empty will do.
    #[must_use]
    pub const fn is_any_text(self) -> bool {
        matches!(
            self,
            FieldType::String
                | FieldType::Country
                | FieldType::Currency
                | FieldType::Exchange
                | FieldType::Language
                | FieldType::Xid
                | FieldType::XidRef
        )
    }

    /// Whether the value is a list of codes separated by single spaces.
    #[must_use]
    pub const fn is_multiple_value(self) -> bool {
        matches!(
            self,
            FieldType::MultipleValueString | FieldType::MultipleStringValue | FieldType::MultipleCharValue
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_type() {
        for kind in FieldType::ALL {
            assert_eq!(FieldType::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(FieldType::from_name("price"), None);
    }
}
