//! A TLS server that has the keys of its session and sends what it likes under them: rustls shakes hands, its records are
//! opened, changed and sealed again.

use std::{
    collections::HashMap,
    io::Read,
    sync::{Arc, Mutex},
};

use ring::{aead, hkdf};
use rustls::{KeyLog, ServerConfig, ServerConnection, version::TLS13};

use crate::{tls_venue::Chain, world::Between};

pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const DATA: u8 = 23;

/// A record before it is sealed, if it is.
#[derive(Clone, Debug)]
pub enum Record {
    Clear(u8, Vec<u8>),
    /// Type, content, and zeros behind them.
    Sealed(u8, Vec<u8>, usize),
    /// Bytes that are none.
    Bytes(Vec<u8>),
    /// From here on nothing that FIX says.
    Mute,
    /// The end of the connection, without a close_notify.
    Close,
}

impl Record {
    pub fn sealed(kind: u8, content: impl Into<Vec<u8>>) -> Self {
        Record::Sealed(kind, content.into(), 0)
    }
}

/// What a server says in the handshake, by messages: ServerHello, EncryptedExtensions, Certificate, CertificateVerify,
/// Finished.
pub type Flight = Vec<Vec<u8>>;

/// As rustls says it: the first message in the clear.
pub fn usual(flight: &Flight) -> Vec<Record> {
    let (hello, rest) = flight.split_first().unwrap();
    vec![
        Record::Clear(HANDSHAKE, hello.clone()),
        Record::Clear(CHANGE_CIPHER_SPEC, vec![1]),
        Record::sealed(HANDSHAKE, rest.concat()),
    ]
}

#[derive(Debug, Default)]
struct Secrets(Mutex<HashMap<String, Vec<u8>>>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        self.0.lock().unwrap().insert(label.to_owned(), secret.to_owned());
    }
}

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// One direction's key, and the number of the next record.
struct Key {
    key: aead::LessSafeKey,
    iv: [u8; 12],
    opened: u64,
    sealed: u64,
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret);
        // HkdfLabel (RFC 8446, 7.1).
        let expand = |label: &str, into: &mut [u8]| {
            let label = format!("tls13 {label}");
            let head = [&[0, into.len() as u8, label.len() as u8][..], label.as_bytes(), &[0]];
            secret.expand(&head, Len(into.len())).unwrap().fill(into).unwrap();
        };
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand("key", &mut key);
        expand("iv", &mut iv);
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap());
        Key { key, iv, opened: 0, sealed: 0 }
    }

    fn nonce(&self, number: u64) -> aead::Nonce {
        let mut nonce = self.iv;
        for (byte, count) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= count;
        }
        aead::Nonce::assume_unique_for_key(nonce)
    }

    fn open(&mut self, header: &[u8], sealed: &[u8]) -> (u8, Vec<u8>) {
        let mut text = sealed.to_vec();
        let nonce = self.nonce(self.opened);
        self.opened += 1;
        let len = self.key.open_in_place(nonce, aead::Aad::from(header), &mut text).unwrap().len();
        text.truncate(len);
        let kind = text.pop().unwrap();
        (kind, text)
    }

    fn seal(&mut self, kind: u8, content: &[u8], zeros: usize) -> Vec<u8> {
        let mut text = content.to_vec();
        text.push(kind);
        text.resize(text.len() + zeros, 0);
        let header = header(DATA, text.len() + 16);
        let nonce = self.nonce(self.sealed);
        self.sealed += 1;
        self.key.seal_in_place_append_tag(nonce, aead::Aad::from(&header), &mut text).unwrap();
        [&header[..], &text].concat()
    }
}

fn header(kind: u8, len: usize) -> [u8; 5] {
    [kind, 3, 3, (len >> 8) as u8, len as u8]
}

type Say = Box<dyn FnMut(&Flight) -> Vec<Record>>;

/// The server. `change` says what it sends instead of its flight; `also` what it sends before each of its records of the
/// session.
pub struct Rogue {
    config: Arc<ServerConfig>,
    secrets: Arc<Secrets>,
    tls: Option<ServerConnection>,
    raw: Vec<u8>,
    turns: usize,
    flight: Flight,
    has_flown: bool,
    handshake: Option<Key>,
    session: Option<Key>,
    change: Say,
    also: Say,
    /// Said again and again, as long as the board listens.
    pub flood: Option<Record>,
    is_mute: bool,
    is_closed: bool,
}

impl Rogue {
    pub fn new((chain, key): Chain) -> Self {
        let secrets = Arc::new(Secrets::default());
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let mut config = builder
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        config.key_log = secrets.clone();
        Rogue {
            config: Arc::new(config),
            secrets,
            tls: None,
            raw: Vec::new(),
            turns: 0,
            flight: Vec::new(),
            has_flown: false,
            handshake: None,
            session: None,
            change: Box::new(usual),
            also: Box::new(|_| Vec::new()),
            flood: None,
            is_mute: false,
            is_closed: false,
        }
    }

