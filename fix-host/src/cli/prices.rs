//! `fix-host prices`: the market as the engine publishes it.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use serde_json::{Map, Number, Value};

use super::remote::{Failure, Remote, RemoteArgs};
use super::thirty_seconds::thirty_seconds;
use crate::exit;

/// Show prices: a table that redraws itself, or JSON lines.
#[derive(Args, Debug)]
pub struct PricesArgs {
    /// Only this symbol; may be given more than once
    #[arg(long, value_name = "S")]
    symbol: Vec<String>,
    /// How to print: an aligned table, or one JSON object a line and second
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// In the table, show prices in 32nds, as bonds are quoted: 98-16+ is 98 points, 16/32 and 4/8 of a 32nd; a ~ stands before
    /// one that is the nearest such price
    #[arg(long = "32nds")]
    thirty_seconds: bool,
    /// Print the present prices and end; a table that is not on a terminal does so anyway
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Runs the command.
pub fn run(args: &PricesArgs) -> ExitCode {
    match show(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn show(args: &PricesArgs) -> Result<(), Failure> {
    let mut remote = Remote::open(&args.remote)?;
    let mut out = io::stdout().lock();
    let once = args.once || (args.format == Format::Table && !out.is_terminal());
    let (mut drawn, mut has_warned) = (0, false);
    let mut draw = |prices: Value| -> Result<(), Failure> {
        let (prices, unknown) = select(prices, &args.symbol)?;
        if !std::mem::replace(&mut has_warned, true)
            && let Some(text) = unknown
        {
            eprintln!("{}: {text}", exit::program());
        }
        match args.format {
            Format::Json => writeln!(out, "{}", Value::Object(prices))?,
            Format::Table => {
                if drawn > 0 {
                    // Up to the first line of the last table, and clear from there.
                    write!(out, "\x1b[{drawn}A\x1b[J")?;
                }
                let table = table(&prices, width(), args.thirty_seconds);
                out.write_all(table.as_bytes())?;
                drawn = table.lines().count();
            }
        }
        out.flush()?;
        Ok(())
    };
    if once { draw(remote.prices()?) } else { remote.follow_prices(draw) }
}

/// The prices asked for, all when none are; and what is to be said of symbols without prices.
///
/// # Errors
/// None of the symbols has prices.
fn select(prices: Value, symbols: &[String]) -> Result<(Map<String, Value>, Option<String>), Failure> {
    let Value::Object(mut all) = prices else {
        return Err(Failure::new(exit::UNAVAILABLE, "these are no prices"));
    };
    if symbols.is_empty() {
        return Ok((all, None));
    }
    let unknown: Vec<String> = symbols
        .iter()
        .filter(|symbol| !all.contains_key(*symbol))
        .map(|symbol| symbol.escape_debug().to_string())
        .collect();
    let text = (!unknown.is_empty()).then(|| {
        let known = all.keys().map(String::as_str).collect::<Vec<_>>();
        format!("no prices of {}; known are {}", unknown.join(", "), known.join(", "))
    });
    all.retain(|symbol, _| symbols.contains(symbol));
    match text {
        Some(text) if all.is_empty() => Err(Failure::new(exit::REJECTED, text)),
        text => Ok((all, text)),
    }
}

const SYMBOL_WIDTH: usize = 8;
const SOURCE_WIDTH: usize = 12;
const COLUMN_WIDTH: usize = 12;
const COLUMNS: [(&str, &str); 5] =
    [("Bid", "bid"), ("Ask", "ask"), ("Mid", "mid"), ("Change", "change"), ("VWAP", "vwap")];

/// The columns that are prices somebody may trade at, and may be shown in 32nds.
const PRICES: [&str; 3] = ["bid", "ask", "mid"];

/// Columns of the terminal; without one, lines may be as long as they are.
fn width() -> usize {
    terminal_size::terminal_size().map_or(usize::MAX, |(terminal_size::Width(width), _)| width.into())
}

/// A line that wraps would take two lines of the screen, and the next drawing would begin in the wrong place:
/// columns that do not fit are left out, the last ones first.
fn table(prices: &Map<String, Value>, width: usize, in_32nds: bool) -> String {
    let fitting = width.saturating_sub(SYMBOL_WIDTH + SOURCE_WIDTH) / COLUMN_WIDTH;
    let columns = COLUMNS.get(..fitting).unwrap_or(&COLUMNS);
    let mut table = format!("{:<SYMBOL_WIDTH$}{:<SOURCE_WIDTH$}", "Symbol", "Source");
    for (title, _) in columns {
        let _ = write!(table, "{title:>COLUMN_WIDTH$}");
    }
    table.push('\n');
    for (symbol, quote) in prices {
        let (symbol, source) = (symbol.escape_debug().to_string(), source(quote));
        let _ = write!(table, "{symbol:<SYMBOL_WIDTH$}{source:<SOURCE_WIDTH$}");
        for (_, key) in columns {
            let _ = write!(table, "{:>COLUMN_WIDTH$}", cell(key, quote.get(*key), in_32nds));
        }
        table.push('\n');
    }
    table
}

/// Who says the price; of one that may not hold any more, that.
fn source(quote: &Value) -> String {
    let is_stale = quote.get("stale").and_then(Value::as_bool).unwrap_or_default();
    match quote.get("source").and_then(Value::as_str) {
        _ if is_stale => "STALE".to_owned(),
        Some(source) => source.escape_debug().to_string(),
        None => "-".to_owned(),
    }
}

fn cell(key: &str, value: Option<&Value>, in_32nds: bool) -> String {
    let fraction = |number: &Number| thirty_seconds(number.to_string().parse().ok()?);
    match value {
        Some(Value::Number(number)) if in_32nds && PRICES.contains(&key) => {
            fraction(number).unwrap_or_else(|| number.to_string())
        }
        Some(Value::Number(number)) if key == "change" && !number.to_string().starts_with('-') => {
            format!("+{number}")
        }
        Some(Value::Number(number)) => number.to_string(),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::utc_now, market::Market};

    #[test]
    fn the_table_is_aligned() {
        let prices = Market::new(1).snapshot(utc_now()).to_json();
        let (mut prices, unknown) = select(prices, &["10Y".into(), "TUH6".into()]).unwrap();
        assert_eq!(unknown, None);
        assert_eq!(
            table(&prices, 79, false),
            "Symbol  Source               Bid         Ask         Mid      Change\n\
             10Y     simulated         96.240      96.260      96.250      +0.000\n\
             TUH6    simulated        102.112     102.128     102.120      +0.000\n"
        );
        assert_eq!(table(&prices, 5, false).lines().next(), Some("Symbol  Source      "));
        prices["10Y"]["stale"] = true.into();
        prices["TUH6"]["source"] = "counterparty".into();
        assert_eq!(
            table(&prices, 80, false),
            "Symbol  Source               Bid         Ask         Mid      Change        VWAP\n\
             10Y     STALE             96.240      96.260      96.250      +0.000     96.2500\n\
             TUH6    counterparty     102.112     102.128     102.120      +0.000    102.1200\n"
        );
    }

    #[test]
    fn bonds_are_shown_in_32nds() {
        let prices = Market::new(1).snapshot(utc_now()).to_json();
        let (prices, _) = select(prices, &["10Y".into(), "2Y".into()]).unwrap();
        assert_eq!(
            table(&prices, 79, true),
            "Symbol  Source               Bid         Ask         Mid      Change\n\
             2Y      simulated        ~99-277     ~99-281       99-28      +0.000\n\
             10Y     simulated        ~96-075     ~96-083       96-08      +0.000\n"
        );
    }

    #[test]
    fn a_symbol_without_prices_is_named() {
        let prices = Market::new(1).snapshot(utc_now()).to_json();
        let (known, unknown) = select(prices.clone(), &["5Y".into(), "7Y".into()]).unwrap();
        assert_eq!(known.keys().collect::<Vec<_>>(), ["5Y"]);
        assert!(unknown.unwrap().starts_with("no prices of 7Y; known are "));
        let failure = select(prices, &["7Y".into()]).unwrap_err();
        assert_eq!(failure.code, exit::REJECTED);
        assert!(failure.text.unwrap().starts_with("no prices of 7Y; known are 2Y, 3Y, "));
    }
}
