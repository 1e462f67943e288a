//! `$NAME`, `${NAME}` and `$(NAME)` in a value.

/// Why a value could not be expanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ExpandError {
    /// The variable of this name is not set.
    Unset(String),
    /// `${` or `$(` without its end.
    Unclosed,
}

/// Replaces every variable; `$$` is a literal `$`, and a `$` before anything but a name stays as it is.
///
/// QuickFIX puts nothing in place of an unset variable. Here it is an error: a host or a password that
/// silently became empty is worse than a refusal to start.
pub(super) fn expand(text: &str, var: impl Fn(&str) -> Option<String>) -> Result<String, ExpandError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
            continue;
        }
        let (name, tail) = variable(after)?;
        if name.is_empty() {
            expanded.push('$');
        } else {
            expanded.push_str(&var(name).ok_or_else(|| ExpandError::Unset(name.to_owned()))?);
        }
        rest = tail;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Splits what follows a `$` into the variable's name (empty when there is none) and the rest.
fn variable(after: &str) -> Result<(&str, &str), ExpandError> {
    for (open, close) in [('{', '}'), ('(', ')')] {
        if let Some(inside) = after.strip_prefix(open) {
            return inside.split_once(close).ok_or(ExpandError::Unclosed);
        }
    }
    let starts_a_name = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = if starts_a_name { after.find(|c| !is_part(c)).unwrap_or(after.len()) } else { 0 };
    Ok(after.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, ExpandError> {
        expand(text, |name| match name {
            "HOST" => Some("fix.example.com".into()),
            "P" => Some("9876".into()),
            _ => None,
        })
    }

    #[test]
    fn all_three_spellings() {
        for (text, want) in [
            ("$HOST:$P", "fix.example.com:9876"),
            ("a${HOST}b$(P)c", "afix.example.comb9876c"),
            ("no variable", "no variable"),
            ("5$ and $5", "5$ and $5"),
            ("pa$$HOST", "pa$HOST"),
            ("", ""),
            ("$", "$"),
        ] {
            assert_eq!(expanded(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn unset_and_unclosed_are_errors() {
        assert_eq!(expanded("${NOPE}"), Err(ExpandError::Unset("NOPE".into())));
        assert_eq!(expanded("x$NOPE.y"), Err(ExpandError::Unset("NOPE".into())));
        assert_eq!(expanded("${HOST"), Err(ExpandError::Unclosed));
        assert_eq!(expanded("$(HOST}"), Err(ExpandError::Unclosed));
    }
}
