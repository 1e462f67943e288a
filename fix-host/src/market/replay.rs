//! Quotes and trades that were recorded, instead of a simulator's: `exchange --replay FILE`.
//!
//! CSV with a line of column names, in any order: `time` and `symbol`, and `bid` and `ask`, `tradePrice` and `tradeQty`, or all
//! of them. A line has a quote (both sides), a trade (both numbers), or both. `time` is in seconds from any moment on (with up
//! to nine decimals), or a UTCTimestamp of FIX (`20261124-14:30:00.250`); it never goes back. What stands in `bid`, `ask` and
//! `tradePrice` is a multiple of the instrument's tick.

use std::{collections::HashMap, path::Path, time::Duration};

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::{
    Instrument,
    table::{Table, TableError, is_column, on_grid, positive, read_file},
};

/// The largest file, in bytes.
const MAX_BYTES: u64 = 1 << 30;

const COLUMNS: [&str; 6] = ["time", "symbol", "bid", "ask", "tradePrice", "tradeQty"];

/// A line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Since the first line.
    pub at: Duration,
    /// The instrument, by its place in the list.
    pub place: usize,
    /// Bid and ask.
    pub quote: Option<(Decimal, Decimal)>,
    /// Price and quantity of a trade.
    pub trade: Option<(Decimal, Decimal)>,
}

/// The recording, as far as it is not played.
#[derive(Debug)]
pub struct Replay {
    lines: std::vec::IntoIter<Recorded>,
    /// How far it is played, in its own time.
    position: Duration,
    /// Its time in a thousandth of ours.
    speed: u32,
    is_paused: bool,
    /// Bid and ask of each instrument as they were played last, by its place.
    quotes: Vec<Option<(Decimal, Decimal)>>,
}

impl Replay {
    /// Reads a file, whose symbols are those of `instruments`. A `speed` of 1000 is that of the recording.
    ///
    /// # Errors
    /// [`TableError`] for the first thing that is wrong with it.
    pub fn load(path: &Path, instruments: &[Instrument], speed: u32) -> Result<Self, TableError> {
        let (name, text) = read_file(path, MAX_BYTES)?;
        let lines = read(&name, &text, instruments)?;
        Ok(Replay::of(lines, instruments.len(), speed))
    }

    fn of(lines: Vec<Recorded>, instruments: usize, speed: u32) -> Self {
        let (lines, quotes) = (lines.into_iter(), vec![None; instruments]);
        Replay { lines, position: Duration::ZERO, speed, is_paused: false, quotes }
    }

    /// The lines that are due once so much time has passed, in their order.
    pub fn advance(&mut self, passed: Duration) -> Vec<Recorded> {
        if !self.is_paused {
            let of_recording = passed.saturating_mul(self.speed) / 1_000;
            self.position = self.position.saturating_add(of_recording);
        }
        let due = self.lines.as_slice().partition_point(|line| line.at <= self.position);
        let due: Vec<Recorded> =
            if self.is_paused { Vec::new() } else { self.lines.by_ref().take(due).collect() };
        for line in &due {
            if let Some(quote) = self.quotes.get_mut(line.place) {
                *quote = line.quote.or(*quote);
            }
        }
        due
    }

    /// The middle of bid and ask of an instrument as it was played last.
    pub fn middle(&self, place: usize) -> Option<Decimal> {
        let (bid, ask) = (*self.quotes.get(place)?)?;
        let sum = bid.checked_add(ask)?;
        sum.checked_div(Decimal::from(2), sum.scale() + 1)
    }

    /// Stands still from now on, or goes on where it stood.
    pub fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// True if it stands still.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// True once every line is played.
    pub fn is_over(&self) -> bool {
        self.lines.len() == 0
    }
}

fn read(name: &str, text: &str, instruments: &[Instrument]) -> Result<Vec<Recorded>, TableError> {
    let listed = instruments.iter().enumerate();
    let listed: HashMap<&str, (usize, Decimal)> =
        listed.map(|(place, instrument)| (instrument.symbol, (place, instrument.tick))).collect();
    let mut table = Table::new(name, text);
    let (at, headers) = table.headers()?;
    let columns = columns(&headers).map_err(|problem| TableError::at(name, at, problem))?;
    let mut lines: Vec<Recorded> = Vec::new();
    let mut first = None;
    for row in table.rows() {
        let (at, record) = row?;
        let value =
            |column: usize| columns[column].and_then(|at| record.get(at)).filter(|value| !value.is_empty());
        let line =
            recorded(value, &mut first, &listed).map_err(|problem| TableError::at(name, at, problem))?;
        if lines.last().is_some_and(|before| line.at < before.at) {
            return Err(TableError::at(name, at, "time: lies before that of the line above"));
        }
        lines.push(line);
    }
    match lines.is_empty() {
        true => Err(TableError::whole(name, "has no line to replay")),
        false => Ok(lines),
    }
}

