//! The store in a flash that loses its power at every position: no number is used twice, no order is forgotten.

#[path = "common/nor.rs"]
mod nor;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use embassy_futures::block_on;
use fix_core::{
    MessageStore, MsgType, StoreError, UtcTimestamp, store::conformance::conformance, tag,
    wire::writer::MessageWriter,
};
use fix_embedded::{
    board::Watchdog,
    flash::{Flash, FlashError, Journal},
    memory::{Handle, State},
    store::Kept,
};
use nor::{Chip, Nor, SECTOR};

const MESSAGES: usize = 4;
const RESERVE: u64 = 8;

type Memory = State<MESSAGES, 128, 6, 40>;

fn memory() -> RefCell<Memory> {
    let mut state = Memory::new();
    state.kept.set_reserve(RESERVE as u32);
    RefCell::new(state)
}

fn open(chip: &Chip, state: &RefCell<Memory>) -> Result<Journal<Nor>, FlashError> {
    let flash = Flash { medium: chip.nor(), range: 0..chip.with_bytes(|bytes| bytes.len() as u32) };
    block_on(Journal::open(flash, state, &mut [0; 512], &mut ()))
}

fn keep(journal: &mut Journal<Nor>, state: &RefCell<Memory>) -> Result<(), FlashError> {
    block_on(journal.keep(state, &mut [0; 512], &mut ()))
}

fn message(msg_type: MsgType, number: u64, id: &str) -> Vec<u8> {
    let mut buffer = [0; 256];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().field(tag::MSG_SEQ_NUM, number);
    if msg_type == MsgType::NEW_ORDER_SINGLE {
        writer.writer().field(tag::CL_ORD_ID, id).field(tag::SYMBOL, "10Y").field(tag::SIDE, "1");
        writer.writer().field(tag::ORDER_QTY, number);
    }
    let len = writer.finish().unwrap();
    buffer[..len].to_vec()
}

/// What the counterparty has seen, and what the host was told.
#[derive(Clone)]
struct Seen {
    /// By number, since the numbers began at 1 last.
    messages: BTreeMap<u64, Vec<u8>>,
    next_out: u64,
    next_in: u64,
    orders: Vec<String>,
    open: Vec<String>,
    halted: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Seen {
            messages: BTreeMap::new(),
            next_out: 1,
            next_in: 1,
            orders: Vec::new(),
            open: Vec::new(),
            halted: false,
        }
    }
}

/// One thing that a session does, by number; what would be seen once it is kept.
fn act(step: u64, state: &RefCell<Memory>, seen: &Seen) -> Seen {
    let mut after = seen.clone();
    let mut store = Handle(state);
    let mut send = |store: &mut Handle<'_, Memory>, msg_type, id: &str| {
        let number = store.next_out();
        let bytes = message(msg_type, number, id);
        store.append(number, &bytes).unwrap();
        after.messages.insert(number, bytes);
        after.next_out = number + 1;
    };
    match step % 23 {
        3 | 9 | 15 => send(&mut store, MsgType::HEARTBEAT, ""),
        20 if step.is_multiple_of(5) => {
            store.reset(UtcTimestamp::from_unix(1_795_000_000 + step as i64, 0)).unwrap();
            (after.messages, after.next_out, after.next_in) = (BTreeMap::new(), 1, 1);
        }
        6 => {
            let halted = !seen.halted;
            state.borrow_mut().set_halted(halted);
            after.halted = halted;
        }
        8 | 17 | 22 if !seen.open.is_empty() => {
            let id = after.open.remove(0);
            state.borrow_mut().book.close(id.as_bytes());
            store.set_next_in(seen.next_in + 1).unwrap();
            after.next_in += 1;
        }
        _ if seen.open.len() < 6 => {
            let id = format!("ORDER-{step}");
            send(&mut store, MsgType::NEW_ORDER_SINGLE, &id);
            let book = &mut state.borrow_mut().book;
            let (id, qty) = (id.as_str(), (after.next_out - 1).to_string());
            book.sent(MsgType::NEW_ORDER_SINGLE, seen.next_out, |field| match field {
                tag::CL_ORD_ID => Some(id.as_bytes()),
                tag::SYMBOL => Some(b"10Y"),
                tag::SIDE => Some(b"1"),
                tag::ORDER_QTY => Some(qty.as_bytes()),
                _ => None,
            })
            .unwrap();
            after.orders.push(id.to_owned());
            after.open.push(id.to_owned());
        }
        _ => {
            store.set_next_in(seen.next_in + 1).unwrap();
            after.next_in += 1;
        }
    }
    after
}

