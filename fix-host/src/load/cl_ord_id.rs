//! ClOrdIDs of a load: made and read again without a table, so that they cost nothing to look up.

use fix_core::time::UtcTimestamp;

/// Room for the longest one: a prefix, a dash, the digits of a `u64`.
pub(super) const LEN: usize = 48;

/// What the ids of one session of one run begin with.
pub(super) struct Prefix(String);

impl Prefix {
    /// `now` tells the runs apart: a venue may remember ids of earlier ones.
    pub(super) fn new(now: UtcTimestamp, session: u64) -> Self {
        let micros = now.unix_seconds().unsigned_abs() * 1_000_000 + u64::from(now.subsec_nanos() / 1_000);
        Prefix(format!("L{micros:x}-{session}-"))
    }

    /// The id of request `number`.
    pub(super) fn write<'a>(&self, number: u64, buffer: &'a mut [u8; LEN]) -> &'a str {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number);
        let len = self.0.len() + digits.len();
        if let Some(room) = buffer.get_mut(..len) {
            let (prefix, rest) = room.split_at_mut(self.0.len());
            prefix.copy_from_slice(self.0.as_bytes());
            rest.copy_from_slice(digits.as_bytes());
        }
        buffer.get(..len).and_then(|id| str::from_utf8(id).ok()).unwrap_or_default()
    }

    /// The number of a request of ours.
    pub(super) fn number(&self, cl_ord_id: &[u8]) -> Option<u64> {
        str::from_utf8(cl_ord_id.strip_prefix(self.0.as_bytes())?).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_gives_its_number_back_and_those_of_others_give_none() {
        let latest = UtcTimestamp::from_unix(253_402_300_799, 999_999_999);
        let prefix = Prefix::new(latest, u64::from(u32::MAX));
        let mut buffer = [0; LEN];
        for number in [0, 1, 1_234_567, u64::MAX] {
            let id = prefix.write(number, &mut buffer).to_owned();
            assert_eq!(prefix.number(id.as_bytes()), Some(number), "{id}");
        }
        let other = Prefix::new(latest, 1);
        let id = other.write(7, &mut buffer).to_owned();
        assert_eq!(prefix.number(id.as_bytes()), None);
        assert_eq!(prefix.number(b""), None);
    }
}
