//! The venue of the example `acceptor`, driven in virtual time as a test: an hour of a session, with heartbeats, in
//! a blink and without a socket. `cargo run -p fix-core --example virtual_time`

use std::{error::Error, time::Duration};

use fix_core::{
    Application, Buffers, Engine, MessageStore, Mono, Now, RingStore, Role, SessionConfig, SessionId, Step,
    UtcTimestamp, dict::fix44::code, msg::typed::NewOrderSingle,
};

mod venue;

type Side<A> = Engine<Vec<u8>, RingStore<64, 1024>, A>;

/// The client takes what comes and counts.
#[derive(Default)]
struct Client {
    reports: u32,
}

impl Application for Client {
    fn from_app(
        &mut self,
        _: &fix_core::Message<'_>,
        _: &mut dyn fix_core::Outbox,
    ) -> Result<(), fix_core::BusinessReject> {
        self.reports += 1;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut client = side(Role::Initiator, SessionId::new("TRADEDESK", "EXCHANGE")?, Client::default());
    let mut venue = side(Role::Acceptor, SessionId::new("EXCHANGE", "TRADEDESK")?, venue::Venue::default());
    client.connected(at(Duration::ZERO));
    venue.connected(at(Duration::ZERO));

    // An order every ten minutes, an hour long. Nothing sleeps: time is what we say it is.
    for second in 0..3600 {
        let now = at(Duration::from_secs(second));
        settle(now, &mut client, &mut venue);
        if second % 600 == 1 {
            let id = format!("A{second}");
            client.send(now, &order(&id, now))?;
        }
    }

    assert_eq!((venue.application().filled, client.application().reports), (6, 6));
    println!("6 orders filled; {} messages sent by each side in an hour", client.store_mut().next_out() - 1);
    Ok(())
}

fn side<A: Application>(role: Role, id: SessionId, application: A) -> Side<A> {
    let buffers = Buffers { inbound: vec![0; 8192], outbound: vec![0; 32768], kept: vec![0; 8192] };
    Engine::new(SessionConfig::new(role, id), buffers, RingStore::new(), application)
}

fn at(since_start: Duration) -> Now {
    let seconds = i64::try_from(since_start.as_secs()).unwrap_or(i64::MAX);
    Now { mono: Mono::default().after(since_start), utc: UtcTimestamp::from_unix(1_795_000_000 + seconds, 0) }
}

fn order(cl_ord_id: &str, now: Now) -> NewOrderSingle<'_> {
    NewOrderSingle {
        cl_ord_id: cl_ord_id.into(),
        symbol: Some("10Y".into()),
        side: code::Side::BUY,
        order_qty: Some(100.into()),
        ord_type: code::OrdType::MARKET,
        transact_time: now.utc,
        ..NewOrderSingle::default()
    }
}

/// Carries bytes both ways until neither side has anything to say.
fn settle<A: Application, B: Application>(now: Now, one: &mut Side<A>, other: &mut Side<B>) {
    while carry(now, one, other) | carry(now, other, one) {}
}

fn carry<A: Application, B: Application>(now: Now, from: &mut Side<A>, to: &mut Side<B>) -> bool {
    let Step::Write(bytes) = from.poll(now) else { return false };
    let space = to.space();
    let count = bytes.len().min(space.len());
    space[..count].copy_from_slice(&bytes[..count]);
    from.sent(count);
    to.received(count);
    true
}
