//! The gateway whose lines are sealed datagrams, with the client of the examples: what is sent twice, changed, or made with
//! another key is not taken.

use std::{fs, net::UdpSocket, process::Command};

use crate::common::Desk;
use runner::{emulator::Machine, exchange::Exchange, place::Scratch};

/// Trades; sends what it sent again, changed and of before a start; and has nothing of it taken.
const SCRIPT: &str = "
import sys, time
import gateway_client as g
gateway = g.Gateway.open(sys.argv[1])
sent, plain = [], gateway.source.socket
class Watched:
    def send(self, data):
        sent.append(data)
        return plain.send(data)
    def __getattr__(self, name):
        return getattr(plain, name)
gateway.source.socket = Watched()
def is_up():
    # A datagram that comes before the board is up is lost, as one may be.
    gateway.send('STATUS')
    try:
        return any(line.word == 'STATUS' and line.fields[58].startswith('up') for line in gateway.within(1))
    except TimeoutError:
        return False
assert any(is_up() for _ in range(60))
def order(id):
    said = gateway.ask(f'NEW 11={id} 55=10Y 54=1 38=100 40=1', 20)
    assert said.word == 'OK', said
    assert any(line.fields.get(39) == '2' and line.fields[11] == id for line in gateway.within(20))
order('A-1')
first = sent[-1]
def nothing(data):
    plain.send(data)
    gateway.send('PING')
    for line in gateway.within(20):
        assert line.word not in ('OK', 'NO', '8'), line
        if line.word == 'PONG':
            return
# Again, as who listens would; changed; another key; no datagram of ours; far too short.
nothing(first)
nothing(bytes([first[0] ^ 1]) + first[1:])
nothing(first[:20] + bytes([first[20] ^ 1]) + first[21:])
other = g.Udp('127.0.0.1', 9, bytes(32))
other.boot, other.counter = gateway.source.boot, gateway.source.counter + 1000
nothing(other.seal(b'NEW 11=EVIL 55=10Y 54=1 38=100 40=1'))
nothing(b'NEW 11=EVIL 55=10Y 54=1 38=100 40=1')
nothing(b'')
# Made for another start of the board.
boot, gateway.source.boot = gateway.source.boot, gateway.source.boot ^ 1
of_before = gateway.source.seal(g.sealed('NEW 11=EVIL 55=10Y 54=1 38=100 40=1').rstrip())
gateway.source.boot = boot
nothing(of_before)
# One that was overtaken counts, within the window; behind it, none does.
def held(id):
    return gateway.source.seal(g.sealed(f'NEW 11={id} 55=10Y 54=1 38=100 40=1').rstrip())
late, gone = held('LATE'), held('GONE')
order('A-2')
plain.send(late)
assert any(line.word == '8' and line.fields[11] == 'LATE' and line.fields[39] == '2' for line in gateway.within(20))
for _ in range(70):
    gateway.send('PING')
    next(line for line in gateway.within(20) if line.word == 'PONG')
nothing(gone)
order('A-3')
";

#[test]
fn what_is_not_sealed_for_now_is_not_taken() -> Result<(), String> {
    let scratch = Scratch::new()?;
    let key = scratch.file("key");
    fs::write(&key, [0x5A; 32]).map_err(|error| format!("{}: {error}", key.display()))?;
    // A port that is free now, below those that the system gives to sockets, one of which could take it meanwhile.
    let mut some = (10_000_u16..30_000).cycle().skip(std::process::id() as usize % 20_000).take(20_000);
    let port = some.find(|&port| UdpSocket::bind(("127.0.0.1", port)).is_ok()).ok_or("no port is free")?;
    let mut desk = Desk::begin(Exchange::start(0)?, Machine::An386, "udp", |run| {
        run.with("key", key.display()).forwards_udp(port, 4_444)
    })?;
    let place = format!("udp:127.0.0.1:{port}:{}", key.display());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let client = Command::new("python3").args(["-B", "-c", SCRIPT, &place]).current_dir(folder).output();
    let client = client.map_err(|error| format!("python3: {error}"))?;
    let log = desk.emulator.log.lines().join("\n");
    assert!(client.status.success(), "{}\n{log}", String::from_utf8_lossy(&client.stderr));
    desk.exchange_says("|150=F|", 4)?;
    let ledger = desk.ledger();
    let ids = ["A-1", "LATE", "A-2", "A-3"].map(|id| {
        ledger.iter().filter(|line| line.contains("|35=D|") && line.contains(&format!("|11={id}|"))).count()
    });
    assert_eq!(ids, [1; 4], "{ledger:#?}");
    assert!(
        !ledger.iter().any(|line| line.contains("|11=EVIL|") || line.contains("|11=GONE|")),
        "{ledger:#?}"
    );
    desk.ends_well("datagrams")
}
