//! Outcomes as a page for people: each step, passed or not, with its messages.

use std::fmt::Write;

use super::{
    names,
    outcome::{Outcome, StepOutcome},
    show::{entry, seconds},
};
use crate::page::{escaped, head};

/// What a report says of the run as a whole.
#[derive(Clone, Debug)]
pub struct About {
    /// When it was made, UTC.
    pub made_at: String,
    /// Whom it was played against.
    pub against: String,
}

/// How a step ended.
fn verdict(step: &StepOutcome) -> &'static str {
    match (step.is_played, step.failures.is_empty()) {
        (false, _) => "not played",
        (true, true) => "passed",
        (true, false) => "FAILED",
    }
}

fn totals(outcomes: &[Outcome]) -> String {
    let steps = || outcomes.iter().flat_map(|outcome| &outcome.steps);
    let passed = steps().filter(|step| verdict(step) == "passed").count();
    format!("{passed} of {} steps passed", steps().count())
}

fn messages<'o>(outcome: &'o Outcome, step: &StepOutcome) -> impl Iterator<Item = String> + 'o {
    outcome.messages.get(step.messages.clone()).unwrap_or_default().iter().map(entry)
}

/// As Markdown.
#[must_use]
pub fn markdown(outcomes: &[Outcome], about: &About) -> String {
    let mut page = String::from("# FIX scenario report\n\n");
    // Writing to memory does not fail.
    let _ = writeln!(page, "{} · {} · {}\n", about.made_at, cell(&about.against), totals(outcomes));
    for outcome in outcomes {
        let _ = writeln!(
            page,
            "## {}\n\n{}:{}, {}\n",
            cell(&outcome.title),
            outcome.file,
            outcome.line,
            seconds(outcome.elapsed)
        );
        if let Some(left_out) = outcome.left_out_text() {
            let _ = writeln!(page, "{left_out}\n");
        }
        page.push_str("| step | result |\n|---|---|\n");
        for step in &outcome.steps {
            let _ = writeln!(page, "| {} | {} |", cell(&step.title), verdict(step));
        }
        for step in &outcome.steps {
            let _ = writeln!(page, "\n### {}: {}\n", cell(&step.title), verdict(step));
            for failure in &step.failures {
                let text =
                    format!("{}:{}: {}\n{}", outcome.file, failure.line, failure.statement, failure.text);
                block(&mut page, text.lines().map(str::to_owned));
            }
            block(&mut page, messages(outcome, step));
        }
    }
    page
}

/// Indented lines are shown as they are, whatever they hold.
fn block(page: &mut String, lines: impl Iterator<Item = String>) {
    for line in lines {
        let _ = writeln!(page, "    {}", names::printable(&line));
    }
    page.push('\n');
}

/// Text that means nothing in Markdown.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ':' | '-' | '/' | '\'' | '(' | ')') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// As a page that needs nothing but itself.
#[must_use]
pub fn html(outcomes: &[Outcome], about: &About) -> String {
    let mut page = head("FIX scenario report", STYLE);
    let (made_at, against) = (escaped(&about.made_at), escaped(&about.against));
    let _ = writeln!(page, "<p>{made_at} · {against} · {}</p>", totals(outcomes));
    for outcome in outcomes {
        let place = escaped(&format!("{}:{}, {}", outcome.file, outcome.line, seconds(outcome.elapsed)));
        let left_out = outcome.left_out_text().map(|text| format!("; {text}")).unwrap_or_default();
        let title = escaped(&outcome.title);
        let _ = writeln!(page, "<h2>{title}</h2>\n<p>{place}{left_out}</p>\n<table>");
        for step in &outcome.steps {
            let verdict = verdict(step);
            let class = if verdict == "FAILED" { "bad" } else { "good" };
            let _ = writeln!(
                page,
                "<tr><td class=\"{class}\">{verdict}</td><td><details{}><summary>{}</summary>",
                if step.failures.is_empty() { "" } else { " open" },
                escaped(&step.title)
            );
            for failure in &step.failures {
                let text =
                    format!("{}:{}: {}\n{}", outcome.file, failure.line, failure.statement, failure.text);
                let _ = writeln!(page, "<pre class=\"bad\">{}</pre>", escaped(&text));
            }
            page.push_str("<pre>");
            for line in messages(outcome, step) {
                page.push_str(&escaped(&line));
                page.push('\n');
            }
            page.push_str("</pre></details></td></tr>\n");
        }
        page.push_str("</table>\n");
    }
    page.push_str("</body></html>\n");
    page
}

const STYLE: &str = "body{max-width:80rem}table{width:100%}td{border-top:1px solid #8886;padding:.4em .6em;vertical-align:top}\
td:first-child{width:6em}pre{overflow-x:auto;background:#8882;padding:.6em;font-size:12px}summary{cursor:pointer}";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scenario::{
        junit,
        outcome::{Failure, Logged, What},
    };

    fn outcome() -> Outcome {
        let message = b"8=FIX.4.4\x0135=D\x0111=<b>&\x0158=a|b\x01".to_vec();
        let step = |title: &str, failures: Vec<Failure>, is_played| StepOutcome {
            title: title.to_owned(),
            is_played,
            failures,
            messages: 0..1,
        };
        let failure = Failure {
            line: 7,
            statement: "DESK: expect \"8\"".into(),
            text: "no such <thing>\x1b\nsecond".into(),
        };
        Outcome {
            file: "a.scenario".into(),
            line: 3,
            title: "A & B <script>".into(),
            steps: vec![
                step("one", vec![], true),
                step("two|2", vec![failure], true),
                step("three", vec![], false),
            ],
            elapsed: Duration::from_millis(1234),
            messages: vec![Logged { at: Duration::ZERO, party: "DESK".into(), what: What::Out(message) }],
            left_out: 0,
        }
    }

    #[test]
    fn outside_text_is_text_in_every_form() {
        let about = About { made_at: "now".into(), against: "h:1 <x>".into() };
        let page = html(&[outcome()], &about);
        assert!(
            page.contains("A &amp; B &lt;script&gt;") && page.contains("ClOrdID=&lt;b&gt;&amp;"),
            "{page}"
        );
        assert!(page.contains("1 of 3 steps passed") && !page.contains('\x1b'), "{page}");
        let text = markdown(&[outcome()], &about);
        assert!(text.contains("## A \\& B \\<script\\>") && text.contains("| two\\|2 | FAILED |"), "{text}");
        assert!(!text.contains('\x1b') && text.contains("no such <thing>\u{fffd}\n    second"), "{text}");
        let shown = crate::scenario::text(&outcome(), true);
        assert!(
            !shown.contains('\x1b') && shown.contains("no such <thing>\u{fffd}\n      second"),
            "{shown}"
        );
        let xml = junit::junit(&[outcome()], &[("b".into(), "refused".into())]);
        assert!(xml.contains("tests=\"4\" failures=\"1\" errors=\"1\""), "{xml}");
        assert!(xml.contains("<failure message=\"a.scenario:7: DESK: expect &quot;8&quot;\">no such &lt;thing&gt;\u{fffd}\nsecond<"));
        assert!(
            xml.contains("time=\"1.234\"") && xml.contains("<skipped/>") && xml.contains(">refused</error>")
        );
    }
}