    pub fn changing(self, change: impl FnMut(&Flight) -> Vec<Record> + 'static) -> Self {
        Rogue { change: Box::new(change), ..self }
    }

    pub fn also(self, also: impl FnMut(&Flight) -> Vec<Record> + 'static) -> Self {
        Rogue { also: Box::new(also), ..self }
    }

    fn key(&self, label: &str) -> Option<Key> {
        self.secrets.0.lock().unwrap().get(label).map(|secret| Key::new(secret))
    }

    /// The next record of rustls, with its header.
    fn next_raw(&mut self) -> Option<Vec<u8>> {
        let header = self.raw.first_chunk::<5>()?;
        let len = 5 + usize::from(u16::from_be_bytes([header[3], header[4]]));
        (self.raw.len() >= len).then(|| self.raw.drain(..len).collect())
    }

    fn put(&mut self, back: &mut Vec<u8>, record: Record) {
        match record {
            Record::Bytes(bytes) => back.extend(bytes),
            Record::Mute => self.is_mute = true,
            Record::Close => self.is_closed = true,
            Record::Clear(kind, content) => {
                back.extend(header(kind, content.len()));
                back.extend(content);
            }
            Record::Sealed(kind, content, zeros) => {
                let key = self.session.as_mut().or(self.handshake.as_mut());
                back.extend(key.expect("a key").seal(kind, &content, zeros));
            }
        }
    }

    /// Opens what rustls says.
    fn hear(&mut self, back: &mut Vec<u8>) {
        while let Some(record) = self.next_raw() {
            let (head, content) = record.split_at(5);
            match (head[0], self.has_flown) {
                (HANDSHAKE, false) => self.flight.push(content.to_vec()),
                (CHANGE_CIPHER_SPEC, false) => {}
                (DATA, false) => {
                    if self.handshake.is_none() {
                        self.handshake = self.key("SERVER_HANDSHAKE_TRAFFIC_SECRET");
                    }
                    let (kind, content) = self.handshake.as_mut().unwrap().open(head, content);
                    assert_eq!(kind, HANDSHAKE);
                    self.flight.extend(messages(&content));
                    if self.flight.last().is_some_and(|message| message[0] == 20) {
                        for record in (self.change)(&self.flight) {
                            self.put(back, record);
                        }
                        self.has_flown = true;
                    }
                }
                (DATA, true) => {
                    if self.session.is_none() {
                        self.session = self.key("SERVER_TRAFFIC_SECRET_0");
                    }
                    let (kind, content) = self.session.as_mut().unwrap().open(head, content);
                    for record in (self.also)(&self.flight) {
                        self.put(back, record);
                    }
                    if !self.is_mute && !self.is_closed {
                        self.put(back, Record::Sealed(kind, content, 0));
                    }
                }
                // Its alerts to a board that has refused.
                _ => back.extend(record),
            }
        }
    }
}

fn messages(mut content: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(head) = content.first_chunk::<4>() {
        let len = 4 + u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        let (message, rest) = content.split_at(len);
        all.push(message.to_vec());
        content = rest;
    }
    all
}

impl Between for Rogue {
    fn connected(&mut self) {
        self.secrets.0.lock().unwrap().clear();
        self.tls = Some(ServerConnection::new(self.config.clone()).unwrap());
        self.raw.clear();
        self.flight.clear();
        (self.has_flown, self.is_mute, self.is_closed) = (false, false, false);
        (self.handshake, self.session) = (None, None);
    }

    fn turn(
        &mut self,
        (there, back): (&mut Vec<u8>, &mut Vec<u8>),
        plain: (&mut Vec<u8>, &mut Vec<u8>),
    ) -> (bool, bool) {
        assert!(!there.windows(5).any(|bytes| bytes == b"8=FIX"), "FIX in the clear");
        let Some(tls) = &mut self.tls else { return (false, false) };
        let heard = !there.is_empty();
        if heard {
            tls.read_tls(&mut &there[..]).unwrap();
            there.clear();
        }
        let refused = tls.process_new_packets().is_err();
        let before = plain.0.len();
        let _ = tls.reader().read_to_end(plain.0);
        std::io::Write::write_all(&mut tls.writer(), plain.1).unwrap();
        plain.1.clear();
        while tls.wants_write() {
            tls.write_tls(&mut self.raw).unwrap();
        }
        let had = back.len();
        self.hear(back);
        // Not in every turn: time goes on in those where nothing comes.
        self.turns += 1;
        let may_flood = back.is_empty() && self.has_flown && self.turns.is_multiple_of(4);
        if let Some(flood) = self.flood.clone().filter(|_| may_flood) {
            self.put(back, flood);
        }
        let lives = !(refused || self.is_closed) || !back.is_empty();
        (lives, heard || plain.0.len() > before || back.len() > had)
    }
}