/// Plays so many steps or until the power goes; what was seen for sure, and what may have been kept beside it.
fn play(chip: &Chip, steps: std::ops::Range<u64>, mut seen: Seen) -> (Seen, Seen) {
    let state = memory();
    let Ok(mut journal) = open(chip, &state) else { return (seen.clone(), seen) };
    seen.next_out = seen.next_out.max(state.borrow().kept.next_out());
    for step in steps {
        let after = act(step, &state, &seen);
        if keep(&mut journal, &state).is_err() {
            return (seen, after);
        }
        seen = after;
        if step.is_multiple_of(3) && block_on(journal.erase_one()).is_err() {
            break;
        }
    }
    (seen.clone(), seen)
}

/// What a start finds must be what was seen, or that with the step on top in whose midst the power went.
fn check(chip: &Chip, (seen, maybe): &(Seen, Seen), context: &str) {
    let state = memory();
    open(chip, &state).unwrap_or_else(|error| panic!("{context}: {error}"));
    let mut store = Handle(&state);
    let was_reset = maybe.next_out < seen.next_out;
    if !was_reset {
        let (least, most) = (seen.next_out, maybe.next_out + RESERVE);
        assert!((least..=most).contains(&store.next_out()), "{context}: next_out {}", store.next_out());
        let next_in = store.next_in().unwrap();
        assert!(next_in <= maybe.next_in && next_in + 33 > seen.next_in, "{context}: next_in {next_in}");
    }
    let newest = seen.messages.iter().rev().filter(|(_, bytes)| !bytes.windows(5).any(|w| w == b"\x0135=0"));
    let oldest = maybe.next_out.saturating_sub(MESSAGES as u64);
    for (number, bytes) in newest.filter(|(number, _)| **number >= oldest && !was_reset) {
        let mut buffer = [0; 256];
        let len = store.read(*number, &mut buffer).unwrap();
        assert_eq!(len.map(|len| &buffer[..len]), Some(&bytes[..]), "{context}: message {number}");
    }
    let state = state.borrow();
    for id in seen.orders.iter().rev().take(38) {
        assert!(state.book.is_used(id), "{context}: {id} is not known any more");
    }
    let open: Vec<&str> = state.book.orders().iter().map(|order| order.id.as_str()).collect();
    for id in &seen.open {
        assert!(
            open.contains(&id.as_str()) || !maybe.open.contains(id),
            "{context}: {id} is lost, of {open:?}"
        );
    }
    for id in open {
        let known = |seen: &Seen| seen.open.iter().any(|open| open == id);
        assert!(known(seen) || known(maybe), "{context}: {id} is closed");
    }
    assert!([seen.halted, maybe.halted].contains(&state.is_halted()), "{context}: halted");
}

#[test]
fn the_power_may_go_at_every_word() {
    let steps = 520;
    let whole = Chip::new(8);
    let end = play(&whole, 0..steps, Seen::default());
    check(&whole, &end, "no cut");
    assert!(whole.erases().iter().all(|erases| *erases >= 1), "both halves in turn: {:?}", whole.erases());
    for cut in 1..=whole.done() {
        let chip = Chip::new(8);
        chip.cut_after(cut);
        let after = play(&chip, 0..steps, Seen::default());
        chip.power_on();
        check(&chip, &after, &format!("cut at {cut}"));
    }
}

#[test]
fn a_session_goes_on_after_each_of_many_cuts() {
    goes_on_after_each_cut(&Chip::new(8), (0..400).map(|cut| 7 + cut * 13 % 211));
}

#[test]
fn whatever_bits_a_cut_leaves_the_session_goes_on() {
    for seed in 0..60_u64 {
        let chip = Chip::new(8);
        chip.tear_at_random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // As many in the midst of an erase as there are erases.
        goes_on_after_each_cut(&chip, (0..120).map(|cut| 1 + (cut * 29 + seed * 17) % 137));
    }
}

/// Cuts the power after so many words and sectors, again and again; each start goes on with what it finds.
fn goes_on_after_each_cut(chip: &Chip, cuts: impl Iterator<Item = u64>) {
    let mut seen = (Seen::default(), Seen::default());
    let mut step = 0;
    for (cut, after) in cuts.enumerate() {
        chip.power_on();
        check(chip, &seen, &format!("before cut {cut}"));
        // What was found is what goes on.
        let state = memory();
        open(chip, &state).unwrap();
        let mut next = seen.0.clone();
        {
            let state = state.borrow();
            next.open = state.book.orders().iter().map(|order| order.id.to_string()).collect();
            next.halted = state.is_halted();
            next.next_in = state.kept.next_in().unwrap();
            if state.kept.next_out() < next.next_out {
                next.messages.clear();
            }
            next.next_out = state.kept.next_out();
            next.messages.retain(|number, _| *number < next.next_out);
        }
        chip.cut_after(after);
        seen = play(chip, step..step + 60, next);
        step += 61;
    }
}

