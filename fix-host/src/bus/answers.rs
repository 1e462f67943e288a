//! Answers of Redis out of the bytes that come in (RESP2).

use redis::{ErrorKind, RedisError, RedisResult, Value, parse_redis_value};

/// Room for more than this is given back once what took it is read.
const KEPT_ROOM: usize = 1 << 20;

/// Bytes that came in, and how far they are read.
pub(super) struct Answers {
    bytes: Vec<u8>,
    /// Here begins the answer that is given out next.
    begin: usize,
    /// Up to here it was looked through. What comes in pieces is looked through once.
    seen: usize,
    /// Values that are still to come behind that until the answer is complete.
    missing: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Answers { bytes: Vec::new(), begin: 0, seen: 0, missing: 1 }
    }
}

impl Answers {
    /// Where what comes in is added.
    pub(super) fn room(&mut self, more: usize) -> &mut Vec<u8> {
        self.bytes.drain(..self.begin);
        self.seen -= self.begin;
        self.begin = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_ROOM {
            self.bytes = Vec::new();
        }
        self.bytes.reserve(more);
        &mut self.bytes
    }

    /// The next answer, which may be that a command failed ([`Value::ServerError`]); `None` until all of it is there.
    ///
    /// # Errors
    /// What came is not of RESP2. Nothing behind it can be read.
    pub(super) fn next(&mut self) -> RedisResult<Option<Value>> {
        while self.missing > 0 {
            let Some((end, inside)) = extent(&self.bytes, self.seen)? else { return Ok(None) };
            if end > self.bytes.len() {
                return Ok(None);
            }
            self.seen = end;
            self.missing = (self.missing - 1).checked_add(inside).ok_or_else(no_answer)?;
        }
        // How deep lists stand in lists is bounded there.
        let value = parse_redis_value(self.bytes.get(self.begin..self.seen).unwrap_or_default())?;
        (self.begin, self.missing) = (self.seen, 1);
        Ok(Some(value))
    }
}

/// Where the value at `at` ends, without the values that stand in it, and how many these are; `None` until its first line
/// is there.
fn extent(bytes: &[u8], at: usize) -> RedisResult<Option<(usize, usize)>> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(length) = memchr::memchr(b'\n', rest) else { return Ok(None) };
    let line = rest.get(..length).and_then(|line| line.strip_suffix(b"\r")).ok_or_else(no_answer)?;
    let end = at + length + 1;
    Ok(Some(match line.split_first() {
        Some((b'+' | b'-' | b':', _)) => (end, 0),
        Some((b'$', length)) => (text_end(end, count(length)?)?, 0),
        Some((b'*', length)) => (end, count(length)?.unwrap_or(0)),
        _ => return Err(no_answer()),
    }))
}

/// A length; -1 stands for nil.
fn count(digits: &[u8]) -> RedisResult<Option<usize>> {
    if digits == b"-1" {
        return Ok(None);
    }
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(no_answer)
}

/// Where a text ends that begins at `begin`, its CR LF included.
fn text_end(begin: usize, length: Option<usize>) -> RedisResult<usize> {
    let Some(length) = length else { return Ok(begin) };
    begin.checked_add(length).and_then(|end| end.checked_add(2)).ok_or_else(no_answer)
}

fn no_answer() -> RedisError {
    (ErrorKind::Parse, "what came is no answer of a Redis").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[u8] =
        b"+OK\r\n+PONG\r\n:-3\r\n$-1\r\n$0\r\n\r\n$4\r\na\r\nb\r\n*-1\r\n*0\r\n*3\r\n$1\r\nx\r\n*1\r\n:1\r\n\
                         -WRONGTYPE of a key\r\n";

    fn read(pieces: &[&[u8]]) -> RedisResult<Vec<Value>> {
        let (mut answers, mut read) = (Answers::default(), Vec::new());
        for piece in pieces {
            answers.room(piece.len()).extend_from_slice(piece);
            while let Some(value) = answers.next()? {
                read.push(value);
            }
        }
        Ok(read)
    }

    #[test]
    fn answers_are_those_that_the_crate_reads_in_whatever_pieces_they_come() {
        let mut crates = Vec::new();
        let whole = read(&[ALL]).unwrap();
        let texts: [&[u8]; 9] = [
            b"+OK\r\n",
            b"+PONG\r\n",
            b":-3\r\n",
            b"$-1\r\n",
            b"$0\r\n\r\n",
            b"$4\r\na\r\nb\r\n",
            b"*-1\r\n",
            b"*0\r\n",
            b"*3\r\n$1\r\nx\r\n*1\r\n:1\r\n-WRONGTYPE of a key\r\n",
        ];
        assert_eq!(texts.concat(), ALL);
        crates.extend(texts.iter().map(|text| parse_redis_value(text).unwrap()));
        assert_eq!(whole, crates);
        for cut in 0..ALL.len() {
            let (head, tail) = ALL.split_at(cut);
            assert_eq!(read(&[head, tail]).unwrap(), crates, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = ALL.chunks(1).collect();
        assert_eq!(read(&bytes).unwrap(), crates);
    }

    #[test]
    fn what_is_no_answer_is_an_error_and_never_a_panic() {
        let deep = b"*1\r\n".repeat(100_000);
        let texts: [&[u8]; 12] = [
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\r\n",
            b"\n",
            b"$x\r\n",
            b"$-2\r\n",
            b"$1\r\nabc",
            b"*18446744073709551615\r\n*18446744073709551615\r\n",
            b"$18446744073709551615\r\n",
            b":\r\n",
            b"*1\r\n%1\r\n",
            b"$99999999999999999999\r\n",
            &[&deep[..], b":1\r\n"].concat(),
        ];
        for text in texts {
            let shown = String::from_utf8_lossy(&text[..text.len().min(60)]).into_owned();
            assert!(read(&[text]).is_err(), "{shown}");
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let mut state = 1u64;
        for _ in 0..20_000 {
            let mut bytes = ALL.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = b"*$:-+\r\n019x"[(state >> 20) as usize % 11];
            }
            let _ = read(&[&bytes]);
        }
    }
}
