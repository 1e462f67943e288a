//! What a load came to: as text, JSON and a page.

use std::{fmt::Write as _, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::{
    html,
    mix::Kind,
    plan::LoadPlan,
    tally::Second,
    trader::{Left, Run},
};

/// The result of a load. Latencies are in microseconds, from the moment at which a request was meant to be sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadReport {
    /// Whom it was sent to, and what.
    pub target: String,
    /// Requests a second that were asked for.
    pub rate: u64,
    /// Seconds that were asked for.
    pub duration_seconds: f64,
    /// Sessions.
    pub sessions: u64,
    /// Kinds of requests, as weights.
    pub mix: String,
    /// Seed of kinds and sides.
    pub seed: u64,
    /// Seconds in which requests were sent.
    pub ran_seconds: f64,
    /// Whether it was ended by hand before its time.
    pub interrupted: bool,
    /// Requests sent a second.
    pub rate_reached: f64,
    /// Requests sent.
    pub sent: u64,
    /// Those that were acknowledged.
    pub acked: u64,
    /// Orders filled.
    pub filled: u64,
    /// Orders cancelled.
    pub canceled: u64,
    /// Orders that expired or were done for the day.
    pub expired: u64,
    /// Requests refused.
    pub rejected: u64,
    /// Requests that were due and could not be sent.
    pub unsent: u64,
    /// Requests without any answer.
    pub unanswered: u64,
    /// MARKET orders that were taken and did not end.
    pub unfilled: u64,
    /// Orders that rest at the venue still: those that could not be cancelled at the end.
    pub resting: u64,
    /// The same by kind of request.
    pub kinds: Vec<KindReport>,
    /// From the intended moment to the acknowledgement, all kinds.
    pub ack_micros: Latencies,
    /// From the intended moment to the fill of a MARKET order.
    pub fill_micros: Latencies,
    /// From the intended moment to the moment of sending: what this program and a full connection add.
    pub send_delay_micros: Latencies,
    /// Why requests were refused, and how often.
    pub reject_reasons: Vec<Reason>,
    /// What happened in each second.
    pub seconds: Vec<SecondReport>,
    /// Why the run is no success; empty for one.
    pub problems: Vec<String>,
}

/// Counts and latencies of one kind of request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindReport {
    /// Which.
    pub kind: Kind,
    /// Sent.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Refused.
    pub rejected: u64,
    /// From the intended moment to the acknowledgement.
    pub ack_micros: Latencies,
}

/// Percentiles, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latencies {
    /// How many were measured.
    pub count: u64,
    /// Half were not longer.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// The longest.
    pub max: f64,
}

/// A reason for refusals.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// Text(58), as the counterparty wrote it.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// One second of a run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecondReport {
    /// Which, from 0.
    pub second: usize,
    /// Requests sent in it.
    pub sent: u64,
    /// Acknowledgements that came in it.
    pub acked: u64,
    /// Half of their latencies were not longer, in microseconds.
    pub p50_micros: f64,
    /// 99 of 100.
    pub p99_micros: f64,
    /// The longest.
    pub max_micros: f64,
}

/// What the caller knows of a run that is over.
pub struct Ending {
    /// Whom it was sent to.
    pub target: String,
    /// How long requests were sent.
    pub ran: Duration,
    /// It was ended by hand.
    pub interrupted: bool,
    /// The 99th percentile of the acknowledgements that is a failure if it is longer.
    pub max_p99: Option<Duration>,
}

impl LoadReport {
    /// The report of a run that is over.
    #[must_use]
    pub fn new(run: &Run, ending: Ending) -> Self {
        let (tally, left, plan) = (run.tally(), run.all_left(), &run.plan);
        let mut all = tally.fill.clone();
        all.reset();
        for one in &tally.ack {
            // Their bounds are the same.
            let _ = all.add(one);
        }
        let kinds = Kind::ALL.into_iter().map(|kind| KindReport {
            kind,
            sent: tally.sent[kind as usize],
            acked: tally.acked[kind as usize],
            rejected: tally.rejected[kind as usize],
            ack_micros: Latencies::of(&tally.ack[kind as usize]),
        });
        let reasons = tally.reasons.iter().map(|(text, count)| Reason { text: text.clone(), count: *count });
        let mut reasons: Vec<Reason> = reasons.collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        let ran_seconds = ending.ran.as_secs_f64();
        let mut report = LoadReport {
            target: ending.target,
            rate: plan.rate,
            duration_seconds: plan.duration.as_secs_f64(),
            sessions: plan.sessions,
            mix: plan.mix.to_string(),
            seed: plan.seed,
            ran_seconds,
            interrupted: ending.interrupted,
            rate_reached: if ran_seconds > 0.0 { tally.all_sent() as f64 / ran_seconds } else { 0.0 },
            sent: tally.all_sent(),
            acked: tally.all_acked(),
            filled: tally.filled,
            canceled: tally.canceled,
            expired: tally.expired,
            rejected: tally.rejected.iter().sum(),
            unsent: tally.failed + if ending.interrupted { 0 } else { left.unsent },
            unanswered: left.unanswered,
            unfilled: left.unfinished.saturating_sub(left.unanswered),
            resting: 0,
            kinds: kinds.collect(),
            ack_micros: Latencies::of(&all),
            fill_micros: Latencies::of(&tally.fill),
            send_delay_micros: Latencies::of(&tally.late),
            reject_reasons: reasons,
            seconds: tally
                .course
                .iter()
                .enumerate()
                .map(|(second, is)| SecondReport::new(second, is))
                .collect(),
            problems: tally.lost.iter().map(|lost| format!("ended before its time: {lost}")).collect(),
        };
        report.judge(left, ending.max_p99, plan);
        report
    }

