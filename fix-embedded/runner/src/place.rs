//! Where things are: what `cargo xtask firmware` built, and a folder for what a run writes.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// The image of that name.
///
/// # Errors
/// One line: what is missing, and what to do.
pub fn image(name: &str) -> Result<PathBuf, String> {
    built("FIRMWARE", |folder| folder.join(name))
}

/// The program `fix-host`.
///
/// # Errors
/// One line: what is missing, and what to do.
pub fn fix_host() -> Result<PathBuf, String> {
    built("FIX_HOST", Path::to_path_buf)
}

/// The image that does flight recordings again.
///
/// # Errors
/// One line: what is missing, and what to do.
pub fn replay_image() -> Result<PathBuf, String> {
    built("REPLAY", Path::to_path_buf)
}

fn built(variable: &str, path: impl FnOnce(&Path) -> PathBuf) -> Result<PathBuf, String> {
    let given =
        env::var_os(variable).ok_or_else(|| format!("{variable} is not set: use `cargo xtask firmware`"))?;
    let path = path(Path::new(&given));
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{}: not there: `cargo xtask firmware build`", path.display()))
    }
}

/// A new folder, removed with what is in it when this is dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it, among the temporary files.
    ///
    /// # Errors
    /// The folder, and why it cannot be made.
    pub fn new() -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("firmware-{}-{number}", process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Scratch(folder))
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind lies among the temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