/// Where each of [`COLUMNS`] stands.
fn columns(headers: &csv::StringRecord) -> Result<[Option<usize>; COLUMNS.len()], String> {
    let mut columns = [None; COLUMNS.len()];
    for (at, header) in headers.iter().enumerate() {
        let column = COLUMNS.iter().position(|column| is_column(column, header));
        let column =
            column.ok_or_else(|| format!("{header:?} is no column; there are {}", COLUMNS.join(", ")))?;
        if columns[column].replace(at).is_some() {
            return Err(format!("the column {} stands here twice", COLUMNS[column]));
        }
    }
    match columns {
        [Some(_), Some(_), ..] => Ok(columns),
        _ => Err("the columns time and symbol are needed".to_owned()),
    }
}

fn recorded<'a>(
    value: impl Fn(usize) -> Option<&'a str>,
    first: &mut Option<Duration>,
    listed: &HashMap<&str, (usize, Decimal)>,
) -> Result<Recorded, String> {
    let time = moment(value(0).ok_or("time: missing")?)?;
    let first = *first.get_or_insert(time);
    let at = time.checked_sub(first).ok_or("time: lies before that of the first line")?;
    let symbol = value(1).ok_or("symbol: missing")?;
    let (place, tick) =
        *listed.get(symbol).ok_or_else(|| format!("symbol: {symbol:?} is not in the list of instruments"))?;
    let number = |column: usize| value(column).map(|text| positive(COLUMNS[column], text)).transpose();
    let price = |column: usize| {
        number(column)?.map(|price| on_grid(COLUMNS[column], price, tick, symbol)).transpose()
    };
    let quote = match (price(2)?, price(3)?) {
        (Some(bid), Some(ask)) if bid < ask => Some((bid, ask)),
        (Some(bid), Some(ask)) => return Err(format!("bid {bid} must be below ask {ask}")),
        (None, None) => None,
        _ => return Err("a quote needs both bid and ask".to_owned()),
    };
    let trade = match (price(4)?, number(5)?) {
        (Some(price), Some(qty)) => Some((price, qty)),
        (None, None) => None,
        _ => return Err("a trade needs both tradePrice and tradeQty".to_owned()),
    };
    if quote.is_none() && trade.is_none() {
        return Err("has neither a quote (bid, ask) nor a trade (tradePrice, tradeQty)".to_owned());
    }
    Ok(Recorded { at, place, quote, trade })
}

