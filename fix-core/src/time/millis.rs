//! `YYYYMMDD-HH:MM:SS.sss` of the years 1970 to 2100 with two look-ups, for processors with 64-bit registers.

use crate::ascii::{SOH, digits::three_digits};

/// 2100-03-01: from 1968-03-01 up to here every fourth year is a leap year.
const END: u32 = 4_107_542_400;
/// Days from 1968-03-01 to 1970-01-01.
const BEFORE: u32 = 671;
/// Days of four years.
const FOUR_YEARS: u32 = 1461;
/// Days of a year that begins in March, up to January.
const TO_JANUARY: u32 = 306;

/// The years 1968 to 2100.
const YEARS: [[u8; 4]; 133] = {
    let mut years = [[0; 4]; 133];
    let mut at = 0;
    while at < years.len() {
        let year = 1968 + at;
        years[at] = [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)];
        at += 1;
    }
    years
};

/// Month and day of the days from 1 March on; the leap day is the last.
const DAYS: [[u8; 4]; 366] = {
    const MONTHS: [(usize, usize); 12] = [
        (3, 31),
        (4, 30),
        (5, 31),
        (6, 30),
        (7, 31),
        (8, 31),
        (9, 30),
        (10, 31),
        (11, 30),
        (12, 31),
        (1, 31),
        (2, 29),
    ];
    let mut days = [[0; 4]; 366];
    let (mut at, mut place) = (0, 0);
    while place < MONTHS.len() {
        let (month, len) = MONTHS[place];
        let mut day = 1;
        while day <= len {
            days[at] = [digit(month / 10), digit(month), digit(day / 10), digit(day)];
            (at, day) = (at + 1, day + 1);
        }
        place += 1;
    }
    days
};

const fn digit(number: usize) -> u8 {
    b'0' + (number % 10) as u8
}

/// Writes the text and SOH into the first 22 bytes of `room`. False, and nothing of use written, for other years
/// and for a leap second.
#[inline(never)]
pub(super) fn write(seconds: u32, nanos: u32, room: &mut [u8; 24]) -> bool {
    if seconds >= END || nanos >= 1_000_000_000 {
        return false;
    }
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let quarters = days.wrapping_add(BEFORE).wrapping_mul(4).wrapping_add(3);
    let (year, day) = (quarters / FOUR_YEARS, quarters % FOUR_YEARS / 4);
    let year = year.wrapping_add(u32::from(day >= TO_JANUARY));
    let (Some(year), Some(day)) = (YEARS.get(year as usize), DAYS.get(day as usize)) else { return false };
    let date = u64::from(u32::from_le_bytes(*year)) | u64::from(u32::from_le_bytes(*day)) << 32;
    let minute = second / 60;
    let clock = clock_text(minute / 60, minute % 60, second % 60);
    let millis = u64::from(three_digits(nanos / 1_000_000)) | u64::from(SOH) << 24;
    let fraction = clock >> 56 | u64::from(b'.') << 8 | millis << 16;
    let words = [date, u64::from(b'-') | clock << 8, fraction];
    let (rooms, _) = room.as_chunks_mut::<8>();
    rooms.iter_mut().zip(words).for_each(|(room, word)| *room = word.to_le_bytes());
    true
}

/// `HH:MM:SS`, the first digit in the lowest byte.
#[inline(always)]
fn clock_text(hour: u32, minute: u32, second: u32) -> u64 {
    let numbers = u64::from(hour) | u64::from(minute) << 24 | u64::from(second) << 48;
    // Multiplying by 103 / 2^10 divides by 10 what is below 100.
    let tens = (numbers.wrapping_mul(103) >> 10) & 0x000F_0000_0F00_000F;
    let digits = tens | numbers.wrapping_sub(tens.wrapping_mul(10)) << 8;
    digits.wrapping_add(u64::from_le_bytes(*b"00:00:00"))
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;
    use crate::time::UtcTimestamp;

    fn written(seconds: u32, nanos: u32) -> Option<String> {
        let mut room = [0; 24];
        write(seconds, nanos, &mut room).then(|| String::from_utf8(room[..22].to_vec()).unwrap())
    }

    fn plain(seconds: u32, nanos: u32) -> String {
        let mut out = [0; crate::time::UTC_TIMESTAMP_LEN];
        let len = UtcTimestamp::from_unix(seconds.into(), nanos).format(&mut out);
        String::from_utf8(out[..len].to_vec()).unwrap() + "\x01"
    }

    #[test]
    fn every_day_second_and_millisecond_is_the_same_as_without_tables() {
        for day in 0..END / 86_400 {
            assert_eq!(written(day * 86_400, 0), Some(plain(day * 86_400, 0)));
        }
        for second in 0..86_400 {
            assert_eq!(written(second, 999_999_999), Some(plain(second, 999_999_999)));
        }
        for millis in 0..1000 {
            let nanos = millis * 1_000_000;
            assert_eq!(written(END - 1, nanos), Some(plain(END - 1, nanos)));
        }
    }

    #[test]
    fn other_years_and_leap_seconds_are_left_to_the_general_way() {
        assert_eq!(written(END, 0), None);
        assert_eq!(written(u32::MAX, 0), None);
        assert_eq!(written(0, 1_000_000_000), None);
    }
}
