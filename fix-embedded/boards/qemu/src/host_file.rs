//! What a board has in its flash or its generator, and these have from the host.

use cortex_m_semihosting::nr::open;

use crate::semihosting::{HostError, HostFile};

/// Where the host has random numbers that nobody can guess: these boards have no TRNG.
const RANDOM: &str = "/dev/urandom";

/// Random bytes.
pub(crate) fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    had(RANDOM, HostFile::open(RANDOM, open::R_BINARY).and_then(|mut file| file.read(&mut bytes)));
    bytes
}

/// The bytes of a file, which has at most as many as there is room for.
pub(crate) fn read<'b>(path: &str, room: &'b mut [u8]) -> &'b [u8] {
    had(path, all(path, room))
}

fn all<'b>(path: &str, room: &'b mut [u8]) -> Result<&'b [u8], HostError> {
    let mut file = HostFile::open(path, open::R_BINARY)?;
    let bytes = room.get_mut(..file.len()?).ok_or(HostError)?;
    file.read_at(0, bytes)?;
    Ok(bytes)
}

fn had<T>(path: &str, what: Result<T, HostError>) -> T {
    match what {
        Ok(what) => what,
        Err(error) => defmt::panic!("{=str}: {}", path, error),
    }
}
