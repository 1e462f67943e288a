//! `cargo xtask firmware size`: nothing of fix-core in an image of a board calls what panics.
//!
//! What is held: no function whose symbol is fix-core's, generic ones made for the firmware's types included, calls or jumps
//! to the panicking machinery, itself or through functions of `core` and of the libraries that fix-core uses. What is not: code
//! of fix-core that the compiler moved into a function of another crate counts as that crate's; `cargo xtask no-panic` is the proof
//! for each public function alone. What an application does when fix-core calls it is the application's, and so is a `RefCell` of the
//! firmware that its store is in, whose code stands where fix-core calls the store: fix-core has `try_borrow` alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{calls::Calls, size::crate_of};
use crate::step::Outcome;

/// What panics for whoever calls it: how it does is the caller's.
const LIBRARIES: &[&str] = &["core", "compiler_builtins", "heapless", "nom"];
const OURS: &str = "fix_core";
/// `core::cell`: what a `RefCell` does that is borrowed twice.
const OF_A_CELL: &str = "4core4cell";

/// Functions that reach a panic, by crate, each with the one that it calls on the way there.
struct Reaching(BTreeMap<u64, u64>);

impl Reaching {
    /// Of the functions in crates that `passes_on` takes, and of those that call them.
    fn of(calls: &Calls, passes_on: impl Fn(&str) -> bool) -> Self {
        let mut found = BTreeMap::new();
        let mut open = calls.named(is_panicking);
        let mut seen: BTreeSet<u64> = open.iter().copied().collect();
        while let Some(called) = open.pop() {
            for caller in calls.callers(called).iter().copied().filter(|caller| seen.insert(*caller)) {
                found.insert(caller, called);
                let name = calls.name(caller);
                if crate_of(name).is_some_and(&passes_on) && !name.contains(OF_A_CELL) {
                    open.push(caller);
                }
            }
        }
        Reaching(found)
    }

    /// From the function to the panic.
    fn way(&self, calls: &Calls, from: u64) -> String {
        let mut way = vec![calls.name(from)];
        let mut at = from;
        while let Some(next) = self.0.get(&at) {
            at = *next;
            way.push(calls.name(at));
        }
        way.join(" -> ")
    }
}

fn is_panicking(name: &str) -> bool {
    name.contains("9panicking") || name.contains("rust_begin_unwind") || name.contains("defmt_default_panic")
}

/// Fails with the way from fix-core to a panic, if there is one.
pub(super) fn none_of_ours(image: &Path) -> Outcome {
    let calls = Calls::of(image)?;
    let reaching = Reaching::of(&calls, |name| name == OURS || LIBRARIES.contains(&name));
    let ours = |function: &&u64| crate_of(calls.name(**function)) == Some(OURS);
    let others = reaching.0.keys().filter(|function| !ours(function)).count();
    let functions = calls.named(|name| crate_of(name) == Some(OURS)).len();
    // The firmware around fix-core does panic, in places: where nothing is found, nothing was looked at.
    if functions < 50 || others == 0 {
        return Err(format!(
            "{}: {functions} functions of {OURS}, {others} others that reach a panic: its symbols are not read",
            image.display()
        ));
    }
    let found: Vec<_> =
        reaching.0.keys().filter(ours).map(|function| reaching.way(&calls, *function)).collect();
    if !found.is_empty() {
        return Err(format!("{}: {OURS} can panic:\n  {}", image.display(), found.join("\n  ")));
    }
    println!(
        "  none of {functions} functions of {OURS} reaches a panic; {others} functions of other crates do"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Calls, LIBRARIES, OURS, Reaching};

    #[test]
    fn a_panic_is_reached_through_libraries_and_not_through_cells_or_the_application() {
        let names = [
            "_RNvNtCsa_4core9panicking5panic",
            "_RNvNtCsa_4core5slice5index",
            "_RNvCsb_8fix_core5parse",
            "_RNvNtNtCsa_4core4cell5panic_already_borrowed",
            "_RNvCsb_8fix_core5store",
            "_RNvCsc_5board7on_fill",
            "_RNvCsb_8fix_core4tell",
        ];
        let calls = Calls::made_of(&names, &[(1, 0), (2, 1), (3, 0), (4, 3), (5, 0), (6, 5)]);
        let reaching = Reaching::of(&calls, |name| name == OURS || LIBRARIES.contains(&name));
        assert_eq!(reaching.0.keys().copied().collect::<Vec<_>>(), [4, 8, 12, 20]);
        assert_eq!(reaching.way(&calls, 8), [names[2], names[1], names[0]].join(" -> "));
    }
}
