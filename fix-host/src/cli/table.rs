//! Tables on the terminal.

use serde_json::Value;

/// Aligned columns; the first row is the headline.
pub(super) fn aligned<const N: usize>(rows: Vec<[String; N]>) -> String {
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A value for the terminal: a counterparty's text must not be able to steer it.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.chars().fold(String::new(), |mut shown, char| {
            match char {
                '"' | '\'' => shown.push(char),
                _ => shown.extend(char.escape_debug()),
            }
            shown
        }),
        Some(other) => other.to_string(),
        None => "-".to_owned(),
    }
}
