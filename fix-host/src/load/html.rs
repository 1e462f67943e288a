//! The report as a page: one file, no request to anywhere, nothing in it that was not escaped.

use std::fmt::Write as _;

use super::{chart, report::LoadReport};
use crate::page::{escaped, head};

const STYLE: &str = "table{margin:1rem 0}th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #8886}\
th:first-child,td:first-child{text-align:left}svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#888}";

/// The page.
pub(super) fn page(report: &LoadReport) -> String {
    let mut page = head(&format!("Load on {}", report.target), STYLE);
    // Writing to a String cannot fail.
    let _ = writeln!(
        page,
        "<p>{:.0} requests a second for {:.1} s (wanted {} a second), {} sessions, mix {}, seed {}{}.</p>",
        report.rate_reached,
        report.ran_seconds,
        report.rate,
        report.sessions,
        escaped(&report.mix),
        report.seed,
        if report.interrupted { ", ended by hand" } else { "" }
    );
    if report.is_success() {
        page.push_str("<p class=\"good\">Passed</p>\n");
    }
    for problem in &report.problems {
        let _ = writeln!(page, "<p class=\"bad\">Failed: {}</p>", escaped(problem));
    }
    counts(&mut page, report);
    page.push_str("<h2>Latencies</h2>\n<p>From the moment at which a request was meant to be sent.</p>\n");
    let head = ["", "count", "50 %", "90 %", "99 %", "99.9 %", "max"].map(str::to_owned);
    let rows = report.rows();
    table(&mut page, &head, rows.iter().map(|(name, latencies)| latencies.cells(name)));
    page.push_str("<h2>Acknowledgements, second by second</h2>\n");
    page.push_str(&chart::latencies(&report.seconds));
    if !report.reject_reasons.is_empty() {
        page.push_str("<h2>Rejections</h2>\n");
        let rows = report.reject_reasons.iter().map(|reason| [reason.text.clone(), reason.count.to_string()]);
        table(&mut page, &["reason".into(), "count".into()], rows);
    }
    page.push_str("</body></html>\n");
    page
}

fn counts(page: &mut String, report: &LoadReport) {
    let named = [
        ("sent", report.sent),
        ("acked", report.acked),
        ("filled", report.filled),
        ("canceled", report.canceled),
        ("rejected", report.rejected),
        ("expired", report.expired),
        ("unanswered", report.unanswered),
        ("unsent", report.unsent),
    ];
    table(
        page,
        &named.map(|(name, _)| name.to_owned()),
        [named.map(|(_, count)| count.to_string())].into_iter(),
    );
}

fn table<const N: usize>(page: &mut String, head: &[String; N], rows: impl Iterator<Item = [String; N]>) {
    let line = |page: &mut String, cells: &[String; N], tag: &str| {
        page.push_str("<tr>");
        for cell in cells {
            let _ = write!(page, "<{tag}>{}</{tag}>", escaped(cell));
        }
        page.push_str("</tr>\n");
    };
    page.push_str("<table>\n");
    line(page, head, "th");
    for row in rows {
        line(page, &row, "td");
    }
    page.push_str("</table>\n");
}
