//! A log file that is set aside when it has grown.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// When a log file is set aside, and how many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rotation {
    /// `LogMaxSize`: a file is set aside after this many bytes.
    pub(super) max_len: u64,
    /// `LogMaxFiles`: older files beyond this many are removed; 0 keeps all.
    pub(super) backups: u32,
}

/// `NAME.current.log`, whose predecessors are `NAME.backup.1.log` (the newest), `.2.log`, ...
#[derive(Debug)]
pub(super) struct RotatingFile {
    current: PathBuf,
    backup_stem: PathBuf,
    rotation: Rotation,
    file: File,
    len: u64,
    /// Length at which the file is set aside.
    rotate_at: u64,
    mid_line: bool,
}

impl RotatingFile {
    /// Opens `directory/stem.current.log` to add to it; backups go to `backups`.
    pub(super) fn open(directory: &Path, backups: &Path, stem: &str, rotation: Rotation) -> io::Result<Self> {
        for directory in [directory, backups] {
            DirBuilder::new().recursive(true).mode(0o750).create(directory)?;
        }
        let current = directory.join(format!("{stem}.current.log"));
        let mut file = open(&current)?;
        let len = file.seek(SeekFrom::End(0))?;
        let mut last = [b'\n'];
        if len > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let backup_stem = backups.join(format!("{stem}.backup"));
        let mid_line = last != *b"\n";
        Ok(RotatingFile { current, backup_stem, rotation, file, len, rotate_at: rotation.max_len, mid_line })
    }

    /// The file that is written to.
    pub(super) fn path(&self) -> &Path {
        &self.current
    }

    /// Writes whole lines. On an error returns how many of them were lost with it.
    pub(super) fn write_lines(&mut self, lines: &[u8]) -> Result<(), (io::Error, u64)> {
        if self.len >= self.rotate_at
            && let Err(error) = self.rotate()
        {
            // The log grows on rather than stops, and tries again later.
            self.rotate_at = self.len.saturating_add(self.rotation.max_len);
            tracing::warn!("cannot rotate {}: {error}", self.current.display());
        }
        let mut rest = lines;
        let mut outcome = Ok(());
        if self.mid_line && !lines.is_empty() {
            outcome = self.write(b"\n").map(|_| ());
        }
        while outcome.is_ok() && !rest.is_empty() {
            outcome = self.write(rest).map(|n| rest = &rest[n..]);
        }
        outcome.map_err(|error| (error, rest.iter().filter(|byte| **byte == b'\n').count() as u64))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.len += n as u64;
                    self.mid_line = bytes.get(n - 1) != Some(&b'\n');
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        let most = if self.rotation.backups == 0 { u32::MAX } else { self.rotation.backups };
        // Up to the first number that is free; the file of the last number is overwritten, unless all are kept.
        let free = (1..most).find(|number| !exists(&self.backup(*number))).unwrap_or(most);
        for number in (1..free).rev() {
            std::fs::rename(self.backup(number), self.backup(number + 1))?;
        }
        self.remove_beyond(most)?;
        if let Err(error) = std::fs::rename(&self.current, self.backup(1)) {
            match error.kind() {
                // Set aside by the last attempt, which could not go on.
                io::ErrorKind::NotFound => {}
                io::ErrorKind::CrossesDevices => {
                    std::fs::copy(&self.current, self.backup(1))?;
                    std::fs::remove_file(&self.current)?;
                }
                _ => return Err(error),
            }
        }
        self.file = open(&self.current)?;
        self.len = 0;
        self.rotate_at = self.rotation.max_len;
        self.mid_line = false;
        Ok(())
    }

    /// What an earlier, larger `LogMaxFiles` kept.
    fn remove_beyond(&self, most: u32) -> io::Result<()> {
        let beyond = (1..).map_while(|more| most.checked_add(more)).map(|number| self.backup(number));
        beyond.take_while(|path| exists(path)).try_for_each(std::fs::remove_file)
    }

    fn backup(&self, number: u32) -> PathBuf {
        let mut name = self.backup_stem.clone().into_os_string();
        name.push(format!(".{number}.log"));
        name.into()
    }
}

/// Also a link to nowhere: its name is taken.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_backup_is_number_one_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let backups = dir.path().join("old");
        let rotation = Rotation { max_len: 4, backups: 2 };
        let mut log = RotatingFile::open(dir.path(), &backups, "a", rotation).unwrap();
        for line in ["one\n", "two\n", "three\n", "four\n"] {
            log.write_lines(line.as_bytes()).unwrap();
        }
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
        assert_eq!(read(dir.path().join("a.current.log")), "four\n");
        assert_eq!(read(backups.join("a.backup.1.log")), "three\n");
        assert_eq!(read(backups.join("a.backup.2.log")), "two\n");
        assert_eq!(std::fs::read_dir(&backups).unwrap().count(), 2);
    }

    /// Logs these lines, one a file, and gives the lines set aside, the newest first.
    fn set_aside(directory: &Path, backups: u32, lines: impl IntoIterator<Item = u32>) -> Vec<String> {
        let rotation = Rotation { max_len: 1, backups };
        let mut log = RotatingFile::open(directory, directory, "a", rotation).unwrap();
        for line in lines {
            log.write_lines(format!("{line}\n").as_bytes()).unwrap();
        }
        let kept = (1..).map(|number| std::fs::read_to_string(log.backup(number)));
        kept.map_while(Result::ok).map(|text| text.trim_end().to_owned()).collect()
    }

    #[test]
    fn zero_keeps_all() {
        let dir = tempfile::tempdir().unwrap();
        let want: Vec<String> = (0..30).rev().map(|line| line.to_string()).collect();
        assert_eq!(set_aside(dir.path(), 0, 0..=30), want);
    }

    #[test]
    fn what_a_larger_number_kept_goes_with_the_next_rotation() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(set_aside(dir.path(), 5, 0..=9), ["8", "7", "6", "5", "4"]);
        assert_eq!(set_aside(dir.path(), 2, 10..=11), ["10", "9"]);
        assert_eq!(set_aside(dir.path(), 1, 12..=12), ["11"]);
    }

    /// A file that somebody took away leaves a gap, and nothing beyond the gap is touched.
    #[test]
    fn a_gap_ends_the_shift() {
        let dir = tempfile::tempdir().unwrap();
        set_aside(dir.path(), 9, 0..=4);
        std::fs::remove_file(dir.path().join("a.backup.2.log")).unwrap();
        assert_eq!(set_aside(dir.path(), 9, 5..=5), ["4", "3", "1", "0"]);
    }

    #[test]
    fn a_line_that_a_killed_engine_left_unfinished_stays_a_line_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.current.log"), "half a li").unwrap();
        let mut log =
            RotatingFile::open(dir.path(), dir.path(), "a", Rotation { max_len: 64, backups: 1 }).unwrap();
        log.write_lines(b"next\n").unwrap();
        assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "half a li\nnext\n");
    }
}
