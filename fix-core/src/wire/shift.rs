//! Moving bytes inside a buffer.

use core::cell::Cell;

/// Moves `buffer[from..end]` to `to`, which is not behind `from`; false if the ranges do not fit, and nothing
/// is moved then. What `copy_within` does, without its path to a panic.
pub(crate) fn shift_down(buffer: &mut [u8], from: usize, end: usize, to: usize) -> bool {
    let Some(distance) = from.checked_sub(to) else { return false };
    let Some(area) = buffer.get_mut(to..end) else { return false };
    let cells = Cell::from_mut(area).as_slice_of_cells();
    let Some(source) = cells.get(distance..) else { return false };
    for (target, byte) in cells.iter().zip(source) {
        target.set(byte.get());
    }
    true
}

/// Moves `buffer[from..end]` to `to`, before or behind; false if the ranges do not fit, and nothing is moved then.
#[cold]
#[inline(never)]
pub(crate) fn move_bytes(buffer: &mut [u8], from: usize, end: usize, to: usize) -> bool {
    match to.checked_sub(from) {
        None | Some(0) => shift_down(buffer, from, end, to),
        Some(distance) => shift_up(buffer, from, end, distance),
    }
}

/// The compiler's own routine, for processors where a routine of 700 bytes is not much.
#[cfg(target_pointer_width = "64")]
fn shift_up(buffer: &mut [u8], from: usize, end: usize, distance: usize) -> bool {
    let Some(area) = end.checked_add(distance).and_then(|end| buffer.get_mut(from..end)) else {
        return false;
    };
    let Some(count) = area.len().checked_sub(distance) else { return false };
    area.copy_within(..count, distance);
    true
}

#[cfg(not(target_pointer_width = "64"))]
fn shift_up(buffer: &mut [u8], from: usize, end: usize, distance: usize) -> bool {
    let Some(area) = end.checked_add(distance).and_then(|end| buffer.get_mut(from..end)) else {
        return false;
    };
    let cells = Cell::from_mut(area).as_slice_of_cells();
    let Some(targets) = cells.get(distance..) else { return false };
    let sources = cells.get(..targets.len()).unwrap_or_default();
    for (target, byte) in targets.iter().zip(sources).rev() {
        target.set(byte.get());
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_bytes_keep_their_order() {
        let mut buffer = *b"..abcdef";
        assert!(shift_down(&mut buffer, 2, 8, 0));
        assert_eq!(&buffer[..6], b"abcdef");
        let mut buffer = *b"x......ab";
        assert!(shift_down(&mut buffer, 7, 9, 1));
        assert_eq!(&buffer[..3], b"xab");
    }

    #[test]
    fn ranges_that_do_not_fit_move_nothing() {
        let mut buffer = *b"abc";
        for (from, end, to) in [(0, 4, 0), (1, 2, 2), (3, 2, 0), (4, 4, 0)] {
            assert!(!shift_down(&mut buffer, from, end, to), "{from} {end} {to}");
        }
        assert_eq!(&buffer, b"abc");
    }

    #[test]
    fn bytes_move_both_ways_or_not_at_all() {
        let mut buffer = *b"abcdef..";
        assert!(move_bytes(&mut buffer, 1, 6, 3));
        assert_eq!(&buffer, b"abcbcdef");
        assert!(move_bytes(&mut buffer, 3, 8, 1));
        assert_eq!(&buffer[..6], b"abcdef");
        let mut buffer = *b"abc";
        for (from, end, to) in [(0, 3, 1), (0, 4, 0), (2, 1, 3), (0, usize::MAX, 2)] {
            assert!(!move_bytes(&mut buffer, from, end, to), "{from} {end} {to}");
        }
        assert_eq!(&buffer, b"abc");
    }
}
