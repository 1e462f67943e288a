//! What the files of this room have in common: a table in CSV, with its errors by line, and the checks of its numbers.

use std::path::Path;

use fix_core::decimal::Decimal;

use crate::contract::read_text;

/// A file of instruments or of recorded prices that cannot be used: one line, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct TableError {
    /// `FILE` or `FILE:LINE`.
    pub place: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl TableError {
    /// What is wrong with a file as a whole.
    pub(super) fn whole(name: &str, problem: impl Into<String>) -> Self {
        TableError { place: name.to_owned(), problem: problem.into() }
    }

    /// What is wrong with a line of it.
    pub(super) fn at(name: &str, line: u64, problem: impl Into<String>) -> Self {
        TableError { place: format!("{name}:{line}"), problem: problem.into() }
    }

    fn of(name: &str, problem: &csv::Error) -> Self {
        TableError::at(name, line_of(problem.position()), problem.to_string())
    }
}

/// The name of a file, as errors say it, and its text of at most so many bytes.
pub(super) fn read_file(path: &Path, max_bytes: u64) -> Result<(String, String), TableError> {
    let name = path.display().to_string();
    match read_text(path, max_bytes) {
        Ok(text) => Ok((name, text)),
        Err(problem) => Err(TableError::whole(&name, problem)),
    }
}

/// CSV with a line of column names. Lines that begin with `#` are comments, blanks around values do not count.
pub(super) struct Table<'a> {
    name: &'a str,
    reader: csv::Reader<&'a [u8]>,
}

/// A line of a table: its number in the file, from 1, and its values.
pub(super) type Row = (u64, csv::StringRecord);

impl<'a> Table<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        Table { name, reader: builder.comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes()) }
    }

    /// The names of the columns.
    pub(super) fn headers(&mut self) -> Result<Row, TableError> {
        let headers = self.reader.headers().map_err(|problem| TableError::of(self.name, &problem))?;
        Ok((line_of(headers.position()), headers.clone()))
    }

    /// The lines below them.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = Result<Row, TableError>> {
        let name = self.name;
        self.reader.records().map(move |record| match record {
            Ok(record) => Ok((line_of(record.position()), record)),
            Err(problem) => Err(TableError::of(name, &problem)),
        })
    }
}

fn line_of(position: Option<&csv::Position>) -> u64 {
    position.map_or(1, csv::Position::line)
}

/// True if a header means this column, whatever its case and separators.
pub(super) fn is_column(column: &str, header: &str) -> bool {
    let plain = |text: &str| text.replace([' ', '_', '-'], "").to_ascii_lowercase();
    plain(column) == plain(header)
}

/// The number above 0 that stands in a column.
pub(super) fn positive(column: &str, text: &str) -> Result<Decimal, String> {
    let number: Option<Decimal> = text.parse().ok();
    number
        .filter(|number| number.is_positive())
        .ok_or_else(|| format!("{column}: must be a number above 0 such as 99.875, not {text:?}"))
}

/// The value of a column, if it is a multiple of its instrument's tick.
pub(super) fn on_grid(column: &str, value: Decimal, tick: Decimal, symbol: &str) -> Result<Decimal, String> {
    let is_on_grid = value.is_multiple_of(tick);
    is_on_grid
        .then_some(value)
        .ok_or_else(|| format!("{column}: {value} is no multiple of the tick {tick} of {symbol}"))
}
