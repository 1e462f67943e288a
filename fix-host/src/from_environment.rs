//! Secrets that must not stand on a command line, where everybody on the machine can read them.

use std::{env, fs};

/// The text in the environment variable `variable`, or else in the file that `file_variable` names (a container's or a
/// service's secret), and what it came from, for error texts; `None` if neither is set.
///
/// # Errors
/// One line, without the secret.
pub(crate) fn secret(variable: &str, file_variable: &str) -> Result<Option<(String, String)>, String> {
    if let Some(text) = env::var_os(variable) {
        let text = text.into_string().map_err(|_| format!("{variable}: is not UTF-8 text"))?;
        return Ok(Some((text, variable.to_owned())));
    }
    let Some(path) = env::var_os(file_variable) else { return Ok(None) };
    let place = format!("{file_variable}={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{place}: {error}"))?;
    Ok(Some((text.trim_end().to_owned(), place)))
}
