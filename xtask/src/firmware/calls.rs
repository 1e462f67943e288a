//! Who calls whom in an image, told from its instructions: direct calls and jumps of Thumb code. A call through a pointer
//! leads to a function that is in the image too, and is looked at there.

use std::{collections::BTreeMap, path::Path};

use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// The functions of an image.
pub(super) struct Calls {
    /// By address: the mangled name, and how many bytes.
    functions: BTreeMap<u64, (String, u64)>,
    /// By the address of the called function: the addresses of those that call it.
    callers: BTreeMap<u64, Vec<u64>>,
}

impl Calls {
    pub(super) fn of(image: &Path) -> Result<Self, String> {
        let error = |error: &dyn std::fmt::Display| format!("{}: {error}", image.display());
        let bytes = std::fs::read(image).map_err(|cause| error(&cause))?;
        let file = object::File::parse(&*bytes).map_err(|cause| error(&cause))?;
        let mut functions = BTreeMap::new();
        // `$t` and `$d` say where code and where constants begin among it.
        let mut kinds = BTreeMap::new();
        for symbol in file.symbols() {
            let name = symbol.name().unwrap_or_default();
            // The lowest bit says that it is Thumb code.
            let address = symbol.address() & !1;
            match name {
                _ if name.starts_with('$') => drop(kinds.insert(address, name.starts_with("$t"))),
                _ if symbol.kind() == SymbolKind::Text && symbol.size() > 0 => {
                    functions.insert(address, (name.to_owned(), symbol.size()));
                }
                _ => {}
            }
        }
        let mut calls = Calls { functions, callers: BTreeMap::new() };
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            let code = section.data().map_err(|cause| error(&cause))?;
            calls.read(section.address(), code, &kinds);
        }
        Ok(calls)
    }

    /// Reads the instructions of a section.
    fn read(&mut self, base: u64, code: &[u8], kinds: &BTreeMap<u64, bool>) {
        let mut at = 0;
        while let Some(first) = half(code, at) {
            let address = base + at as u64;
            let is_code = kinds.range(..=address).next_back().is_none_or(|(_, is_code)| *is_code);
            let is_wide = is_code && first >> 11 >= 0b11101;
            if is_code {
                let second = if is_wide { half(code, at + 2).unwrap_or_default() } else { 0 };
                if let Some(target) = target(address, first, second) {
                    self.call(address, target);
                }
            }
            at += if is_wide { 4 } else { 2 };
        }
    }

    fn call(&mut self, from: u64, to: u64) {
        let (Some(caller), Some(called)) = (self.function(from), self.function(to)) else { return };
        if caller != called {
            self.callers.entry(called).or_default().push(caller);
        }
    }

    /// The function that has this address in it.
    fn function(&self, address: u64) -> Option<u64> {
        let (begin, (_, size)) = self.functions.range(..=address).next_back()?;
        (address < begin + size).then_some(*begin)
    }

    pub(super) fn name(&self, function: u64) -> &str {
        self.functions.get(&function).map_or("", |(name, _)| name)
    }

    /// All functions whose name `wanted` takes.
    pub(super) fn named(&self, wanted: impl Fn(&str) -> bool) -> Vec<u64> {
        self.functions.iter().filter(|(_, (name, _))| wanted(name)).map(|(at, _)| *at).collect()
    }

    pub(super) fn callers(&self, function: u64) -> &[u64] {
        self.callers.get(&function).map_or(&[], Vec::as_slice)
    }
}

fn half(code: &[u8], at: usize) -> Option<u32> {
    let bytes = code.get(at..at + 2)?;
    Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])))
}

