//! The lines of a script, without comments, each with those that stand deeper below it.

use super::problem::Problem;

/// The largest file that is read, in bytes.
pub(super) const LARGEST: usize = 4 << 20;

/// A line and what belongs to it.
#[derive(Debug)]
pub(super) struct Line<'t> {
    /// From 1 on.
    pub(super) number: u32,
    /// Without comment and without blanks at its ends; never empty.
    pub(super) text: &'t str,
    pub(super) below: Vec<Line<'t>>,
}

/// The lines at the left margin, in their order.
pub(super) fn lines(text: &str) -> Result<Vec<Line<'_>>, Problem> {
    let mut roots = Vec::new();
    // Lines that may still get lines below them, each deeper than the one before.
    let mut open: Vec<(usize, Line<'_>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let text = without_comment(line).trim_end();
        let trimmed = text.trim_start();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.contains(|c: char| c.is_control() && c != '\t') {
            return Err(Problem::new(number, "holds a control character; SOH of raw bytes is written |"));
        }
        let margin = text.get(..text.len() - trimmed.len()).unwrap_or_default();
        if margin.contains('\t') {
            return Err(Problem::new(number, "is indented with a tab; use spaces"));
        }
        close(&mut open, margin.len(), &mut roots);
        open.push((margin.len(), Line { number, text: trimmed, below: Vec::new() }));
    }
    close(&mut open, 0, &mut roots);
    Ok(roots)
}

/// Lines at `margin` and deeper get no more lines.
fn close<'t>(open: &mut Vec<(usize, Line<'t>)>, margin: usize, roots: &mut Vec<Line<'t>>) {
    while open.last().is_some_and(|(depth, _)| *depth >= margin) {
        let Some((_, line)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, above)) => above.below.push(line),
            None => roots.push(line),
        }
    }
}

/// A `#` at the beginning or behind a blank begins a comment, but not inside quotes.
fn without_comment(line: &str) -> &str {
    let (mut is_quoted, mut is_escaped, mut before) = (false, false, ' ');
    for (at, c) in line.char_indices() {
        match c {
            '"' if !is_escaped => is_quoted = !is_quoted,
            '#' if !is_quoted && before.is_whitespace() => return line.get(..at).unwrap_or_default(),
            _ => {}
        }
        is_escaped = is_quoted && c == '\\' && !is_escaped;
        before = c;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[Line<'_>]) -> String {
        let one = |line: &Line<'_>| format!("{}:{}[{}]", line.number, line.text, shown(&line.below));
        lines.iter().map(one).collect()
    }

    #[test]
    fn lines_that_stand_deeper_belong_to_the_one_above() {
        let text = "a\n  b # comment\n    c \"#\"#\n\n  d\n# all\ne";
        assert_eq!(shown(&lines(text).unwrap()), "1:a[2:b[3:c \"#\"#[]]5:d[]]7:e[]");
    }

    #[test]
    fn tabs_and_control_characters_are_refused_with_their_line() {
        assert_eq!(lines("a\n\tb").unwrap_err(), Problem::new(2, "is indented with a tab; use spaces"));
        assert_eq!(lines("a\x01b").unwrap_err().line, 1);
    }
}
