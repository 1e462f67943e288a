//! What the journal asks of a file system, and the real one. Tests put a simulated one in its place.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use tokio::runtime::{Handle, RuntimeFlavor};

/// One directory of files.
pub trait Disk {
    /// An open file.
    type File: DiskFile;
    /// Holds a lock until dropped.
    type Lock;

    /// The names of all files in the directory.
    ///
    /// # Errors
    /// What the system says; so for every method here.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Creates a file that must not exist. Its name is durable after [`sync`](Self::sync).
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Opens an existing file for reading and writing.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes creations and removals durable.
    fn sync(&self) -> io::Result<()>;

    /// Takes the lock `name`, which ends with the process however that ends.
    fn lock(&self, name: &str) -> Result<Self::Lock, LockError>;

    /// The same number for all directories of one file system.
    fn file_system(&self) -> io::Result<u64>;

    /// The path of a file, for messages to people.
    fn path(&self, name: &str) -> PathBuf;
}

/// An open file of a [`Disk`].
pub trait DiskFile {
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Reads at `offset`; short only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. After an error the file's tail is undefined.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    fn set_length(&mut self, length: u64) -> io::Result<()>;

    /// Takes the lock on the file itself, which ends when it is closed or the process dies. False if another
    /// open file holds it.
    fn lock(&self) -> io::Result<bool>;

    /// Gives the lock up.
    fn unlock(&self);

    /// Makes the contents durable. Must never be tried again after an error: the kernel may have dropped the
    /// dirty pages, and the second try would succeed without them.
    fn sync(&mut self) -> io::Result<()>;
}

/// Why a lock was not taken.
#[derive(Debug)]
pub enum LockError {
    /// Someone holds it; the process number if the holder left it.
    Held(Option<u32>),
    /// The system failed.
    Io(io::Error),
}

/// A directory of the real file system. Files are created for their owner only, since messages hold
/// passwords and positions.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Opens `path` and creates it if it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o750).create(path)?;
        Ok(Directory { path: path.to_owned() })
    }

    /// Opens `path`, which must be a directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn existing(path: &Path) -> io::Result<Self> {
        std::fs::read_dir(path)?;
        Ok(Directory { path: path.to_owned() })
    }
}

/// A lock of the real file system.
#[derive(Debug)]
pub struct FileLock(File);

impl Drop for FileLock {
    /// Closing the file is not enough: a process that is just being started may still have a copy of it.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Disk for Directory {
    type File = File;
    type Lock = FileLock;

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            // A name that is no UTF-8 is none of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(self.path(name))
    }

    fn open(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(self.path(name))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// The lock is the kernel's (`flock`), so a killed engine leaves none behind. The file stays: removing it would let
    /// two engines lock two files. It is empty, which takes no block of the disk; engines of before wrote their process
    /// number into it.
    fn lock(&self, name: &str) -> Result<FileLock, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path(name))
            .map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = Read::by_ref(&mut file).take(20).read_to_string(&mut text);
                return Err(LockError::Held(text.trim().parse().ok().or_else(|| holder(&file))));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        // What another wrote there is not true of this process.
        let _ = file.set_len(0);
        Ok(FileLock(file))
    }

    fn file_system(&self) -> io::Result<u64> {
        Ok(std::fs::metadata(&self.path)?.dev())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The process that holds the lock on a file, as the kernel lists it. File systems that it names by another number than
/// their files do (btrfs, overlays) are not found.
fn holder(file: &File) -> Option<u32> {
    let metadata = file.metadata().ok()?;
    let (major, minor) = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
    let id = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
    // 1: FLOCK  ADVISORY  WRITE 708 fd:00:130849 0 EOF
    std::fs::read_to_string("/proc/locks").ok()?.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_it = fields.get(1) == Some(&"FLOCK") && fields.get(5) == Some(&id.as_str());
        fields.get(4).filter(|_| is_it)?.parse().ok().filter(|pid| *pid > 0)
    })
}

impl DiskFile for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match FileExt::read_at(self, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn lock(&self) -> io::Result<bool> {
        match self.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(&self) {
        let _ = File::unlock(self);
    }

    fn sync(&mut self) -> io::Result<()> {
        // With several threads the other tasks of this one go on meanwhile, on another.
        let has_others =
            Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        match has_others {
            true => tokio::task::block_in_place(|| self.sync_data()),
            false => self.sync_data(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_exclusive_names_its_holder_and_ends_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(dir.path()).unwrap();
        let held = disk.lock("a.lock").unwrap();
        let Err(LockError::Held(pid)) = disk.lock("a.lock") else { panic!("locked twice") };
        assert!(pid.is_none_or(|pid| pid == std::process::id()), "{pid:?}");
        assert_eq!(std::fs::metadata(dir.path().join("a.lock")).unwrap().len(), 0, "takes no block");
        drop(held);
        assert!(disk.lock("a.lock").is_ok());
    }

    #[test]
    fn a_lock_file_left_by_a_dead_engine_locks_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.lock"), "1\n").unwrap();
        assert!(Directory::open(dir.path()).unwrap().lock("a.lock").is_ok());
    }

    #[test]
    fn files_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = Directory::open(dir.path()).unwrap().create("a").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
