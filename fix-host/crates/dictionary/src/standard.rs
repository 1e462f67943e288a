//! Header and trailer where a dictionary leaves them out: those of FIX 4.4, as far as its fields are defined.

use std::collections::BTreeMap;

use crate::{
    error::{At, Warnings},
    model::{Field, Member, MemberKind, Spec, TypeName},
};

/// Without these no message can be read or answered; they are defined if the dictionary does not.
const HEADER: [(i32, &str, &str); 7] = [
    (8, "BeginString", "STRING"),
    (9, "BodyLength", "LENGTH"),
    (35, "MsgType", "STRING"),
    (49, "SenderCompID", "STRING"),
    (56, "TargetCompID", "STRING"),
    (34, "MsgSeqNum", "SEQNUM"),
    (52, "SendingTime", "UTCTIMESTAMP"),
];
/// The rest of the FIX 4.4 standard header, its hops group excepted.
const OPTIONAL: [i32; 19] =
    [115, 128, 90, 91, 50, 142, 57, 143, 116, 144, 129, 145, 43, 97, 122, 212, 213, 347, 369];
const TRAILER: [(i32, &str, &str); 1] = [(10, "CheckSum", "STRING")];
/// The rest of the FIX 4.4 standard trailer.
const SIGNATURE: [i32; 2] = [93, 89];

/// The header to use if the dictionary should have one and has none.
pub(crate) fn header(
    spec: &Spec,
    fields: &mut BTreeMap<i32, Field>,
    needed: bool,
    warnings: &mut Warnings,
) -> Option<Vec<Member>> {
    if !needed || !spec.header.is_empty() {
        return None;
    }
    warnings.push(&spec.at, missing("header"));
    Some(members(&spec.at, fields, &HEADER, &OPTIONAL))
}

/// The trailer to use if the dictionary should have one and has none.
pub(crate) fn trailer(
    spec: &Spec,
    fields: &mut BTreeMap<i32, Field>,
    needed: bool,
    warnings: &mut Warnings,
) -> Option<Vec<Member>> {
    if !needed || !spec.trailer.is_empty() {
        return None;
    }
    warnings.push(&spec.at, missing("trailer"));
    Some(members(&spec.at, fields, &TRAILER, &SIGNATURE))
}

fn missing(section: &str) -> String {
    format!(
        "<{section}> is missing or empty: that of FIX 4.4 is used. A file of a counterparty's fields alone is an \
         overlay"
    )
}

fn members(
    at: &At,
    fields: &mut BTreeMap<i32, Field>,
    required: &[(i32, &str, &'static str)],
    optional: &[i32],
) -> Vec<Member> {
    let define = |(number, name, kind): &(i32, &str, &'static str)| Field {
        at: at.clone(),
        number: *number,
        name: (*name).to_owned(),
        kind: TypeName::find(kind),
        open: None,
        values: Vec::new(),
    };
    let member = |field: &Field, required| Member {
        at: at.clone(),
        name: field.name.clone(),
        kind: MemberKind::Field,
        required: Some(required),
        overlay: false,
    };
    let mut members = Vec::new();
    for standard in required {
        let field = fields.entry(standard.0).or_insert_with(|| define(standard));
        members.push(member(field, true));
    }
    members.extend(optional.iter().filter_map(|number| Some(member(fields.get(number)?, false))));
    members
}
