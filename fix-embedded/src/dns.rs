//! Addresses of a name. The DNS servers are asked in turn: one that is gone costs seconds, not the session.
//!
//! That of smoltcp 0.13 asks the second server after fifteen seconds and tells one address; its messages are used here.

use core::{fmt, net::Ipv4Addr};

use embassy_net::{IpEndpoint, Stack, udp::UdpSocket};
use embassy_time::{Duration, Instant, with_timeout};

mod message;

pub(crate) use message::{Addresses, LONGEST_ANSWER, LONGEST_QUESTION};
use message::{Answer, Question};

/// How long one server is given for one question. For a second after one whose hardware address nobody told, smoltcp asks for
/// no other one's.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// Questions in all: the time for them has to be in that of a connection, [`BackOff`](crate::config::BackOff).
const QUESTIONS: usize = 3;
const PORT: u16 = 53;

/// Why a name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NoName {
    /// It cannot be one, or is too long for a board.
    Malformed,
    /// The board was told of no DNS server, by [`Addressing`](crate::config::Addressing) or DHCP.
    NoServer,
    /// A DNS server says that there is no such name, or that it has no IPv4 address.
    Unknown,
    /// The last DNS server that answered cannot or will not say.
    Refused,
    /// No DNS server answered.
    Silent,
}

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoName::Malformed => "that is no name of DNS, or one of more than 110 characters",
            NoName::NoServer => "the board knows no DNS server: name one, or write the address of the host",
            NoName::Unknown => "DNS knows no such name, or no IPv4 address of it",
            NoName::Refused => "the DNS server cannot or will not say its address",
            NoName::Silent => "no DNS server answers",
        })
    }
}

impl core::error::Error for NoName {}

/// Asks with `socket`, which has room for the longest question and answer.
pub(crate) async fn look_up(
    stack: Stack<'_>,
    socket: &mut UdpSocket<'_>,
    name: &str,
) -> Result<Addresses, NoName> {
    let servers = stack.config_v4().map(|config| config.dns_servers).unwrap_or_default();
    let mut why = if servers.is_empty() { NoName::NoServer } else { NoName::Silent };
    for server in servers.iter().cycle().take(QUESTIONS) {
        // Who sees neither the question nor the board's clock has to guess it, and the port.
        let question = Question::new(name, Instant::now().as_ticks() as u16).ok_or(NoName::Malformed)?;
        let server = IpEndpoint::new((*server).into(), PORT);
        anew(socket);
        match with_timeout(PATIENCE, ask(socket, server, &question)).await {
            Ok(Answer::Addresses(addresses)) => return Ok(addresses),
            Ok(Answer::Unknown) => return Err(NoName::Unknown),
            Ok(Answer::Refused) => why = NoName::Refused,
            Err(_) => {}
        }
    }
    Err(why)
}

/// Asks and waits for an answer of `server`; others are passed over.
async fn ask(socket: &mut UdpSocket<'_>, server: IpEndpoint, question: &Question) -> Answer {
    // Without a way to the server there is no answer either.
    if socket.send_to(question.bytes(), server).await.is_err() {
        return Answer::Refused;
    }
    loop {
        let answer = socket
            .recv_from_with(|bytes, from| {
                (from.endpoint == server).then(|| question.answered(bytes)).flatten()
            })
            .await;
        if let Some(answer) = answer {
            return answer;
        }
    }
}

/// Another port, and nothing left of what was asked before: a question to who is not there, whose hardware nobody knows, waits
/// in the socket and keeps all others back.
pub(crate) fn anew(socket: &mut UdpSocket<'_>) {
    socket.close();
    // Port 0: any that is free. It fails for a socket that is bound, which this one is not.
    let _ = socket.bind(0);
}

/// The address that `name` is already.
pub(crate) fn literal(name: &str) -> Option<Ipv4Addr> {
    name.parse().ok()
}
