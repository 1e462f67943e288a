//! What the operating system says of this process and of the disks that it writes to.

use std::{fs, path::Path};

/// Bytes that an unprivileged process may still write to the file system of `path`.
pub(super) fn free_disk(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Bytes of the files in a directory, without those of directories in it.
pub(super) fn size_of_files(directory: &Path) -> Option<u64> {
    let entries = fs::read_dir(directory).ok()?.filter_map(|entry| entry.ok()?.metadata().ok());
    Some(entries.filter(fs::Metadata::is_file).map(|file| file.len()).sum())
}

/// Bytes of memory in use; `None` where there is no `/proc`.
pub(super) fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kibibytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|count| count * 1024)
}

/// File descriptors in use; `None` where there is no `/proc`.
pub(super) fn open_descriptors() -> Option<u64> {
    // The one that reads the directory is among them, and closed when this returns.
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

/// How many there may be.
pub(super) fn most_descriptors() -> Option<u64> {
    rlimit::Resource::NOFILE.get_soft().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "12345").unwrap();
        assert_eq!(size_of_files(folder.path()), Some(5));
        assert!(free_disk(folder.path()).unwrap() > 0);
        assert!(resident_memory().unwrap() > 1 << 20);
        assert!(open_descriptors().unwrap() < most_descriptors().unwrap());
        assert_eq!(free_disk(&folder.path().join("none")), None);
    }
}
