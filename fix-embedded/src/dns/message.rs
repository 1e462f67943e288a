//! A question for the IPv4 addresses of a name, and what an answer to it says (RFC 1035, 4).

use core::net::Ipv4Addr;

use heapless::Vec;
use smoltcp::wire::{
    DnsFlags, DnsOpcode, DnsPacket, DnsQuestion, DnsRcode, DnsRecord, DnsRecordData, DnsRepr,
};

/// Those that are remembered of a name.
pub(crate) type Addresses = Vec<Ipv4Addr, 4>;

/// Bytes of the longest answer without extensions (RFC 1035, 4.2.1).
pub(crate) const LONGEST_ANSWER: usize = 512;
/// Bytes of the longest question: a header, a name, type and class.
pub(crate) const LONGEST_QUESTION: usize = HEADER + LONGEST_NAME + 2 + 4;
/// Characters of the longest name. DNS has 253, for which a board has no room to spare.
const LONGEST_NAME: usize = 110;

const HEADER: usize = 12;
const LONGEST_LABEL: usize = 63;

/// A question that was asked.
pub(super) struct Question {
    bytes: Vec<u8, LONGEST_QUESTION>,
    id: u16,
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// At least one.
    Addresses(Addresses),
    /// There is no such name, or it has none.
    Unknown,
    /// It cannot or will not say.
    Refused,
}

impl Question {
    /// `None` if `name` cannot be one.
    pub(super) fn new(name: &str, id: u16) -> Option<Self> {
        let mut wire: Vec<u8, { LONGEST_NAME + 2 }> = Vec::new();
        for label in name.strip_suffix('.').unwrap_or(name).split('.') {
            let is_good =
                (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_graphic());
            let len = u8::try_from(label.len()).ok().filter(|_| is_good)?;
            wire.push(len).ok()?;
            wire.extend_from_slice(label.as_bytes()).ok()?;
        }
        wire.push(0).ok()?;
        let repr = DnsRepr {
            transaction_id: id,
            opcode: DnsOpcode::Query,
            flags: DnsFlags::RECURSION_DESIRED,
            question: DnsQuestion { name: &wire, type_: smoltcp::wire::DnsQueryType::A },
        };
        let mut bytes = Vec::new();
        bytes.resize(repr.buffer_len(), 0).ok()?;
        repr.emit(&mut DnsPacket::new_unchecked(&mut bytes[..]));
        Some(Question { bytes, id })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `None` for what is no answer to this question.
    pub(super) fn answered(&self, bytes: &[u8]) -> Option<Answer> {
        let packet = DnsPacket::new_checked(bytes).ok()?;
        let is_ours = packet.transaction_id() == self.id
            && packet.flags().contains(DnsFlags::RESPONSE)
            && packet.opcode() == DnsOpcode::Query
            && packet.question_count() == 1;
        let asked = self.bytes.get(HEADER..)?;
        // Names are the same in capitals and not (RFC 1035, 2.3.3).
        let (question, mut rest) = packet.payload().split_at_checked(asked.len())?;
        if !is_ours || !question.eq_ignore_ascii_case(asked) {
            return None;
        }
        match packet.rcode() {
            DnsRcode::NoError => {}
            DnsRcode::NXDomain => return Some(Answer::Unknown),
            _ => return Some(Answer::Refused),
        }
        let mut addresses = Addresses::new();
        for _ in 0..packet.answer_record_count() {
            // What is cut off or of another class says no more.
            let Ok((behind, record)) = DnsRecord::parse(rest) else { break };
            if let DnsRecordData::A(address) = record.data {
                // A fifth finds no room.
                let _ = addresses.push(address);
            }
            rest = behind;
        }
        Some(if addresses.is_empty() { Answer::Unknown } else { Answer::Addresses(addresses) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "fix.venue.example";

    fn question() -> Question {
        Question::new(NAME, 0x1234).unwrap()
    }

    /// An answer with these records behind the question.
    fn answer(question: &Question, rcode: u8, records: &[(u16, &[u8])]) -> std::vec::Vec<u8> {
        let mut bytes = question.bytes().to_vec();
        (bytes[2], bytes[3]) = (0x81, 0x80 | rcode);
        bytes[7] = records.len() as u8;
        for (kind, data) in records {
            // The name that stands at the twelfth byte; class IN; a minute.
            bytes.extend([0xC0, 12]);
            bytes.extend(kind.to_be_bytes());
            bytes.extend([0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn the_question_is_that_of_the_field() {
        let bytes = question();
        let wanted = b"\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0\x03fix\x05venue\x07example\x00\x00\x01\x00\x01";
        assert_eq!(bytes.bytes(), wanted);
        assert_eq!(Question::new("fix.venue.example.", 0x1234).unwrap().bytes(), wanted);
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        let (label, longer) = ("a".repeat(63), "a".repeat(64));
        let most = std::format!("{label}.{}", &label[..LONGEST_NAME - 64]);
        assert_eq!(Question::new(&most, 1).unwrap().bytes().len(), LONGEST_QUESTION);
        for name in ["", ".", "a..b", ".a", "a b", "a\u{e9}", &longer, &std::format!("{most}a")] {
            assert!(Question::new(name, 1).is_none(), "{name}");
        }
    }

    #[test]
    fn addresses_are_told_behind_other_names_too() {
        let alias = b"\x03alt\x05venue\x07example\x00";
        let records: [(u16, &[u8]); 3] = [(5, alias), (1, &[192, 0, 2, 1]), (1, &[192, 0, 2, 2])];
        let asked = question();
        let told = asked.answered(&answer(&asked, 0, &records));
        let addresses = Addresses::from_iter([[192, 0, 2, 1], [192, 0, 2, 2]].map(Ipv4Addr::from));
        assert_eq!(told, Some(Answer::Addresses(addresses)));
        assert_eq!(asked.answered(&answer(&asked, 3, &[])), Some(Answer::Unknown));
        assert_eq!(asked.answered(&answer(&asked, 0, &[(28, &[0; 16])])), Some(Answer::Unknown));
        assert_eq!(asked.answered(&answer(&asked, 2, &[])), Some(Answer::Refused));
    }

    #[test]
    fn what_answers_another_question_is_none() {
        let asked = question();
        let good = answer(&asked, 0, &[(1, &[192, 0, 2, 1])]);
        for at in [0, 1, 2, 5, 14, 30, 33] {
            let mut bad = good.clone();
            bad[at] ^= 0x83;
            assert_eq!(asked.answered(&bad), None, "byte {at}");
        }
        let mut capitals = good.clone();
        capitals[13..16].make_ascii_uppercase();
        assert_eq!(asked.answered(&capitals), asked.answered(&good));
    }

    #[test]
    fn an_answer_that_is_cut_or_changed_anywhere_is_read_without_a_panic() {
        let asked = question();
        let good = answer(&asked, 0, &[(5, b"\x03alt\xC0\x10"), (1, &[192, 0, 2, 1]), (1, &[192, 0, 2, 2])]);
        for len in 0..good.len() {
            asked.answered(&good[..len]);
        }
        for at in 0..good.len() {
            for value in 0..=u8::MAX {
                let mut bad = good.clone();
                bad[at] = value;
                asked.answered(&bad);
            }
        }
    }
}
