//! The byte buffers of a session.

use std::{
    collections::HashMap,
    io,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use memmap2::{Advice, MmapMut, MmapOptions};

/// Bytes that take memory only while they are in use: it goes round between the sessions, and one that rests gives it on.
/// It is the system's own, which spends none on a page before that is written to; a heap would clear large blocks first.
pub struct Buffer {
    memory: Option<Memory>,
    /// What is seen of a buffer without memory.
    zeros: &'static [u8],
}

enum Memory {
    Map(MmapMut),
    /// Where the system has no map to spare.
    Heap(Box<[u8]>),
}

/// So many spare maps of each length are kept; what comes on top goes back to the system.
const MOST_SPARE: usize = 16;

/// What all buffers of one length share.
struct Length {
    /// Never written to: the one page of zeros that the system has for such maps.
    zeros: &'static [u8],
    /// Given back by one session and not yet taken by the next.
    spare: Vec<MmapMut>,
}

static LENGTHS: LazyLock<Mutex<HashMap<usize, Length>>> = LazyLock::new(Mutex::default);

impl Buffer {
    /// A buffer of `len` bytes.
    ///
    /// # Errors
    /// The system has no more address space or maps.
    pub fn new(len: usize) -> io::Result<Self> {
        let mut lengths = lengths();
        if let Some(known) = lengths.get(&len) {
            return Ok(Buffer { memory: None, zeros: known.zeros });
        }
        let zeros: &'static MmapMut = Box::leak(Box::new(map(len)?));
        lengths.insert(len, Length { zeros, spare: Vec::new() });
        Ok(Buffer { memory: None, zeros })
    }

    /// Gives the memory back to the system: the buffer is as it was made. Its bytes are lost.
    pub fn renew(&mut self) {
        self.memory = None;
    }

    /// Gives the memory to whichever session needs some next. Its bytes are lost.
    pub fn release(&mut self) {
        if let Some(Memory::Map(map)) = self.memory.take()
            && let Some(length) = lengths().get_mut(&map.len())
            && length.spare.len() < MOST_SPARE
        {
            length.spare.push(map);
        }
    }
}

fn lengths() -> MutexGuard<'static, HashMap<usize, Length>> {
    LENGTHS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cold]
fn take(len: usize) -> Memory {
    let spare = lengths().get_mut(&len).and_then(|length| length.spare.pop());
    match spare.map_or_else(|| map(len), Ok) {
        Ok(map) => Memory::Map(map),
        Err(_) => Memory::Heap(vec![0; len].into()),
    }
}

fn map(len: usize) -> io::Result<MmapMut> {
    let map = MmapOptions::new().len(len).no_reserve_swap().map_anon()?;
    // Otherwise the first byte may take two mebibytes. A kernel without large pages does not know the word.
    let _ = map.advise(Advice::NoHugePage);
    Ok(map)
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        match &self.memory {
            Some(Memory::Map(map)) => map,
            Some(Memory::Heap(bytes)) => bytes,
            None => self.zeros,
        }
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        match self.memory.get_or_insert_with(|| take(self.zeros.len())) {
            Memory::Map(map) => map,
            Memory::Heap(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_goes_from_one_session_to_the_next() {
        // No other test has buffers of this length.
        const LEN: usize = 12_347;
        let spare = || lengths().get(&LEN).map(|length| length.spare.len());
        let (mut one, mut other) = (Buffer::new(LEN).unwrap(), Buffer::new(LEN).unwrap());
        assert_eq!(one.as_ref(), [0; LEN]);
        one.as_mut()[LEN - 1] = 7;
        assert_eq!((one.as_ref()[LEN - 1], other.as_ref()[LEN - 1]), (7, 0));
        one.release();
        assert_eq!((one.as_ref().len(), spare()), (LEN, Some(1)));
        other.as_mut()[0] = 1;
        assert_eq!((other.as_ref().len(), spare()), (LEN, Some(0)));
        other.renew();
        assert_eq!((other.as_ref()[0], spare()), (0, Some(0)));
    }

    #[test]
    fn only_so_much_is_kept_for_others() {
        const LEN: usize = 12_349;
        let mut buffers: Vec<_> = (0..2 * MOST_SPARE).map(|_| Buffer::new(LEN).unwrap()).collect();
        buffers.iter_mut().for_each(|buffer| buffer.as_mut()[0] = 1);
        buffers.iter_mut().for_each(Buffer::release);
        assert_eq!(lengths().get(&LEN).map(|length| length.spare.len()), Some(MOST_SPARE));
    }
}
