//! Where entries go.

/// What a recorder writes to. Clones are the same tape: an engine, its application and its store share one.
pub trait Tape: Clone {
    /// False: nothing is recorded.
    fn is_on(&self) -> bool;

    /// True if there is no [`Start`](super::Start) on the tape, or one is wanted so that what was before it can go. Asked
    /// whenever something is about to be recorded; granted once the session is at rest.
    fn wants_start(&self) -> bool;

    /// The bytes that follow are a [`Start`](super::Start).
    fn start(&self);

    /// More bytes of the recording. A tape that is full forgets them until the next [`start`](Self::start).
    fn put(&self, bytes: &[u8]);
}

/// The tape of an engine that is not recorded.
impl Tape for () {
    fn is_on(&self) -> bool {
        false
    }

    fn wants_start(&self) -> bool {
        false
    }

    fn start(&self) {}

    fn put(&self, _bytes: &[u8]) {}
}

/// A tape that may be there.
impl<T: Tape> Tape for Option<T> {
    fn is_on(&self) -> bool {
        self.as_ref().is_some_and(T::is_on)
    }

    fn wants_start(&self) -> bool {
        self.as_ref().is_some_and(T::wants_start)
    }

    fn start(&self) {
        if let Some(tape) = self {
            tape.start();
        }
    }

    fn put(&self, bytes: &[u8]) {
        if let Some(tape) = self {
            tape.put(bytes);
        }
    }
}
