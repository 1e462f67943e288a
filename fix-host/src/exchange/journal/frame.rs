//! Frames of the journal: what is written together counts together, or not at all.
//!
//! ```text
//!  0  magic    "xj1\n"
//!  4  length   u32, of the payload
//!  8  crc      u32, of the length and the payload
//! 12  payload  records
//! ```

/// What every frame begins with, by which one that stands behind a damaged one is found.
const MAGIC: [u8; 4] = *b"xj1\n";
const HEADER_LEN: usize = 12;

/// Begins a frame: its records are appended then.
pub(super) fn begin(out: &mut Vec<u8>) {
    out.extend(MAGIC);
    out.extend([0; HEADER_LEN - MAGIC.len()]);
}

/// Ends the frame that begins at this place and has all bytes from there on.
pub(super) fn end(out: &mut [u8], at: usize) {
    let Some((header, payload)) = out.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut::<HEADER_LEN>)
    else {
        return;
    };
    let length = (payload.len() as u32).to_le_bytes();
    header[4..8].copy_from_slice(&length);
    header[8..].copy_from_slice(&crc(length, payload).to_le_bytes());
}

fn crc(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// A place in the file that holds no frame, though frames stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage(pub(super) usize);

/// Gives each payload, oldest first. Returns how many bytes hold whole frames: what stands behind them was cut by a crash.
///
/// # Errors
/// [`Damage`]
pub(super) fn each<E: From<Damage>>(
    file: &[u8],
    mut give: impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<usize, E> {
    let mut at = 0;
    while at < file.len() {
        let Some(payload) = frame(&file[at..]) else {
            let behind = file[at + 1..].windows(MAGIC.len()).enumerate();
            let mut starts = behind.filter(|(_, bytes)| *bytes == MAGIC).map(|(skipped, _)| at + 1 + skipped);
            return match starts.any(|start| frame(&file[start..]).is_some()) {
                true => Err(Damage(at).into()),
                false => Ok(at),
            };
        };
        give(at, payload)?;
        at += HEADER_LEN + payload.len();
    }
    Ok(at)
}

fn frame(bytes: &[u8]) -> Option<&[u8]> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let [m0, m1, m2, m3, l0, l1, l2, l3, c0, c1, c2, c3] = *header;
    let length = [l0, l1, l2, l3];
    let payload = rest.get(..u32::from_le_bytes(length) as usize)?;
    let is_whole = [m0, m1, m2, m3] == MAGIC && crc(length, payload) == u32::from_le_bytes([c0, c1, c2, c3]);
    is_whole.then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8]) -> Result<(Vec<Vec<u8>>, usize), Damage> {
        let mut payloads = Vec::new();
        let len = each(file, |_, payload| -> Result<(), Damage> {
            payloads.push(payload.to_vec());
            Ok(())
        })?;
        Ok((payloads, len))
    }

    #[test]
    fn whatever_is_cut_or_damaged_nothing_false_is_read() {
        let payloads: Vec<Vec<u8>> = vec![b"one".to_vec(), Vec::new(), b"xj1\n".to_vec(), vec![7; 300]];
        let (mut file, mut ends) = (Vec::new(), vec![0]);
        for payload in &payloads {
            begin(&mut file);
            let at = file.len() - HEADER_LEN;
            file.extend(payload);
            end(&mut file, at);
            ends.push(file.len());
        }
        assert_eq!(read(&file), Ok((payloads.clone(), file.len())));
        for cut in 0..file.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(read(&file[..cut]), Ok((payloads[..whole].to_vec(), ends[whole])), "cut at {cut}");
        }
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut rotten = file.clone();
                rotten[at] ^= 1 << bit;
                let before = ends.iter().filter(|end| **end <= at).count() - 1;
                let expected = match before + 1 == payloads.len() {
                    true => Ok((payloads[..before].to_vec(), ends[before])),
                    false => Err(Damage(ends[before])),
                };
                assert_eq!(read(&rotten), expected, "bit {bit} of byte {at}");
            }
        }
        let zeros = [&file[..], &[0; 500]].concat();
        assert_eq!(read(&zeros), Ok((payloads, file.len())), "a power cut leaves such an end");
    }
}
