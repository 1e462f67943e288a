//! `Instruments=FILE`: CSV with a line of column names, or TOML with an `[[instrument]]` for each.

use std::{collections::BTreeMap, path::Path};

use fix_core::{dict::fix44, tag::Tag};

use super::{
    Instrument,
    table::{Table, TableError, is_column, on_grid, positive, read_file},
};
use crate::contract::{
    fields::{OrderField, is_own_of_order, of_columns},
    parse::MAX_SYMBOL_CHARS,
};

/// The list that is used without a file: US Treasury benchmarks and interest-rate futures.
const DEFAULT: &str = include_str!("../../../config/instruments.csv");

/// The largest file, in bytes.
const MAX_BYTES: u64 = 4 << 20;

const COLUMNS: [&str; 5] = ["symbol", "startPrice", "tick", "step", "halfSpread"];

/// What the name of a column begins with whose field stands in lists of instruments, and on no order.
const LIST: &str = "list:";

/// Reads a file of instruments: TOML if its name ends in `.toml`, CSV otherwise.
///
/// # Errors
/// [`TableError`] for the first thing that is wrong with it.
pub fn load(path: &Path) -> Result<Vec<Instrument>, TableError> {
    let (name, text) = read_file(path, MAX_BYTES)?;
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if is_toml { toml(&name, &text) } else { csv(&name, &text) }
}

/// The instruments that are used without a file.
pub fn default_instruments() -> Vec<Instrument> {
    // A test holds that it can be read.
    csv("config/instruments.csv", DEFAULT).unwrap_or_default()
}

/// The values of one instrument as text, by the names of [`COLUMNS`], with their line in the file.
struct Entry {
    line: u64,
    values: BTreeMap<&'static str, String>,
    /// The fields to put on orders: names or tags, and values.
    fields: Vec<(String, String)>,
    /// The fields of lists alone.
    listed: Vec<(String, String)>,
}

/// What a column holds.
enum Column {
    /// One of [`COLUMNS`].
    Own(&'static str),
    /// A field to put on orders.
    Field(String),
    /// A field of lists alone.
    Listed(String),
}

impl Entry {
    fn at(line: u64) -> Self {
        Entry { line, values: BTreeMap::new(), fields: Vec::new(), listed: Vec::new() }
    }

    fn put(&mut self, column: &Column, value: String) {
        match column {
            _ if value.is_empty() => {}
            Column::Own(name) => {
                self.values.insert(name, value);
            }
            Column::Field(name) => self.fields.push((name.clone(), value)),
            Column::Listed(name) => self.listed.push((name.clone(), value)),
        }
    }
}

fn csv(name: &str, text: &str) -> Result<Vec<Instrument>, TableError> {
    let mut table = Table::new(name, text);
    let (line, headers) = table.headers()?;
    let mut columns = Vec::new();
    for header in &headers {
        columns.push(column(header).ok_or_else(|| TableError::at(name, line, unknown(header)))?);
    }
    let mut entries = Vec::new();
    for row in table.rows() {
        let (line, record) = row?;
        let mut entry = Entry::at(line);
        columns.iter().zip(&record).for_each(|(column, value)| entry.put(column, value.to_owned()));
        entries.push(entry);
    }
    instruments(name, entries)
}

fn toml(name: &str, text: &str) -> Result<Vec<Instrument>, TableError> {
    let line_at = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() as u64 + 1;
    let document = toml_edit::Document::parse(text).map_err(|problem| {
        TableError::at(name, line_at(problem.span().map_or(0, |span| span.start)), problem.message())
    })?;
    let tables = document.get("instrument").and_then(|item| item.as_array_of_tables());
    let tables = tables.ok_or_else(|| TableError::at(name, 1, "has no [[instrument]]"))?;
    let mut entries = Vec::new();
    for table in tables {
        let line = line_at(table.span().map_or(0, |span| span.start));
        let mut entry = Entry::at(line);
        for (key, item) in table {
            let column = column(key).ok_or_else(|| TableError::at(name, line, unknown(key)))?;
            // The digits as they stand in the file: a float would change them.
            let written = item.span().and_then(|span| text.get(span)).unwrap_or_default();
            entry.put(&column, item.as_str().unwrap_or(written).to_owned());
        }
        entries.push(entry);
    }
    instruments(name, entries)
}

/// The column that a header means, whatever its case and separators.
fn column(header: &str) -> Option<Column> {
    let own = COLUMNS.into_iter().find(|column| is_column(column, header)).map(Column::Own);
    let listed = || header.strip_prefix(LIST).filter(|name| is_field(name));
    own.or_else(|| listed().map(|name| Column::Listed(name.to_owned())))
        .or_else(|| is_field(header).then(|| Column::Field(header.to_owned())))
}

/// True of the name or the tag of a field that may be put on orders; each session's dictionary has the last word.
fn is_field(header: &str) -> bool {
    let tag = match header.parse() {
        Ok(number) => Some(Tag(number)).filter(|tag| tag.0 > 0),
        Err(_) => fix44::DICTIONARY
            .names
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(header))
            .map(|(tag, _)| tag),
    };
    tag.is_some_and(|tag| !is_own_of_order(tag))
}

