//! `.env` in the working directory: variables for the configuration (`${FIX_PASSWORD}`) and the program.

use std::{fs, io, path::Path};

/// Far beyond any real file.
const LARGEST: u64 = 1 << 20;

/// Sets the variables of `.env`, if there is one; those that are set already stay as they are.
///
/// What is wrong with the file is a line on standard error and no reason to stop: it may be another program's.
/// The line itself is not shown, since it may hold a password.
pub(super) fn load() {
    let path = Path::new(".env");
    let text = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST => fs::read_to_string(path),
        Ok(metadata) if metadata.is_file() => Err(io::Error::other("it is too large to be one")),
        // A directory of that name is a virtual environment of Python.
        Ok(_) => return,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => Err(error),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => return eprintln!("fix-host: .env is not read: {error}"),
    };
    match dotenvy::from_read(text.as_bytes()) {
        Ok(()) => {}
        Err(dotenvy::Error::LineParse(bad, _)) => {
            let number = text.lines().position(|line| line.contains(bad.trim())).map_or(0, |index| index + 1);
            eprintln!(
                "fix-host: .env:{number}: this line is not NAME=value (a value with blanks or # needs quotes); \
                 neither it nor what follows is read"
            );
        }
        Err(error) => eprintln!("fix-host: .env is not read: {error}"),
    }
}
