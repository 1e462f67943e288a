//! Room set aside beside a journal, so that a full disk still takes what was promised already and a Logout.

use std::io::{self, ErrorKind};

use super::{
    disk::{Disk, DiskFile},
    name::SessionName,
};

/// How much: many messages, and little enough for a thousand sessions on one disk, in bytes.
const LENGTH: usize = 64 * 1024;

/// Sets the room aside, unless an earlier opening did.
///
/// # Errors
/// What the system says; that the disk is full, in particular.
pub(super) fn set_aside(disk: &impl Disk, name: &SessionName) -> io::Result<()> {
    let file_name = file_name(name);
    let mut file = match disk.open(&file_name) {
        Err(error) if error.kind() == ErrorKind::NotFound => disk.create(&file_name)?,
        opened => opened?,
    };
    if file.length()? == LENGTH as u64 {
        return Ok(());
    }
    // Written, not only sized: a file of holes takes no room.
    let written = file.write_all_at(&[0x55; LENGTH], 0);
    if written.is_err() {
        // Half of it must not pass for all of it.
        let _ = disk.remove(&file_name);
    }
    written
}

/// Gives the room back to the disk. False if there is none to give.
pub(super) fn release(disk: &impl Disk, name: &SessionName) -> bool {
    disk.remove(&file_name(name)).is_ok()
}

pub(super) fn file_name(name: &SessionName) -> String {
    format!("{name}.reserve")
}
