//! A time server (SNTP, RFC 4330) that a test plays: it answers, falls silent, or lies.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

/// From 1900 to 1970, in milliseconds.
const TO_UNIX: i64 = 2_208_988_800_000;
/// Bytes of a packet.
const PACKET: usize = 48;

/// The server, which runs until the test's process ends.
pub struct TimeServer {
    /// Where it is asked, on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    is_silent: AtomicBool,
    /// Milliseconds that are added to the time; each answer adds them once more.
    lie: AtomicI64,
    answers: AtomicU32,
}

impl TimeServer {
    /// Starts one that answers right.
    ///
    /// # Errors
    /// If no port is free.
    pub fn start() -> Result<Self, String> {
        let socket =
            UdpSocket::bind(("127.0.0.1", 0)).map_err(|error| format!("the time server: {error}"))?;
        let port = socket.local_addr().map_err(|error| format!("the time server: {error}"))?.port();
        let shared = Arc::<Shared>::default();
        let served = Arc::clone(&shared);
        thread::spawn(move || serve(&socket, &served));
        Ok(TimeServer { port, shared })
    }

    /// Answers no more, or again.
    pub fn set_silent(&self, is_silent: bool) {
        self.shared.is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// From now on each answer is further from the truth than the one before, by so many milliseconds; 0: right again.
    pub fn set_lie(&self, millis: i64) {
        self.shared.lie.store(millis, Ordering::Relaxed);
    }

    /// How many answers were given.
    #[must_use]
    pub fn answers(&self) -> u32 {
        self.shared.answers.load(Ordering::Relaxed)
    }
}

fn serve(socket: &UdpSocket, shared: &Shared) {
    let (mut lies, mut packet) = (0, [0; PACKET]);
    // Ends with the process: a socket of one's own fails in no other way.
    while let Ok((count, from)) = socket.recv_from(&mut packet) {
        if count != PACKET || shared.is_silent.load(Ordering::Relaxed) {
            continue;
        }
        let lie = shared.lie.load(Ordering::Relaxed);
        lies = if lie == 0 { 0 } else { lies + 1 };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(now.as_millis()).unwrap_or_default() + TO_UNIX + lie * lies;
        let (seconds, rest) = (millis.div_euclid(1000), millis.rem_euclid(1000));
        let time = seconds.cast_unsigned() << 32 | (rest.cast_unsigned() << 32) / 1000;
        let asked: [u8; 8] = packet[40..].try_into().unwrap_or_default();
        let mut answer = [0; PACKET];
        // Version 4, mode 4 (server), stratum 1.
        (answer[0], answer[1]) = (0x24, 1);
        answer[24..32].copy_from_slice(&asked);
        answer[32..40].copy_from_slice(&time.to_be_bytes());
        answer[40..].copy_from_slice(&time.to_be_bytes());
        shared.answers.fetch_add(1, Ordering::Relaxed);
        if socket.send_to(&answer, from).is_err() {
            return;
        }
    }
}