/// Where a branch at `address` goes to; `None` if it is none (Armv7-M Architecture Reference Manual, A7.7.12 B and
/// A7.7.18 BL).
fn target(address: u64, first: u32, second: u32) -> Option<u64> {
    let bit = |word: u32, bit: u32| word >> bit & 1;
    let signed = |value: u32, bits: u32| i64::from((value << (32 - bits)).cast_signed() >> (32 - bits));
    let offset = if first >> 11 == 0b11110 && bit(second, 15) == 1 {
        let (sign, j1, j2) = (bit(first, 10), bit(second, 13), bit(second, 11));
        let low = (second & 0x7FF) << 1;
        match (bit(second, 14), bit(second, 12)) {
            // BL, and B without a condition.
            (_, 1) => {
                let (i1, i2) = (1 ^ j1 ^ sign, 1 ^ j2 ^ sign);
                signed(sign << 24 | i1 << 23 | i2 << 22 | (first & 0x3FF) << 12 | low, 25)
            }
            // B with a condition; 14 and 15 are none, but other instructions.
            (0, _) if first >> 7 & 7 != 7 => {
                signed(sign << 20 | j2 << 19 | j1 << 18 | (first & 0x3F) << 12 | low, 21)
            }
            _ => return None,
        }
    } else if first >> 11 == 0b11100 {
        signed((first & 0x7FF) << 1, 12)
    } else if first >> 12 == 0b1101 && first >> 8 & 0xF < 14 {
        signed((first & 0xFF) << 1, 9)
    } else {
        return None;
    };
    address.checked_add(4)?.checked_add_signed(offset)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Calls, target};

    impl Calls {
        /// Functions of four bytes from address 0 on, and which of them calls which.
        pub(in super::super) fn made_of(names: &[&str], calls: &[(u64, u64)]) -> Self {
            let functions = names.iter().zip(0..).map(|(name, at)| (4 * at, ((*name).to_owned(), 4)));
            let mut made = Calls { functions: functions.collect(), callers: BTreeMap::new() };
            calls.iter().for_each(|(from, to)| made.call(4 * from, 4 * to));
            made
        }
    }

    #[test]
    fn branches_go_where_the_assembler_meant() {
        // bl .+4, bl .-4, b.w .+0x1000, beq.w .+0x100, b.n .-2, bne.n .+8: assembled by LLVM.
        let cases = [
            (0xF000, 0xF800, 0x1004),
            (0xF7FF, 0xFFFE, 0x1000),
            (0xF000, 0xBFFE, 0x2000),
            (0xF000, 0x807E, 0x1100),
            (0xE7FD, 0, 0xFFE),
            (0xD102, 0, 0x1008),
        ];
        for (first, second, to) in cases {
            assert_eq!(target(0x1000, first, second), Some(to), "{first:04X} {second:04X}");
        }
        // mrs r0, primask; dsb; udf; svc; mov r0, r1.
        for (first, second) in [(0xF3EF, 0x8010), (0xF3BF, 0x8F4F), (0xDE00, 0), (0xDF01, 0), (0x4608, 0)] {
            assert_eq!(target(0x1000, first, second), None, "{first:04X} {second:04X}");
        }
    }
    #[test]
    fn a_call_is_found_behind_constants_and_wide_instructions() {
        let code = [
            0x00, 0xF0, 0x08, 0xF8, // 0x100, first: bl third
            0x70, 0x47, // bx lr
            0x00, 0xF0, // constants, which would be a call of third too
            0x05, 0xF8, 0x00, 0x00, //
            0xEF, 0xF3, 0x10, 0x80, // 0x10C, second: mrs r0, primask
            0x00, 0xE0, // b.n third
            0xFB, 0xE7, // b.n to its own begin
            0x70, 0x47, // 0x114, third: bx lr
            0xFD, 0xE7, // b.n to its own begin
            0x00, 0xF0, // half an instruction, with which the section ends
        ];
        let functions = [(0x100, "first", 12), (0x10C, "second", 8), (0x114, "third", 6)];
        let functions = functions.map(|(at, name, size)| (at, (name.to_owned(), size)));
        let mut calls = Calls { functions: functions.into(), callers: BTreeMap::new() };
        let kinds = [(0x100, true), (0x106, false), (0x10C, true)].into();
        calls.read(0x100, &code, &kinds);
        assert_eq!(calls.callers(0x114), [0x100, 0x10C]);
        assert_eq!(calls.callers, [(0x114, vec![0x100, 0x10C])].into());
    }
}
