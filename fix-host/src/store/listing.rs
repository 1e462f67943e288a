//! Which segments a directory holds, of all its sessions.

use std::{collections::HashMap, io};

use super::{disk::Disk, name::SessionName, segment};

/// The segments of each session, as they were when the directory was listed.
#[derive(Debug, Default)]
pub(crate) struct Listing(HashMap<String, Vec<u32>>);

impl Listing {
    /// Lists the directory.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn read(disk: &impl Disk) -> io::Result<Self> {
        let mut segments: HashMap<String, Vec<u32>> = HashMap::new();
        for file_name in disk.list()? {
            if let Some((stem, number)) = segment::parts_of(&file_name) {
                segments.entry(stem.to_owned()).or_default().push(number);
            }
        }
        segments.values_mut().for_each(|numbers| numbers.sort_unstable());
        Ok(Listing(segments))
    }

    /// The numbers of the segments of the session `name`, in order.
    pub(crate) fn segments(&self, name: &SessionName) -> &[u32] {
        self.0.get(name.file_stem()).map(Vec::as_slice).unwrap_or_default()
    }
}
