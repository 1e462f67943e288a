//! Instructions between two moments of the board, from the marks that its image writes (`qemu::marks`).

use std::{fs, path::Path};

/// SysTick of the MPS2 boards counts at 25 MHz, down from this.
const TICKS: u32 = 1 << 24;
/// QEMU's `-icount shift=6`: an instruction takes 64 ns, a tick 40.
const TICK_NANOS: u64 = 40;
const INSTRUCTION_NANOS: u64 = 64;
/// The shift that these counts are right for.
pub const SHIFT: u8 = 6;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The letter of `qemu::marks::Mark`: `L` a line came, `O` a line went, `R` a frame came, `S` a frame went.
    pub what: u8,
    /// Bytes of the frame.
    pub bytes: u16,
    /// Instructions that the board had executed since the first mark: what it slept is left out.
    pub instructions: u64,
}

/// The marks so far, without those of sleep.
///
/// # Errors
/// The file, if it cannot be read.
pub fn read(path: &Path) -> Result<Vec<Mark>, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut marks = Vec::new();
    let (mut before, mut ticks, mut sleeps) = (None, 0_u64, false);
    for record in bytes.as_chunks::<8>().0 {
        let [what, _, low, high, count @ ..] = *record;
        let count = u32::from_le_bytes(count);
        // It runs down, and begins again. Nothing but sleep lasts longer than that.
        let passed = before.map_or(0, |before: u32| before.wrapping_sub(count) % TICKS);
        before = Some(count);
        if !sleeps {
            ticks += u64::from(passed);
        }
        sleeps = what == b'z';
        if !matches!(what, b'z' | b'w') {
            let instructions = ticks * TICK_NANOS / INSTRUCTION_NANOS;
            marks.push(Mark { what, bytes: u16::from_le_bytes([low, high]), instructions });
        }
    }
    Ok(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_board_slept_is_left_out_and_a_counter_that_begins_again_goes_on() {
        let record = |what: u8, bytes: u16, count: u32| {
            let ([low, high], count) = (bytes.to_le_bytes(), count.to_le_bytes());
            [what, 0, low, high, count[0], count[1], count[2], count[3]]
        };
        let records = [
            record(b'L', 0, 500),
            record(b'z', 0, 100),
            record(b'w', 0, 0xFF_0000),
            record(b'S', 200, 0xFE_FE70),
            record(b'L', 0, 240),
            record(b'O', 0, 0xFF_FFE0),
        ];
        let path = std::env::temp_dir().join(format!("marks-{}", std::process::id()));
        fs::write(&path, records.concat()).unwrap();
        let marks = read(&path);
        fs::remove_file(&path).unwrap();
        let marks = marks.unwrap();
        // 400 ticks awake before the sleep, 400 after it.
        assert_eq!(marks[1], Mark { what: b'S', bytes: 200, instructions: 800 * 40 / 64 });
        assert_eq!(marks[3].instructions - marks[2].instructions, (240 + 32) * 40 / 64);
    }
}