    fn judge(&mut self, left: Left, max_p99: Option<Duration>, plan: &LoadPlan) {
        let mut problem = |count: u64, what: &str| {
            if count > 0 {
                self.problems.push(format!("{count} {what}"));
            }
        };
        problem(self.rejected, "requests were rejected");
        problem(self.unsent, "requests were due and not sent");
        problem(left.unanswered, "requests were not answered");
        // The first orders are those that are to rest; with none of them there is nothing else.
        if self.rejected > 0 && self.rejected == self.sent {
            let (price, qty) = (plan.rest_price, plan.qty);
            self.problems.push(format!(
                "no order was taken; those that are to rest have the price {price} (--rest-price) and the quantity {qty} (--qty)"
            ));
        }
        if self.sent == 0 && !self.interrupted {
            self.problems.push("nothing was sent".into());
        }
        let (p99, most) = (self.ack_micros.p99, max_p99.map(|most| most.as_secs_f64() * 1e6));
        if let Some(most) = most.filter(|most| p99 > *most) {
            self.problems.push(format!(
                "99 % of the acknowledgements took up to {}, --max-p99 is {}",
                time(p99),
                time(most)
            ));
        }
    }

    /// True if nothing was wrong.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.problems.is_empty()
    }

    /// The report for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let interrupted = if self.interrupted { ", ended by hand" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}: {:.0} requests/s for {:.1} s (wanted {}/s), {} session{}, mix {}, seed {}{interrupted}\n\n\
             sent {}  acked {}  filled {}  canceled {}  rejected {}  expired {}  unanswered {}  unfilled {}\n",
            self.target,
            self.rate_reached,
            self.ran_seconds,
            self.rate,
            self.sessions,
            if self.sessions == 1 { "" } else { "s" },
            self.mix,
            self.seed,
            self.sent,
            self.acked,
            self.filled,
            self.canceled,
            self.rejected,
            self.expired,
            self.unanswered,
            self.unfilled,
        );
        let head = ["latency", "count", "50 %", "90 %", "99 %", "99.9 %", "max"];
        let _ = writeln!(text, "{}", row(&head.map(str::to_owned)));
        for (name, latencies) in self.rows() {
            let _ = writeln!(text, "{}", row(&latencies.cells(name)));
        }
        for reason in &self.reject_reasons {
            let _ = writeln!(text, "\nrejected {} times: {}", reason.count, reason.text);
        }
        if self.resting > 0 {
            let _ =
                writeln!(text, "\n{} orders rest at the venue still: it did not cancel them", self.resting);
        }
        for problem in &self.problems {
            let _ = writeln!(text, "\nFAILED: {problem}");
        }
        text
    }

    /// The report as JSON.
    ///
    /// # Errors
    /// Never in practice: all of it has a form in JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The report as one page that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// The latencies that were measured, with their names.
    pub(super) fn rows(&self) -> Vec<(&'static str, Latencies)> {
        let kinds = self.kinds.iter().map(|kind| {
            let name = match kind.kind {
                Kind::New => "ack of new",
                Kind::Cancel => "ack of cancel",
                Kind::Replace => "ack of replace",
            };
            (name, kind.ack_micros)
        });
        let mut rows: Vec<_> = kinds.collect();
        rows.push(("fill", self.fill_micros));
        rows.push(("sent late by", self.send_delay_micros));
        rows.retain(|(_, latencies)| latencies.count > 0);
        rows
    }
}

impl Latencies {
    fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| micros(histogram.value_at_quantile(quantile));
        Latencies {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: micros(histogram.max()),
        }
    }

    /// A row of a table.
    pub(super) fn cells(&self, name: &str) -> [String; 7] {
        let [p50, p90, p99, p999, max] = [self.p50, self.p90, self.p99, self.p999, self.max].map(time);
        [name.to_owned(), self.count.to_string(), p50, p90, p99, p999, max]
    }
}

impl SecondReport {
    fn new(second: usize, is: &Second) -> Self {
        let (p50_micros, p99_micros, max_micros) = (micros(is.p50), micros(is.p99), micros(is.max));
        SecondReport { second, sent: is.sent, acked: is.acked, p50_micros, p99_micros, max_micros }
    }
}

fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

/// Microseconds as people read them.
pub(super) fn time(micros: f64) -> String {
    if micros < 1e3 {
        format!("{micros:.0} us")
    } else if micros < 1e6 {
        format!("{:.2} ms", micros / 1e3)
    } else {
        format!("{:.2} s", micros / 1e6)
    }
}

fn row(cells: &[String; 7]) -> String {
    let [name, rest @ ..] = cells;
    let mut text = format!("{name:<15}");
    for cell in rest {
        let _ = write!(text, "{cell:>11}");
    }
    text
}

#[cfg(test)]
mod tests;

/// What tests of this room share.
#[cfg(test)]
pub(super) mod tests_support {
    use super::{Duration, Ending};

    pub(in crate::load) fn ending() -> Ending {
        Ending { target: "EXCHANGE".into(), ran: Duration::from_secs(1), interrupted: false, max_p99: None }
    }
}
