//! A station on the board's network that a test plays: it has addresses of its own there, and answers questions of DNS.
//!
//! QEMU's own network knows a DNS server that asks those of this machine, and none that a test could play. So the board's cable
//! leads to this station, which passes on to that network what is not for itself: frames are datagrams of sockets in a folder.

use std::{
    net::Ipv4Addr,
    os::unix::net::UnixDatagram,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use crate::place::Scratch;

/// Its hardware address, locally administered.
const HARDWARE: [u8; 6] = [0x02, 0, 0, 0, 0, 0x53];
const ETHERNET: usize = 14;
const IP: usize = 20;
const UDP: usize = 8;
const PORT: u16 = 53;
/// Of a header of DNS.
const DNS: usize = 12;

/// A question that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which of the station's addresses was asked.
    pub server: Ipv4Addr,
    /// The name.
    pub name: String,
    /// The whole message.
    pub bytes: Vec<u8>,
}

/// What is sent for a question: from which address, and the message.
pub type Reply = (Ipv4Addr, Vec<u8>);

type Script = Box<dyn FnMut(&Asked) -> Vec<Reply> + Send>;

/// The station, which runs until the test's process ends.
pub struct Station {
    scratch: Scratch,
    shared: Arc<Shared>,
}

struct Shared {
    addresses: Vec<Ipv4Addr>,
    script: Mutex<Script>,
    asked: Mutex<Vec<Asked>>,
}

impl Station {
    /// Starts one with these addresses, which answers as `script` says.
    ///
    /// # Errors
    /// If its socket cannot be made.
    pub fn start(
        addresses: &[Ipv4Addr],
        script: impl FnMut(&Asked) -> Vec<Reply> + Send + 'static,
    ) -> Result<Self, String> {
        let scratch = Scratch::new()?;
        let bind =
            |name| UnixDatagram::bind(scratch.file(name)).map_err(|error| format!("the station: {error}"));
        let (board, network) = (bind("from-board")?, bind("from-network")?);
        let (script, asked) = (Mutex::new(Box::new(script) as Script), Mutex::default());
        let shared = Arc::new(Shared { addresses: addresses.to_vec(), script, asked });
        let (served, paths) = (Arc::clone(&shared), ["board", "network"].map(|name| scratch.file(name)));
        let [to_board, to_network] = paths.clone();
        thread::spawn(move || serve(&board, &to_board, &to_network, &served));
        let [to_board, _] = paths;
        thread::spawn(move || pass_on(&network, &to_board));
        Ok(Station { scratch, shared })
    }

    /// All questions so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What QEMU is told instead of its usual network.
    pub(crate) fn options(&self) -> Vec<String> {
        let socket = |id: &str| {
            let path = |name: &str| self.scratch.file(name).display().to_string();
            format!(
                "dgram,id={id},local.type=unix,local.path={},remote.type=unix,remote.path={}",
                path(id),
                path(&format!("from-{id}"))
            )
        };
        let (board, network) = (socket("board"), socket("network"));
        [
            ["-netdev", "user,id=net"],
            ["-netdev", &network],
            ["-netdev", "hubport,id=p1,hubid=0,netdev=net"],
            ["-netdev", "hubport,id=p2,hubid=0,netdev=network"],
            // `-nic` itself takes no such socket.
            ["-netdev", &board],
            ["-netdev", "hubport,id=p3,hubid=1,netdev=board"],
            ["-nic", "hubport,hubid=1"],
        ]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
    }
}

/// An answer to `question` with that code and these addresses.
#[must_use]
pub fn answer(question: &Asked, rcode: u8, addresses: &[Ipv4Addr]) -> Vec<u8> {
    let mut bytes = question.bytes.clone();
    (bytes[2], bytes[3]) = (0x81, 0x80 | rcode);
    bytes[7] = u8::try_from(addresses.len()).unwrap_or(u8::MAX);
    for address in addresses {
        // The name of the question; A, IN, a minute, 4 bytes.
        bytes.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        bytes.extend(address.octets());
    }
    bytes
}

fn serve(socket: &UnixDatagram, board: &Path, network: &Path, shared: &Shared) {
    let mut frame = [0; 2048];
    // A socket of one's own does not fail.
    while let Ok(count) = socket.recv(&mut frame) {
        let frame = &frame[..count];
        match shared.heard(frame) {
            None => send(socket, frame, network),
            Some(answers) => answers.iter().for_each(|answer| send(socket, answer, board)),
        }
    }
}