/// A time in seconds, or as a UTCTimestamp.
fn moment(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("time: must be seconds such as 12.5, or a time such as 20261124-14:30:00.250, not {text:?}")
    };
    if let Ok(seconds) = text.parse::<Decimal>() {
        let nanos = seconds.rescale(9).filter(|nanos| !nanos.is_negative()).ok_or_else(wrong)?;
        return Ok(Duration::from_nanos(nanos.mantissa().unsigned_abs()));
    }
    let stamp = UtcTimestamp::parse(text.as_bytes()).map_err(|_| wrong())?;
    let seconds = u64::try_from(stamp.unix_seconds()).map_err(|_| wrong())?;
    Ok(Duration::new(seconds, stamp.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::default_instruments;

    fn error(text: &str) -> String {
        read("r.csv", text, &default_instruments()).unwrap_err().to_string()
    }

    fn replay(text: &str, speed: u32) -> Replay {
        let lines = read("r.csv", text, &default_instruments()).unwrap();
        Replay::of(lines, default_instruments().len(), speed)
    }

    const DAY: &str = "symbol,time,bid,ask,trade_price,trade_qty\n\
                       2Y,20261124-14:30:00,99.870,99.880,,\n\
                       # a trade alone, and both\n\
                       2Y,20261124-14:30:00.500,,,99.875,5\n\
                       5Y,20261124-14:30:02,98.500,98.510,98.505,1000000\n";

    #[test]
    fn lines_come_when_their_time_has_come() {
        let mut replay = replay(DAY, 1_000);
        let now = replay.advance(Duration::ZERO);
        assert_eq!(now.len(), 1);
        assert_eq!((now[0].place, now[0].trade), (0, None));
        assert_eq!(replay.advance(Duration::from_millis(499)), []);
        let trade = replay.advance(Duration::from_millis(1));
        assert_eq!(trade[0].trade.unwrap().1, Decimal::from(5));
        assert!(!replay.is_over());
        let last = replay.advance(Duration::from_secs(60));
        assert!(last[0].quote.is_some() && last[0].trade.is_some() && replay.is_over());
        assert_eq!(replay.middle(2).unwrap().normalized().to_string(), "98.505");
        assert_eq!(replay.middle(1), None);
    }

    #[test]
    fn it_is_played_faster_slower_and_not_at_all_for_a_while() {
        let mut fast = replay(DAY, 4_000);
        assert_eq!(fast.advance(Duration::from_millis(500)).len(), 3);
        let mut slow = replay(DAY, 500);
        assert_eq!(slow.advance(Duration::from_millis(3_999)).len(), 2);
        slow.pause(true);
        assert_eq!(slow.advance(Duration::from_secs(60)), []);
        slow.pause(false);
        assert!(!slow.is_paused());
        assert_eq!(slow.advance(Duration::from_millis(1)).len(), 1, "it goes on where it stood");
    }

    #[test]
    fn seconds_are_times_too() {
        let mut replay = replay("time,symbol,bid,ask\n10,2Y,99.870,99.880\n10.250,2Y,99.875,99.885\n", 1_000);
        assert_eq!(replay.advance(Duration::from_millis(249)).len(), 1);
        assert_eq!(replay.advance(Duration::from_millis(1)).len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let with = |line: &str| {
            error(&format!("time,symbol,bid,ask,tradePrice,tradeQty\n0,2Y,99.870,99.880,,\n{line}\n"))
        };
        assert_eq!(with("1,7Y,1,2,,"), "r.csv:3: symbol: \"7Y\" is not in the list of instruments");
        assert_eq!(
            with("1,2Y,99.871,99.880,,"),
            "r.csv:3: bid: 99.871 is no multiple of the tick 0.005 of 2Y"
        );
        assert_eq!(with("1,2Y,99.880,99.880,,"), "r.csv:3: bid 99.880 must be below ask 99.880");
        assert_eq!(with("1,2Y,99.880,,,"), "r.csv:3: a quote needs both bid and ask");
        assert_eq!(with("1,2Y,,,99.880,"), "r.csv:3: a trade needs both tradePrice and tradeQty");
        assert_eq!(
            with("1,2Y,,,99.880,-1"),
            "r.csv:3: tradeQty: must be a number above 0 such as 99.875, not \"-1\""
        );
        assert_eq!(
            with("1,2Y,,,,"),
            "r.csv:3: has neither a quote (bid, ask) nor a trade (tradePrice, tradeQty)"
        );
        assert!(with("soon,2Y,99.870,99.880,,").starts_with("r.csv:3: time: must be seconds such as 12.5"));
        assert!(with("1,2Y").starts_with("r.csv:3: CSV error: "), "{}", with("1,2Y"));
        assert_eq!(
            error("time,symbol,bid,ask\n5,2Y,99.870,99.880\n6,2Y,99.870,99.880\n5.5,2Y,99.870,99.880\n"),
            "r.csv:4: time: lies before that of the line above"
        );
        assert_eq!(error("time,bid,ask\n"), "r.csv:1: the columns time and symbol are needed");
        assert!(
            error("time,symbol,price\n")
                .starts_with("r.csv:1: \"price\" is no column; there are time, symbol, ")
        );
        assert_eq!(error("time,symbol,time\n"), "r.csv:1: the column time stands here twice");
        assert_eq!(error("time,symbol,bid,ask\n"), "r.csv: has no line to replay");
        let missing = Replay::load(Path::new("/nowhere/r.csv"), &default_instruments(), 1_000).unwrap_err();
        assert_eq!(missing.to_string(), "/nowhere/r.csv: No such file or directory (os error 2)");
    }
}
