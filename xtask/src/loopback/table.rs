//! Figures, their goals, and whether they are met.

use std::fmt;

/// What a figure shall be.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Goal::AtMost(most) => figure <= most,
            Goal::AtLeast(least) => figure >= least,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::AtMost(most) => write!(f, "<= {}", number(*most)),
            Goal::AtLeast(least) => write!(f, ">= {}", number(*least)),
        }
    }
}

/// The table that is printed: a line of Markdown for each figure.
#[derive(Default)]
pub(super) struct Table(Vec<Row>);

/// One line.
#[derive(Default)]
pub(super) struct Row {
    figure: String,
    measured: String,
    cpu: String,
    goal: String,
    verdict: &'static str,
}

impl Row {
    /// The CPU that the server used for each order, in microseconds; a place stays empty where it was not counted.
    pub(super) fn cpu(&mut self, micros: Option<f64>) {
        self.cpu = micros.map(|micros| format!("{} us", number(micros))).unwrap_or_default();
    }
}

impl Table {
    /// A figure, and the goal that it is held against.
    pub(super) fn add(&mut self, figure: &str, value: f64, unit: &str, goal: Option<Goal>) -> &mut Row {
        let measured = format!("{} {unit}", number(value)).trim_end().to_owned();
        let (goal, verdict) = match goal {
            Some(goal) => (goal.to_string(), if goal.is_met(value) { "ok" } else { "MISSED" }),
            None => (String::new(), ""),
        };
        self.row(Row { figure: figure.to_owned(), measured, goal, verdict, ..Row::default() })
    }

    /// A figure that cannot be taken here.
    pub(super) fn without(&mut self, figure: &str, why: &str) {
        self.row(Row {
            figure: figure.to_owned(),
            measured: why.to_owned(),
            verdict: "SKIP",
            ..Row::default()
        });
    }

    fn row(&mut self, row: Row) -> &mut Row {
        self.0.push(row);
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| {:66} | {:>18} | {:>12} | {:>9} | {:6} |",
            "figure", "measured", "CPU an order", "goal", ""
        )?;
        let (figure, measured) = ("-".repeat(68), "-".repeat(19));
        writeln!(f, "|{figure}|{measured}:|{}:|{}:|{}|", "-".repeat(13), "-".repeat(10), "-".repeat(8))?;
        self.0.iter().try_for_each(|Row { figure, measured, cpu, goal, verdict }| {
            writeln!(f, "| {figure:66} | {measured:>18} | {cpu:>12} | {goal:>9} | {verdict:6} |")
        })
    }
}

/// Two decimal places while they say something.
fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 || value >= 1000.0 => format!("{value:.0}"),
        value if value >= 100.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// The middle value; `None` of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_the_goal_is_met() {
        let mut table = Table::default();
        table.add("ping", 1.104, "x echo", Some(Goal::AtMost(1.10))).cpu(Some(11.5));
        table.add("pipelined", 123_456.7, "orders/s", Some(Goal::AtLeast(10_000.0)));
        let text = table.to_string();
        assert!(text.contains("1.10 x echo |     11.50 us |   <= 1.10 | MISSED |"), "{text}");
        assert!(text.contains("123457 orders/s |              |  >= 10000 | ok     |"), "{text}");
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median(std::iter::empty()), None);
    }
}