fn pass_on(socket: &UnixDatagram, to: &Path) {
    let mut frame = [0; 2048];
    while let Ok(count) = socket.recv(&mut frame) {
        send(socket, &frame[..count], to);
    }
}

/// Where nobody reads any more the frame is lost, as on a cable.
fn send(socket: &UnixDatagram, frame: &[u8], to: &Path) {
    let _ = socket.send_to(frame, to);
}

impl Shared {
    /// The frames that a frame for this station is answered by.
    fn heard(&self, frame: &[u8]) -> Option<Vec<Vec<u8>>> {
        match frame.get(12..ETHERNET) {
            Some([0x08, 0x06]) => self.arp(frame).map(|answer| vec![answer]),
            Some([0x08, 0x00]) => self.asked_by(frame),
            _ => None,
        }
    }

    fn is_own(&self, address: &[u8]) -> bool {
        self.addresses.iter().any(|own| own.octets() == *address)
    }

    /// Who has that address? (RFC 826)
    fn arp(&self, frame: &[u8]) -> Option<Vec<u8>> {
        let (sender, wanted) = (frame.get(22..32)?, frame.get(38..42)?);
        if frame.get(20..22)? != [0, 1] || !self.is_own(wanted) {
            return None;
        }
        let mut answer = ethernet(&frame[6..12], [0x08, 0x06]);
        answer.extend([0, 1, 8, 0, 6, 4, 0, 2]);
        answer.extend(HARDWARE);
        answer.extend(wanted);
        answer.extend(sender);
        answer.resize(60, 0);
        Some(answer)
    }

    /// A datagram for one of the addresses at the port of DNS.
    fn asked_by(&self, frame: &[u8]) -> Option<Vec<Vec<u8>>> {
        let (board, packet) = (&frame[6..12], &frame[ETHERNET..]);
        let is_question = packet.len() > IP + UDP + DNS
            && packet[0] == 0x45
            && packet[9] == 17
            && self.is_own(&packet[16..20])
            && packet[22..24] == PORT.to_be_bytes();
        if !is_question {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([packet[24], packet[25]]));
        let bytes = packet[IP + UDP..(IP + len).min(packet.len())].to_vec();
        let server = Ipv4Addr::new(packet[16], packet[17], packet[18], packet[19]);
        let asked = Asked { server, name: name(&bytes[DNS..]), bytes };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
        let replies = self.script.lock().unwrap_or_else(PoisonError::into_inner)(&asked);
        Some(replies.iter().map(|reply| datagram(board, &packet[12..16], &packet[20..22], reply)).collect())
    }
}

fn name(mut bytes: &[u8]) -> String {
    let mut labels = Vec::new();
    while let Some((len @ 1.., rest)) = bytes.split_first() {
        let (label, rest) = rest.split_at(usize::from(*len).min(rest.len()));
        labels.push(String::from_utf8_lossy(label).into_owned());
        bytes = rest;
    }
    labels.join(".")
}

fn ethernet(to: &[u8], kind: [u8; 2]) -> Vec<u8> {
    [to, &HARDWARE, &kind].concat()
}

/// A datagram of UDP without a check sum, which IPv4 allows, in a packet and a frame.
fn datagram(board: &[u8], to: &[u8], port: &[u8], (from, message): &Reply) -> Vec<u8> {
    let total = u16::try_from(IP + UDP + message.len()).unwrap_or(u16::MAX);
    let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0];
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    packet.extend(from.octets());
    packet.extend(to);
    let sum = packet.chunks(2).map(|two| u32::from(u16::from_be_bytes([two[0], two[1]]))).sum::<u32>();
    let sum = (sum & 0xFFFF) + (sum >> 16);
    packet[10..12].copy_from_slice(&(!(((sum & 0xFFFF) + (sum >> 16)) as u16)).to_be_bytes());
    packet.extend(PORT.to_be_bytes());
    packet.extend(port);
    packet.extend((total - IP as u16).to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(message);
    let mut frame = [ethernet(board, [0x08, 0x00]), packet].concat();
    frame.resize(frame.len().max(60), 0);
    frame
}
