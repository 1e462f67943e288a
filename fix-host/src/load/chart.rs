//! Latencies over time, drawn as SVG.

use std::fmt::Write as _;

use super::report::{SecondReport, time};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 24.0;
/// Points that a line has at most: beyond that several seconds make one, which has the worst of them.
const POINTS: usize = 300;

/// A line of the chart: its name, its colour, and what it shows of a second.
type Line = (&'static str, &'static str, fn(&SecondReport) -> f64);

const LINES: [Line; 3] = [
    ("max", "#b9b9b9", |second| second.max_micros),
    ("99 %", "#d9822b", |second| second.p99_micros),
    ("50 %", "#2b6cd9", |second| second.p50_micros),
];

/// The percentiles of each second, on a logarithmic scale.
pub(super) fn latencies(seconds: &[SecondReport]) -> String {
    let measured: Vec<&SecondReport> = seconds.iter().filter(|second| second.acked > 0).collect();
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        return "<p>Nothing was acknowledged.</p>\n".into();
    };
    let longest = measured.iter().map(|second| second.max_micros).fold(1.0, f64::max);
    let shortest = measured.iter().map(|second| second.p50_micros).fold(longest, f64::min).max(1.0);
    let (low, high) = (shortest.log10().floor(), longest.log10().ceil().max(shortest.log10().floor() + 1.0));
    let span = last.second.saturating_sub(first.second).max(1) as f64;
    let x = |second: usize| LEFT + (second - first.second) as f64 / span * (WIDTH - LEFT - 10.0);
    let y = |micros: f64| {
        let share = (micros.max(1.0).log10() - low) / (high - low);
        (HEIGHT - BOTTOM) - share.clamp(0.0, 1.0) * (HEIGHT - BOTTOM - 20.0)
    };
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"latencies over time\">\n");
    let mut power = low;
    // Writing to a String cannot fail.
    while power <= high {
        let (at, label) = (y(10f64.powf(power)), time(10f64.powf(power)));
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#8884\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            at + 4.0
        );
        power += 1.0;
    }
    for (place, (name, colour, value)) in LINES.into_iter().enumerate() {
        let mut points = String::new();
        for group in measured.chunks(measured.len().div_ceil(POINTS)) {
            let worst = group.iter().map(|second| value(second)).fold(0.0, f64::max);
            let at = group.first().map_or(0, |second| second.second);
            let _ = write!(points, "{:.1},{:.1} ", x(at), y(worst));
        }
        let label = LEFT + 10.0 + 70.0 * place as f64;
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linecap=\"round\" points=\"{}\"/>\
             <text x=\"{label:.0}\" y=\"12\" style=\"fill:{colour}\">{name}</text>",
            points.trim_end()
        );
    }
    let (from, to, base) = (first.second, last.second, HEIGHT - 6.0);
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{base}\">{from} s</text><text x=\"{:.0}\" y=\"{base}\" text-anchor=\"end\">{to} s</text>\n</svg>",
        WIDTH - 10.0
    );
    svg
}
