//! A dictionary as its file has it: names not looked up yet, components not opened up.

use std::collections::HashSet;

use crate::error::At;

/// The content of one file, or of a dictionary with overlays on top.
#[derive(Debug)]
pub struct Spec {
    /// The root element.
    pub at: At,
    /// The version; an overlay may leave it out.
    pub version: Option<Version>,
    /// The service pack of that version; 0 without one.
    pub service_pack: u8,
    /// `<header>`.
    pub header: Vec<Member>,
    /// `<trailer>`.
    pub trailer: Vec<Member>,
    /// `<messages>`.
    pub messages: Vec<Message>,
    /// `<components>`.
    pub components: Vec<Component>,
    /// `<fields>`.
    pub fields: Vec<Field>,
    /// The names of fields without a usable number: where they are members, they are passed over.
    pub unusable: HashSet<String>,
}

/// The version that a dictionary is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `FIX` or `FIXT`.
    pub kind: String,
    /// The number before the point.
    pub major: u8,
    /// The number after the point.
    pub minor: u8,
}

impl Version {
    /// The BeginString(8) of this version.
    pub fn begin_string(&self) -> String {
        format!("{}.{}.{}", self.kind, self.major, self.minor)
    }
}

/// A field, group or component where it is used.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where.
    pub at: At,
    /// The name of the field, of the group's count field, or of the component.
    pub name: String,
    /// Which of the three.
    pub kind: MemberKind,
    /// `required`, if it says.
    pub required: Option<bool>,
    /// Whether an overlay says so: then it counts over what the dictionary says.
    pub overlay: bool,
}

/// What a member is.
#[derive(Clone, Debug)]
pub enum MemberKind {
    /// A field.
    Field,
    /// A repeating group with the members of an entry.
    Group(Vec<Member>),
    /// A component, defined elsewhere.
    Component,
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// Where.
    pub at: At,
    /// Its name.
    pub name: String,
    /// The value of MsgType(35).
    pub msg_type: String,
    /// `msgcat="admin"`.
    pub admin: bool,
    /// What it consists of.
    pub members: Vec<Member>,
}

/// A component.
#[derive(Debug)]
pub struct Component {
    /// Where.
    pub at: At,
    /// Its name.
    pub name: String,
    /// What it consists of.
    pub members: Vec<Member>,
}

/// A field's definition.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where.
    pub at: At,
    /// Its tag.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// Its type; an overlay may leave it out.
    pub kind: Option<&'static TypeName>,
    /// `allowOtherValues`, if it says: the values are names, not limits.
    pub open: Option<bool>,
    /// The values it may take.
    pub values: Vec<Value>,
}

/// A value that a field may take.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// On the wire.
    pub code: String,
    /// What it means.
    pub name: String,
}

/// A data type: how dictionary files and how the tables call it.
#[derive(Debug, PartialEq, Eq)]
pub struct TypeName {
    /// In dictionary files.
    pub xml: &'static str,
    /// The variant of `FieldType`.
    pub rust: &'static str,
}

impl TypeName {
    /// What a type that is not known is taken for: any value will do.
    pub const STRING: &'static TypeName = &TYPES[0];

    /// The type that a dictionary file calls `name`.
    pub fn find(name: &str) -> Option<&'static TypeName> {
        TYPES.iter().find(|kind| kind.xml == name)
    }

    /// Whether the value is raw bytes with their length in the field before.
    pub fn is_data(&self) -> bool {
        matches!(self.rust, "Data" | "XmlData")
    }
}

const fn t(xml: &'static str, rust: &'static str) -> TypeName {
    TypeName { xml, rust }
}

/// Every type that dictionary files use, from FIX 4.0 to FIX 5.0 SP2.
pub const TYPES: &[TypeName] = &[
    t("STRING", "String"),
    t("CHAR", "Char"),
    t("INT", "Int"),
    t("LENGTH", "Length"),
    t("NUMINGROUP", "NumInGroup"),
    t("SEQNUM", "SeqNum"),
    t("TAGNUM", "TagNum"),
    t("DAYOFMONTH", "DayOfMonth"),
    t("FLOAT", "Float"),
    t("QTY", "Qty"),
    t("PRICE", "Price"),
    t("PRICEOFFSET", "PriceOffset"),
    t("AMT", "Amt"),
    t("PERCENTAGE", "Percentage"),
    t("BOOLEAN", "Boolean"),
    t("MULTIPLEVALUESTRING", "MultipleValueString"),
    t("MULTIPLESTRINGVALUE", "MultipleStringValue"),
    t("MULTIPLECHARVALUE", "MultipleCharValue"),
    t("COUNTRY", "Country"),
    t("CURRENCY", "Currency"),
    t("EXCHANGE", "Exchange"),
    t("LANGUAGE", "Language"),
    t("MONTHYEAR", "MonthYear"),
    t("UTCTIMESTAMP", "UtcTimestamp"),
    t("TIME", "Time"),
    t("UTCTIMEONLY", "UtcTimeOnly"),
    t("UTCDATEONLY", "UtcDateOnly"),
    t("UTCDATE", "UtcDate"),
    t("DATE", "Date"),
    t("LOCALMKTDATE", "LocalMktDate"),
    t("LOCALMKTTIME", "LocalMktTime"),
    t("TZTIMEONLY", "TzTimeOnly"),
    t("TZTIMESTAMP", "TzTimestamp"),
    t("DATA", "Data"),
    t("XMLDATA", "XmlData"),
    t("XID", "Xid"),
    t("XIDREF", "XidRef"),
];
