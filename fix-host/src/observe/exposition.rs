//! Prometheus' text format, version 0.0.4.

use std::fmt::{Display, Write};

use crate::histogram::Distribution;

/// The media type of what an exposition writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations by size.
    Histogram,
}

/// A page of metrics in the making.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a metric; its samples follow.
    pub(super) fn metric(&mut self, name: &str, kind: Kind, help: &str) -> Samples<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Samples { text: &mut self.text, name: name.to_owned() }
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// The samples of one metric.
#[derive(Debug)]
pub(super) struct Samples<'a> {
    text: &'a mut String,
    name: String,
}

impl Samples<'_> {
    /// Adds a sample. Label values may be anything; names are the caller's constants.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, value);
    }

    /// Adds the samples of a histogram.
    pub(super) fn distribution(&mut self, labels: &[(&str, &str)], values: &Distribution) {
        let all = (f64::INFINITY, values.count);
        for (bound, count) in values.bounds().chain([all]) {
            let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
            self.line("_bucket", &[labels, &[("le", &bound)]].concat(), count);
        }
        self.line("_sum", labels, values.seconds);
        self.line("_count", labels, values.count);
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(&self.name);
        self.text.push_str(suffix);
        for (index, (name, value)) in labels.iter().enumerate() {
            let _ = write!(self.text, "{}{name}=\"", if index == 0 { '{' } else { ',' });
            for character in value.chars() {
                match character {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    other => self.text.push(other),
                }
            }
            self.text.push('"');
        }
        let close = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{close} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_a_metric_is_described_once() {
        let mut page = Exposition::default();
        let mut samples = page.metric("fix_x_total", Kind::Counter, "a\\b\nc");
        samples.sample(&[("session", "A\"} 1\n\\"), ("direction", "in")], 7);
        samples.sample(&[], 1);
        assert_eq!(
            page.finish(),
            "# HELP fix_x_total a\\\\b\\nc\n# TYPE fix_x_total counter\n\
             fix_x_total{session=\"A\\\"} 1\\n\\\\\",direction=\"in\"} 7\nfix_x_total 1\n"
        );
    }
}
