//! `groups CASE fix-core COUNT`: repeating groups. A program of its own, because whether the compiler inlines a function
//! into the cases of `peers` depends on who else calls it.

mod cases;

use std::process::ExitCode;

fn main() -> ExitCode {
    let find = |name: &str| cases::CASES.iter().find(|(known, _)| *known == name);
    peers::program::main(cases::CASES.iter().map(|(case, _)| (*case, "fix-core")), |case, peer| {
        let (_, runner) = find(case).filter(|_| peer == "fix-core")?;
        Some(runner())
    })
}
