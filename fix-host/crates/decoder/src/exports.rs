//! What the WebAssembly module gives to the page: numbers, and two buffers in its memory.
//!
//! The page asks for room in the input, writes there, calls, and reads the answer. An outcome below 0 says that the
//! answer is the name of the version whose dictionary is missing ([`NEEDS`]), or why one cannot be read ([`WRONG`]).

use std::cell::RefCell;

use crate::{
    inspector::{Inspector, Needs, Place},
    reading::Version,
};

const NEEDS: i32 = -1;
const WRONG: i32 = -2;

#[derive(Default)]
struct State {
    inspector: Inspector,
    input: Vec<u8>,
    answer: Vec<u8>,
    places: Vec<Place>,
}

thread_local! {
    /// A module has one thread.
    static STATE: RefCell<State> = RefCell::default();
}

/// Where `len` bytes of input are to be written.
// SAFETY: no other symbol of the module has this name; the same holds for each one below.
#[unsafe(no_mangle)]
extern "C" fn room(len: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input.clear();
        state.input.resize(len, 0);
        state.input.as_mut_ptr()
    })
}

/// Where the answer of the last call is.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn answer() -> *const u8 {
    STATE.with_borrow(|state| state.answer.as_ptr())
}

/// Bytes of the answer.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn answer_len() -> usize {
    STATE.with_borrow(|state| state.answer.len())
}

/// Takes a dictionary, by the number of its version: the input is that of FIXT 1.1, `transport` bytes, and its own.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn load(version: usize, transport: usize) -> i32 {
    STATE.with_borrow_mut(|state| {
        let Some(version) = Version::ALL.get(version) else { return WRONG };
        let Some((transport, own)) = state.input.split_at_checked(transport) else { return WRONG };
        match state.inspector.load(*version, own, transport) {
            Ok(()) => 0,
            Err(error) => {
                state.answer = error.to_string().into_bytes();
                WRONG
            }
        }
    })
}

/// A new text begins.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn begin() {
    STATE.with_borrow_mut(|state| state.inspector.begin());
}

/// Takes the input as the next piece of the text; the answer is the places of messages. Returns how many.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn read(is_last: i32) -> i32 {
    STATE.with_borrow_mut(|State { inspector, input, answer, places }| {
        answer.clear();
        places.clear();
        match inspector.read(input, is_last != 0, places) {
            Ok(()) => {
                places.iter().for_each(|place| place.write(answer));
                i32::try_from(places.len()).unwrap_or(WRONG)
            }
            Err(needs) => missing(answer, needs),
        }
    })
}

/// Decodes the input, one message; `version` is its number, or -1 if the message says it itself. The answer is JSON.
// SAFETY: as `room`.
#[unsafe(no_mangle)]
extern "C" fn decode(version: i32, line: u32) -> i32 {
    STATE.with_borrow_mut(|State { inspector, input, answer, .. }| {
        answer.clear();
        let version = usize::try_from(version).ok().and_then(|number| Version::ALL.get(number)).copied();
        match inspector.decode(input, version, u64::from(line), answer) {
            Ok(()) => 0,
            Err(needs) => missing(answer, needs),
        }
    })
}

fn missing(answer: &mut Vec<u8>, Needs(version): Needs) -> i32 {
    answer.extend_from_slice(version.name().as_bytes());
    NEEDS
}
