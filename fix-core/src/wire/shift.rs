//! Moving bytes towards the front of a buffer.

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
}