fn unknown(header: &str) -> String {
    format!(
        "{header:?} is no column; there are {}, fields to put on orders by name or tag, and fields of lists as {LIST}NAME",
        COLUMNS.join(", ")
    )
}

fn instruments(name: &str, entries: Vec<Entry>) -> Result<Vec<Instrument>, TableError> {
    let mut lines: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut instruments = Vec::new();
    for entry in entries {
        let error = |problem: String| TableError::at(name, entry.line, problem);
        let instrument = instrument(name, &entry).map_err(error)?;
        if let Some(first) = lines.insert(instrument.symbol, entry.line) {
            return Err(error(format!("symbol: {:?} stands in line {first} already", instrument.symbol)));
        }
        instruments.push(instrument);
    }
    match instruments.is_empty() {
        true => Err(TableError::whole(name, "has no instrument")),
        false => Ok(instruments),
    }
}

fn instrument(file: &str, entry: &Entry) -> Result<Instrument, String> {
    let text = |column: &str| entry.values.get(column).ok_or_else(|| format!("{column}: missing"));
    let number = |column: &str| positive(column, text(column)?);
    let symbol = text("symbol")?;
    if symbol.chars().count() > MAX_SYMBOL_CHARS || !symbol.chars().all(|c| matches!(c, ' '..='~')) {
        return Err(format!(
            "symbol: {symbol:?} must be printable ASCII of at most {MAX_SYMBOL_CHARS} characters"
        ));
    }
    let tick = number("tick")?;
    let on_grid = |column: &str| on_grid(column, number(column)?, tick, symbol);
    Ok(Instrument {
        initial: on_grid("startPrice")?,
        step: on_grid("step")?,
        half_spread: on_grid("halfSpread")?,
        tick,
        symbol: String::leak(symbol.clone()),
        fields: Vec::leak(entry.fields.clone()),
        listed: Vec::leak(listed(entry)?),
        place: String::leak(format!("{file}:{}", entry.line)),
    })
}

