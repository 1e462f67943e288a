//! Two engines, each in its driver loop, over a stream in memory and a clock that the test moves.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use embassy_futures::join::join;
use embassy_time::{Duration, Instant, MockDriver};
use embedded_io_async::{ErrorType, Read, Write};
use fix_core::{
    engine::Buffers,
    flight::Recorded,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
        state::CloseReason,
    },
    store::ring::RingStore,
    tag::Tag,
    time::UtcTimestamp,
    wire::writer::{Encode, Writer},
};
use fix_embedded::{
    clock::Clock,
    net::{Ended, serve},
};

/// One direction of a connection.
#[derive(Clone)]
struct Pipe {
    bytes: Rc<RefCell<VecDeque<u8>>>,
    capacity: usize,
    /// How many bytes were ever written.
    written: Rc<Cell<usize>>,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        Pipe { bytes: Rc::default(), capacity, written: Rc::default() }
    }
}

impl ErrorType for Pipe {
    type Error = Infallible;
}

impl Read for Pipe {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        poll_fn(|_| {
            let mut bytes = self.bytes.borrow_mut();
            let count = buffer.len().min(bytes.len());
            buffer.iter_mut().zip(bytes.drain(..count)).for_each(|(place, byte)| *place = byte);
            if count > 0 { Poll::Ready(Ok(count)) } else { Poll::Pending }
        })
        .await
    }
}

impl Write for Pipe {
    async fn write(&mut self, buffer: &[u8]) -> Result<usize, Infallible> {
        poll_fn(|_| {
            let mut bytes = self.bytes.borrow_mut();
            let count = buffer.len().min(self.capacity - bytes.len());
            bytes.extend(&buffer[..count]);
            self.written.set(self.written.get() + count);
            if count > 0 { Poll::Ready(Ok(count)) } else { Poll::Pending }
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Note(u64);

impl Encode for Note {
    fn msg_type(&self) -> MsgType {
        MsgType::NEWS
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(148), self.0).field(Tag(33), 1u64).field(Tag(58), "note");
    }
}

/// Sends all its notes at once, and logs out when it has those of the other side if it is the one to do so.
struct Talker {
    notes: u64,
    hangs_up: bool,
    received: Vec<u64>,
}

impl Application for Talker {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        for note in 1..=self.notes {
            out.send(&Note(note)).expect("room for all notes");
        }
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.received.push(message.required(Tag(148))?);
        if self.hangs_up && self.received.len() as u64 == self.notes {
            out.logout(Some("done"));
        }
        Ok(())
    }
}

type Side = Recorded<Vec<u8>, RingStore<64, 256>, Talker, ()>;

fn side(role: Role, names: (&str, &str), notes: u64, hangs_up: bool) -> Side {
    let mut config = SessionConfig::new(role, SessionId::new(names.0, names.1).unwrap());
    config.heart_bt_int = 10;
    let buffers = Buffers { inbound: vec![0; 512], outbound: vec![0; 8192], kept: vec![0; 512] };
    let talker = Talker { notes, hangs_up, received: Vec::new() };
    Recorded::new(config, buffers, RingStore::default(), talker, ())
}

/// Runs both sides for so many seconds, which pass only while nothing moves; why each ended, if they did.
fn talk(
    notes: u64,
    capacity: usize,
    hangs_up: bool,
    seconds: u64,
) -> (Option<[Ended<Infallible>; 2]>, [Side; 2]) {
    let mut clock = Clock::default();
    clock.set_utc(Instant::now(), UtcTimestamp::from_unix(1_795_000_000, 0));
    let mut sides = [
        side(Role::Initiator, ("BOARD", "EXCHANGE"), notes, hangs_up),
        side(Role::Acceptor, ("EXCHANGE", "BOARD"), notes, false),
    ];
    let (there, back) = (Pipe::new(capacity), Pipe::new(capacity));
    let end = Instant::now() + Duration::from_secs(seconds);
    let ended = {
        let [initiator, acceptor] = &mut sides;
        let both = join(
            serve(initiator, &clock, back.clone(), there.clone()),
            serve(acceptor, &clock, there.clone(), back.clone()),
        );
        let mut both = pin!(both);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            let before = there.written.get() + back.written.get();
            if let Poll::Ready((initiator, acceptor)) = both.as_mut().poll(&mut context) {
                break Some([initiator, acceptor]);
            }
            if Instant::now() > end {
                break None;
            }
            if there.written.get() + back.written.get() == before {
                MockDriver::get().advance(Duration::from_millis(10));
            }
        }
    };
    (ended, sides)
}

fn numbers(notes: u64) -> Vec<u64> {
    (1..=notes).collect()
}

/// The clock is one for all tests of a process, so this is one test.
#[test]
fn a_session_over_the_driver_loop() {
    from_logon_to_logout_whatever_the_stream_holds();
    an_idle_session_stays();
}

fn from_logon_to_logout_whatever_the_stream_holds() {
    for capacity in [1, 16, 100, 4096] {
        let (ended, [initiator, acceptor]) = talk(20, capacity, true, 30);
        let ended = ended.unwrap_or_else(|| panic!("{capacity}: {initiator:?} {acceptor:?}"));
        assert!(matches!(ended[0], Ended::Closed(CloseReason::LogoutAnswered)), "{capacity}: {ended:?}");
        assert!(matches!(ended[1], Ended::Closed(CloseReason::LogoutReceived)), "{capacity}: {ended:?}");
        assert_eq!(initiator.application().received, numbers(20), "{capacity}");
        assert_eq!(acceptor.application().received, numbers(20), "{capacity}");
    }
}

fn an_idle_session_stays() {
    let (ended, sides) = talk(1, 4096, false, 65);
    assert!(ended.is_none(), "{ended:?}");
    for side in sides {
        // The Logon, a note, and a Heartbeat every ten seconds.
        assert!((7..=9).contains(&side.status().next_out), "{side:?}");
    }
}