#[test]
fn the_store_is_one() {
    assert_eq!(conformance(Kept::<4, 64>::new), Ok(()));
}

#[test]
fn a_rest_leaves_no_gap_and_a_reset_begins_at_one() {
    let (chip, state) = (Chip::new(8), memory());
    let mut journal = open(&chip, &state).unwrap();
    let mut seen = Seen::default();
    for step in 10..14 {
        seen = act(step, &state, &seen);
    }
    keep(&mut journal, &state).unwrap();
    state.borrow_mut().kept.rest();
    keep(&mut journal, &state).unwrap();
    let again = memory();
    let mut journal = open(&chip, &again).unwrap();
    assert_eq!(again.borrow().kept.next_out(), 5);
    let at = UtcTimestamp::from_unix(1_795_000_000, 0);
    Handle(&again).reset_one_side(at).unwrap();
    keep(&mut journal, &again).unwrap();
    let last = memory();
    open(&chip, &last).unwrap();
    let kept = &last.borrow().kept;
    assert_eq!(
        (kept.next_in(), kept.creation_time()),
        (None, Some(at)),
        "the counterparty has not confirmed"
    );
    assert!(kept.next_out() <= 1 + RESERVE);
}

#[test]
fn what_is_damaged_or_foreign_is_refused() {
    let chip = Chip::new(8);
    let seen = play(&chip, 0..12, Seen::default());
    // A bit of a note in the midst of others.
    chip.with_bytes(|bytes| bytes[200] ^= 1);
    assert_eq!(open(&chip, &memory()).err(), Some(FlashError::Corrupt));
    chip.with_bytes(|bytes| bytes[200] ^= 1);
    check(&chip, &seen, "as it was");
    chip.with_bytes(|bytes| bytes.fill(0x42));
    assert_eq!(open(&chip, &memory()).err(), Some(FlashError::Corrupt));
    let odd = Flash { medium: Chip::new(3).nor(), range: 0..3 * SECTOR as u32 };
    assert_eq!(block_on(Journal::open(odd, &memory(), &mut [0; 512], &mut ())).err(), Some(FlashError::Size));
}

#[test]
fn nothing_is_erased_but_in_quiet_moments_while_there_is_one_in_time() {
    let (chip, state) = (Chip::new(8), memory());
    let mut journal = open(&chip, &state).unwrap();
    let mut seen = Seen::default();
    for step in 0..300 {
        seen = act(step, &state, &seen);
        let before = chip.erases();
        keep(&mut journal, &state).unwrap();
        assert_eq!(chip.erases(), before, "step {step}");
        while journal.wants_erase() {
            block_on(journal.erase_one()).unwrap();
        }
    }
    assert_eq!(state.borrow_mut().kept.append(seen.next_out, &[b'x'; 129]), Err(StoreError::TooLarge));
}

/// Notes that it was fed.
struct Fed(Rc<Cell<bool>>);

impl Watchdog for Fed {
    fn feed(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn the_watchdog_is_fed_before_each_sector_of_a_half() {
    let (chip, state, fed) = (Chip::new(8), memory(), Rc::new(Cell::new(false)));
    let seen = fed.clone();
    chip.on_erase(move || assert!(seen.take(), "a second sector without a feed"));
    // A first start that was cut off.
    chip.with_bytes(|bytes| bytes[3] = 0);
    let flash = Flash { medium: chip.nor(), range: 0..8 * SECTOR as u32 };
    let mut journal = block_on(Journal::open(flash, &state, &mut [0; 512], &mut Fed(fed.clone()))).unwrap();
    assert_eq!(chip.erases()[..4], [1; 4]);
    let mut seen = Seen::default();
    // No moment is quiet: each change of places has to erase the other half.
    for step in 0..600 {
        seen = act(step, &state, &seen);
        block_on(journal.keep(&state, &mut [0; 512], &mut Fed(fed.clone()))).unwrap();
    }
    assert!(chip.erases().iter().all(|erases| *erases > 0), "{:?}", chip.erases());
}
