//! What a session costs: its bytes, known at compile time, and no allocation once it runs.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
    },
    store::{NoStore, RingStore},
    tag::Tag,
    time::{Mono, Now, UtcTimestamp},
    wire::writer::{Encode, Writer},
};

/// The system's allocator, counting for each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

// SAFETY: every call goes to `System` as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Order(u64);

impl Encode for Order {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(b"D")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(11), self.0).field(Tag(54), 1u32).field(Tag(40), 1u32);
    }
}

/// Answers each order with one of its own.
#[derive(Default)]
struct Answers(u64);

impl Application for Answers {
    fn from_app(&mut self, _message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.0 += 1;
        out.send(&Order(self.0)).map(|_| ()).map_err(|_| BusinessReject::APPLICATION_NOT_AVAILABLE)
    }
}

#[derive(Default)]
struct Counts(u64);

impl Application for Counts {
    fn from_app(&mut self, _message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.0 += 1;
        Ok(())
    }
}

#[test]
fn a_session_takes_at_most_4_kib_beside_the_callers_buffers() {
    let bytes = size_of::<Engine<&'static mut [u8], NoStore, ()>>();
    println!("bytes per session: {bytes}, of these configuration {}", size_of::<SessionConfig>());
    assert!(bytes <= 4096);
}

type Ours<A> = Engine<[u8; 2048], RingStore<16, 256>, A>;

fn engine<A: Application>(role: Role, us: &str, them: &str, application: A) -> Ours<A> {
    let config = SessionConfig::new(role, SessionId::new(us, them).unwrap());
    let buffers = Buffers { inbound: [0; 2048], outbound: [0; 2048], kept: [0; 2048] };
    Engine::new(config, buffers, RingStore::new(), application)
}

/// Writes of one engine go into the other until both wait.
fn exchange<A: Application, B: Application>(now: Now, a: &mut Ours<A>, b: &mut Ours<B>) {
    while carry(now, a, b) | carry(now, b, a) {}
}

fn carry<A: Application, B: Application>(now: Now, from: &mut Ours<A>, to: &mut Ours<B>) -> bool {
    let Step::Write(bytes) = from.poll(now) else { return false };
    let space = to.space();
    let count = bytes.len().min(space.len());
    space[..count].copy_from_slice(&bytes[..count]);
    to.received(count);
    from.sent(count);
    true
}

#[test]
fn a_logged_on_exchange_allocates_nothing() {
    let mut initiator = engine(Role::Initiator, "INIT", "ACPT", Counts::default());
    let mut acceptor = engine(Role::Acceptor, "ACPT", "INIT", Answers::default());
    let at = |millis| Now { mono: Mono::from_millis(millis), utc: UtcTimestamp::from_unix(1_767_603_600, 0) };
    let before = allocations();
    initiator.connected(at(0));
    acceptor.connected(at(0));
    exchange(at(0), &mut initiator, &mut acceptor);
    for round in 0..1000 {
        initiator.send(at(round), &Order(round)).unwrap();
        exchange(at(round), &mut initiator, &mut acceptor);
    }
    // A gap and a resend, heartbeats, and a Logout.
    initiator.set_next_in(990).unwrap();
    exchange(at(31_000), &mut initiator, &mut acceptor);
    initiator.logout(Some("done"));
    exchange(at(31_000), &mut initiator, &mut acceptor);
    let allocations = allocations() - before;
    let again = 990..=1001;
    assert_eq!(initiator.application().0, 1000 + again.count() as u64);
    assert_eq!(allocations, 0);
}
