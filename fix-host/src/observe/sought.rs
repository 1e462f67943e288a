//! The fields of a message of ours that are counted, found without reading the others: of an ExecutionReport ExecType(150)
//! stands near the end, and most of what it cost to count one was to read the twenty fields before.

use fix_core::{
    tag::{self, Tag},
    wire::{
        SOH,
        field::{Field, Fields, data_tag_of},
    },
};

use crate::log::each_place;

/// What is counted of an order or a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sought<'m> {
    /// PossDupFlag(43)=Y: it was counted when it was sent for the first time.
    pub(super) poss_dup: bool,
    /// The first ClOrdID(11).
    pub(super) cl_ord_id: Option<&'m [u8]>,
    /// The first ExecType(150).
    pub(super) exec_type: Option<&'m [u8]>,
}

impl<'m> Sought<'m> {
    /// Finds them in a whole message. ExecType(150) is looked for only if `wants_exec_type`.
    pub(super) fn find(message: &'m [u8], wants_exec_type: bool) -> Self {
        let mut found = Sought::default();
        let mut has_data = false;
        each_place(SOH, message, |soh| {
            // Behind the last one nothing follows that is looked for.
            let Some(head) = message.get(soh..).and_then(<[u8]>::first_chunk) else { return true };
            let head = u32::from_le_bytes(*head);
            let seen = BEGINNINGS[(head >> 4 & 0xF0 | head >> 16 & 0x0F) as usize];
            if seen >> (head >> 24 & 0xF) & 1 == 0 {
                return true;
            }
            let field = message.get(soh + 1..).unwrap_or_default();
            has_data = announces_data(field);
            !has_data && found.take(field, wants_exec_type)
        });
        // Data may hold what looks like a field.
        if has_data { Sought::read(message, wants_exec_type) } else { found }
    }

    /// Looks at one field; false once all is found.
    #[cold]
    fn take(&mut self, field: &'m [u8], wants_exec_type: bool) -> bool {
        let value = |tag: &[u8]| {
            let value = field.strip_prefix(tag)?;
            value.split(|byte| *byte == SOH).next()
        };
        self.poss_dup |= value(b"43=") == Some(b"Y");
        self.cl_ord_id = self.cl_ord_id.or_else(|| value(b"11="));
        if wants_exec_type {
            self.exec_type = self.exec_type.or_else(|| value(b"150="));
        }
        self.goes_on(wants_exec_type)
    }

    /// PossDupFlag(43) stands in the header, before the others.
    fn goes_on(&self, wants_exec_type: bool) -> bool {
        !self.poss_dup && (self.cl_ord_id.is_none() || self.exec_type.is_some() != wants_exec_type)
    }

    /// The same field by field.
    #[cold]
    fn read(message: &'m [u8], wants_exec_type: bool) -> Self {
        let mut found = Sought::default();
        for Field { tag, value, .. } in Fields::new(message).valid() {
            match tag {
                tag::POSS_DUP_FLAG => found.poss_dup |= value == b"Y",
                tag::CL_ORD_ID => found.cl_ord_id = found.cl_ord_id.or(Some(value)),
                tag::EXEC_TYPE if wants_exec_type => found.exec_type = found.exec_type.or(Some(value)),
                _ => {}
            }
            if !found.goes_on(wants_exec_type) {
                break;
            }
        }
        found
    }
}

/// True if `field` is a Length field: what follows it is data.
fn announces_data(field: &[u8]) -> bool {
    let digits = field.iter().take(4).take_while(|byte| byte.is_ascii_digit());
    let tag = digits.fold(0, |tag, digit| tag * 10 + i32::from(digit - b'0'));
    data_tag_of(Tag(tag)).is_some()
}

/// How the fields begin that are looked for, and all Length fields: by the first two characters the third ones, a bit for
/// the lower half of each. One look tells nearly all other fields from them.
const BEGINNINGS: [u16; 256] = beginnings();

const fn beginnings() -> [u16; 256] {
    let mut table = [0; 256];
    add(&mut table, 11);
    add(&mut table, 43);
    add(&mut table, 150);
    let mut tag = 0;
    while tag < 10_000 {
        if data_tag_of(Tag(tag)).is_some() {
            assert!(tag >= 10 && tag < 1000, "a Length field's tag has two or three digits");
            add(&mut table, tag as usize);
        }
        tag += 1;
    }
    table
}

const fn add(table: &mut [u16; 256], tag: usize) {
    if tag < 100 {
        table[tag / 10 * 16 + tag % 10] |= 1 << (b'=' & 0xF);
    } else {
        table[tag / 100 * 16 + tag / 10 % 10] |= 1 << (tag % 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &str) -> Vec<u8> {
        format!("8=FIX.4.4|9=5|35=8|34=7|{fields}10=000|").replace('|', "\x01").into_bytes()
    }

    #[test]
    fn it_finds_what_reading_field_by_field_finds() {
        for fields in [
            "43=Y|11=A|150=F|",
            "43=N|49=US|11=A|150=F|",
            "6=1|11=A-1|14=3|17=X|37=Y|150=F|151=0|",
            "150=F|11=A|",
            "1=150=F|115=11=B|1150=F|15=USD|",
            "37=1|150=|11=|",
            "11=A|11=B|150=0|150=F|",
            // What stands in data is no field.
            "95=10|96=|150=F|11=B|11=A|150=8|",
            "354=8|355=a|150=F|11=A|150=8|",
            "11=A|354=8|355=a|150=F|150=8|",
            "not a field|11=A|150=F|",
            "",
        ] {
            for at in 0..8 {
                let message = message(&format!("58={}|{fields}", "x".repeat(at + 1)));
                for wants_exec_type in [true, false] {
                    let read = Sought::read(&message, wants_exec_type);
                    assert_eq!(Sought::find(&message, wants_exec_type), read, "{fields}");
                }
            }
        }
        let found = message("11=A|37=1|150=F|");
        let found = Sought::find(&found, true);
        assert_eq!((found.cl_ord_id, found.exec_type), (Some(&b"A"[..]), Some(&b"F"[..])));
    }

    #[test]
    fn bytes_that_are_no_message_hold_nothing() {
        for bytes in
            [&b""[..], b"\x01", b"\x01\x01\x01\x01\x01\x01\x01\x01\x01", b"xxxxxxx\x01", b"xxxxxxx\x0111"]
        {
            assert_eq!(Sought::find(bytes, true), Sought::default());
        }
    }
}