/// What lists say of an instrument: what is for them alone wins. A field of orders that FIX 4.4 does not have, or has another
/// idea of, is for the dictionary of its session to judge.
fn listed(entry: &Entry) -> Result<Vec<OrderField>, String> {
    let own = of_columns(&entry.listed, &fix44::DICTIONARY);
    let mut listed = own.map_err(|error| format!("{LIST}{error}"))?;
    for column in &entry.fields {
        let fields = of_columns(std::slice::from_ref(column), &fix44::DICTIONARY).unwrap_or_default();
        for field in fields {
            if listed.iter().all(|said| said.tag != field.tag) {
                listed.push(field);
            }
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(instruments: &[Instrument]) -> Vec<String> {
        let show =
            |i: &Instrument| format!("{} {} {} {} {}", i.symbol, i.initial, i.tick, i.step, i.half_spread);
        instruments.iter().map(show).collect()
    }

    fn csv_error(text: &str) -> String {
        csv("i.csv", text).unwrap_err().to_string()
    }

    #[test]
    fn the_default_file_is_good() {
        let instruments = csv("config/instruments.csv", DEFAULT).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(instruments.len(), 10);
        assert_eq!(shown(&instruments)[0], "2Y 99.875 0.005 0.010 0.005");
    }

    #[test]
    fn csv_and_toml_say_the_same() {
        let csv =
            csv("i.csv", "Symbol, start price,TICK,half_spread,step\n# mine\nAAPL,187.20,0.01,0.02,0.10\n");
        let toml = toml(
            "i.toml",
            "[[instrument]]\nsymbol = \"AAPL\"\nstartPrice = 187.20\ntick = 0.01\nstep = \"0.10\"\nhalfSpread = 0.02\n",
        );
        assert_eq!(shown(&csv.unwrap()), ["AAPL 187.20 0.01 0.10 0.02"]);
        assert_eq!(shown(&toml.unwrap()), ["AAPL 187.20 0.01 0.10 0.02"]);
    }

    #[test]
    fn further_columns_are_fields_of_orders() {
        let text = "symbol,startPrice,tick,step,halfSpread,SecurityID,22,9001\nA,1,1,1,1,US0378331005,4,\nB,1,1,1,1,,,x\n";
        let instruments = csv("i.csv", text).unwrap();
        let shown = |i: &Instrument| {
            i.fields.iter().map(|(key, value)| format!("{key}={value} ")).collect::<String>()
        };
        assert_eq!(
            instruments.iter().map(shown).collect::<Vec<_>>(),
            ["SecurityID=US0378331005 22=4 ", "9001=x "]
        );
        assert_eq!(instruments[1].place, "i.csv:3");
    }

    #[test]
    fn columns_of_lists_are_for_lists_alone_and_those_of_orders_for_both() {
        let text = "symbol,startPrice,tick,step,halfSpread,Currency,list:CouponRate,list:541,list:Currency\nA,1,1,1,1,USD,4.25,20280131,\nB,1,1,1,1,USD,,,EUR\n";
        let instruments = csv("i.csv", text).unwrap();
        assert_eq!(instruments[0].fields, [("Currency".to_owned(), "USD".to_owned())]);
        let said = |at: usize, tag| instruments[at].listed(Tag(tag));
        assert_eq!([said(0, 223), said(0, 541), said(0, 15)], [Some("4.25"), Some("20280131"), Some("USD")]);
        assert_eq!([said(1, 223), said(1, 15)], [None, Some("EUR")]);
        let wrong = "symbol,startPrice,tick,step,halfSpread,list:MaturityDate\nA,1,1,1,1,soon\n";
        let error = csv_error(wrong);
        assert!(error.starts_with("i.csv:2: list:MaturityDate"), "{error}");
        assert!(error.contains("soon"), "{error}");
        let error = csv_error("symbol,list:Nonsense\n");
        assert!(error.starts_with("i.csv:1: \"list:Nonsense\" is no column"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let with = |line: &str| csv_error(&format!("symbol,startPrice,tick,step,halfSpread\n{line}\n"));
        assert_eq!(with("A,1,0,1,1"), "i.csv:2: tick: must be a number above 0 such as 99.875, not \"0\"");
        assert_eq!(
            with("A,1.005,0.01,1,1"),
            "i.csv:2: startPrice: 1.005 is no multiple of the tick 0.01 of A"
        );
        assert_eq!(with("A,1,1,,1"), "i.csv:2: step: missing");
        assert_eq!(with("A,1,1,1,1\nA,1,1,1,1"), "i.csv:3: symbol: \"A\" stands in line 2 already");
        assert!(with("Ä,1,1,1,1").starts_with("i.csv:2: symbol: \"Ä\" must be printable ASCII"));
        assert!(with("A,1").starts_with("i.csv:2: CSV error: "), "{}", with("A,1"));
        assert_eq!(
            csv_error("symbol,price\n"),
            "i.csv:1: \"price\" is no column; there are symbol, startPrice, tick, step, halfSpread, fields to put on orders by name or tag, and fields of lists as list:NAME"
        );
        assert_eq!(csv_error(""), "i.csv: has no instrument");
        assert_eq!(toml("i.toml", "a = 1\n").unwrap_err().to_string(), "i.toml:1: has no [[instrument]]");
        assert!(toml("i.toml", "a = 1\nb = \n").unwrap_err().to_string().starts_with("i.toml:2: "));
        let missing = load(Path::new("/nowhere/i.csv")).unwrap_err().to_string();
        assert_eq!(missing, "/nowhere/i.csv: No such file or directory (os error 2)");
    }
}
