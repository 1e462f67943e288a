//! Outcomes as JUnit XML, which build servers read.

use std::fmt::Write;

use super::{outcome::Outcome, show::seconds};
use crate::page::escaped;

/// One test suite for each scenario, one test case for each of its steps. `not_run`: files that could not be played, and why.
#[must_use]
pub fn junit(outcomes: &[Outcome], not_run: &[(String, String)]) -> String {
    let tests: usize = outcomes.iter().map(|outcome| outcome.steps.len()).sum();
    let failed: usize = outcomes.iter().map(failures).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to memory does not fail.
    let _ = writeln!(
        xml,
        "<testsuites tests=\"{}\" failures=\"{failed}\" errors=\"{}\">",
        tests + not_run.len(),
        not_run.len()
    );
    for outcome in outcomes {
        suite(&mut xml, outcome);
    }
    for (file, why) in not_run {
        let (file, why) = (escaped(file), escaped(why));
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{file}\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase classname=\"{file}\" \
             name=\"{file}\"><error message=\"could not run\">{why}</error></testcase>\n  </testsuite>"
        );
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn failures(outcome: &Outcome) -> usize {
    outcome.steps.iter().filter(|step| !step.failures.is_empty()).count()
}

fn suite(xml: &mut String, outcome: &Outcome) {
    let skipped = outcome.steps.iter().filter(|step| !step.is_played).count();
    let time = seconds(outcome.elapsed);
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\" time=\"{}\">",
        escaped(&outcome.title),
        outcome.steps.len(),
        failures(outcome),
        time.trim_end_matches(" s")
    );
    for step in &outcome.steps {
        let _ = write!(
            xml,
            "    <testcase classname=\"{}\" name=\"{}\"",
            escaped(&format!("{}: {}", outcome.file, outcome.title)),
            escaped(&step.title)
        );
        if step.is_played && step.failures.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        xml.push_str(">\n");
        if !step.is_played {
            xml.push_str("      <skipped/>\n");
        }
        for failure in &step.failures {
            let place = format!("{}:{}: {}", outcome.file, failure.line, failure.statement);
            let _ = writeln!(
                xml,
                "      <failure message=\"{}\">{}</failure>",
                escaped(&place),
                escaped(&failure.text)
            );
        }
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n");
}
