//! The flight recorder: what records, in an engine and beside it, and what reads a recording.

use core::{cell::RefCell, hint::black_box};

use fix_core::{
    dict::fix44::DICTIONARY,
    flight::{Crc, Joined, Reader, Ring, Tape, block, fingerprint},
};

#[cfg(not(feature = "host"))]
use fix_core::{
    dict::Dictionary,
    engine::{Buffers, Step},
    flight::{Recorded, Start, World, replay},
    msg::typed::Heartbeat,
    session::config::Role,
    store::{MessageStore, RingStore},
};

#[cfg(not(feature = "host"))]
use crate::probes::{Echo, session_config, session_now};

#[cfg(not(feature = "host"))]
fn intern(_text: &str) -> Option<&'static str> {
    Some("FIX.4.4")
}

/// Of one buffer size, for a session that has the dictionary of FIX 4.4.
#[cfg(not(feature = "host"))]
struct Machine;

#[cfg(not(feature = "host"))]
impl World for Machine {
    type Buffer = [u8; 512];

    fn buffer(&mut self, len: u64) -> Option<[u8; 512]> {
        (len == 512).then_some([0; 512])
    }

    fn dictionary(&mut self, _fingerprint: u32) -> Option<&'static Dictionary> {
        Some(&DICTIONARY)
    }

    fn intern(text: &str) -> Option<&'static str> {
        intern(text)
    }
}

probes! {
    fn flight_blocks(input, _out) {
        let head = block::head(black_box(7), black_box(7), black_box(Some(7)));
        let tail = block::tail(&head, input);
        let read = block::read(input).map_or(0, |block| block.len ^ block.payload.len());
        let sum = Crc::default().bytes(input).bytes(&tail);
        let mut crc = sum;
        crc.byte(black_box(7));
        read ^ crc.value() as usize
    }

    fn flight_joined(input, _out) {
        Joined::new(input).fold(0, |sum, piece| {
            sum ^ piece.map_or_else(|gap| usize::from(gap.is_cut()) ^ usize::from(gap.is_foreign()), <[u8]>::len)
        })
    }

    fn flight_entries(input, _out) {
        let mut reader = Reader::new(input);
        while let Ok(Some(entry)) = reader.entry() {
            black_box(&entry);
        }
        reader.rest().len()
    }

    // It calls through a pointer, which may do anything for all that a function alone can tell.
    #[cfg(not(feature = "host"))]
    fn flight_start(input, _out) {
        let mut reader = Reader::new(input);
        let start = Start::read(&mut reader, intern).is_ok();
        reader.rest().len() ^ usize::from(start)
    }

    fn flight_ring(input, out) {
        let ring = RefCell::<Ring<5, 80>>::new(Ring::new());
        let tape = &ring;
        if tape.is_on() && tape.wants_start() {
            tape.start();
        }
        tape.put(input);
        let Ok(ring) = ring.try_borrow() else { return 0 };
        let mut len = 0usize;
        ring.blocks(|piece| len = len.wrapping_add(piece.len()));
        let mut fetch = ring.fetch();
        len ^ ring.copy(&mut fetch, out).unwrap_or(0)
    }

    fn flight_fingerprint(_input, _out) {
        fingerprint(black_box(&DICTIONARY)) as usize
    }

    #[cfg(not(feature = "host"))]
    fn flight_recorded(input, out) {
        let now = session_now();
        let Some(config) = session_config(black_box(Role::Acceptor)) else { return 0 };
        let buffers = Buffers { inbound: [0; 512], outbound: [0; 512], kept: [0; 512] };
        let ring = RefCell::<Ring<5, 512>>::new(Ring::new());
        let mut engine = Recorded::new(config, buffers, RingStore::<4, 512>::new(), Echo, &ring);
        let written = fed!(engine, now, input, out);
        let schedule = engine.config().schedule.clone();
        engine.set_schedule(schedule);
        let sent = engine.send(now, &Heartbeat::default()).is_ok() && engine.test_request(now, "id").is_ok();
        engine.with_application(now, |_, out| out.logout(Some("done")));
        engine.logout(Some("done"));
        engine.disconnected(now);
        let set = engine.reset(now).is_ok() && engine.set_next_in(black_box(7)).is_ok()
            && engine.set_next_out(black_box(7)).is_ok() && engine.flush().is_ok();
        black_box((engine.application(), engine.status(), engine.deadline(now)));
        black_box((engine.has_room(), engine.is_settled(), engine.give_back(7, |_| {})));
        black_box(engine.application_mut());
        black_box(engine.parts_mut().1);
        let next = engine.store_mut().next_out() as usize;
        black_box(engine.into_parts().1);
        written ^ next ^ usize::from(sent) ^ usize::from(set)
    }

    #[cfg(not(feature = "host"))]
    fn flight_replay(input, _out) {
        let replayed = replay(input, &mut Machine);
        replayed.messages as usize ^ replayed.entries as usize
    }
}
