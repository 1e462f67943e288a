//! What a configuration file may ask of the machine: variables and other files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The outside world of a configuration file, a trait so that tests bring their own.
pub trait Environment {
    /// The value of an environment variable, `None` when it is not set.
    fn var(&self, name: &str) -> Option<String>;

    /// The bytes of a small file, such as `PasswordFile`.
    ///
    /// # Errors
    /// When the file cannot be read, or is larger than `limit` bytes.
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>>;

    /// Checks that `path` is a file that can be opened.
    ///
    /// # Errors
    /// When it is not.
    fn check_file(&self, path: &Path) -> io::Result<()>;
}

/// The process's real environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Environment for System {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit {
            return Err(io::Error::other(format!("it holds more than {limit} bytes")));
        }
        Ok(bytes)
    }

    fn check_file(&self, path: &Path) -> io::Result<()> {
        open(path).map(drop)
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    Ok(file)
}
