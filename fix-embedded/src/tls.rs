//! TLS 1.3 around any connection: [`Tls`] is a [`Connect`] in another one, such as [`tcp::Tcp`](crate::tcp::Tcp).
//!
//! The counterparty has to prove who it is before a byte of FIX is sent: its certificate chains to one of
//! [`TlsRules::roots`](crate::config::TlsRules), is valid now and for the name, and its key signed this handshake. There is
//! no way to leave that out. Revocation is not looked at. Keys are of ECDSA P-256 and P-384; RSA is refused.
//!
//! Keys, records and the handshake are embedded-tls's; what of its behaviour is worked around says each file of `tls/`.

use core::{cell::RefCell, pin::pin};

use embassy_futures::poll_once;
use embassy_time::Instant;
use embedded_tls::{MaxFragmentLength, TlsConfig, TlsConnection, TlsContext};
use heapless::Vec;
use pki_types::ServerName;

pub use embedded_tls::{CryptoRng, CryptoRngCore};
pub use p256::ecdsa::SigningKey;

use crate::{
    board::{Connect, Connection},
    clock::SharedClock,
    config::{Host, TlsRules},
};

mod ecdsa;
mod fault;
mod proof;
mod sealed;
mod suite;
mod wire;

pub use fault::{Fault, NoTls};
pub use sealed::{Sealed, SealedReader, SealedWriter};

use proof::{LEAF, Proof, Provider, Stage, moment};
use suite::Suite;
use wire::{Incoming, Outgoing, Wire, done};

/// Bytes of a record that is sent, with what TLS adds: our certificate must find room, messages are cut.
const OUT: usize = 1536;
/// A record of any length.
pub const ANY_RECORD: usize = 5 + (1 << 14) + 256;

/// The memory of the connections of a [`Tls`]: a board has one, static. `RECORD`: bytes of the largest record that may
/// come, [`ANY_RECORD`] for all. A server sends larger ones than its messages where it sends many at once, as after a
/// ResendRequest(2); with less, it is asked to cut them to 4096 bytes or less, which not all do.
pub struct TlsMemory<const RECORD: usize> {
    incoming: RefCell<Incoming<[u8; RECORD]>>,
    outgoing: RefCell<Outgoing<[u8; OUT]>>,
    read: [u8; RECORD],
    write: [u8; OUT],
    leaf: Vec<u8, LEAF>,
}

impl<const RECORD: usize> TlsMemory<RECORD> {
    /// Empty memory.
    pub const fn new() -> Self {
        const { assert!(RECORD >= 1024, "a certificate needs some room") };
        TlsMemory {
            incoming: RefCell::new(Incoming::new()),
            outgoing: RefCell::new(Outgoing::new()),
            read: [0; RECORD],
            write: [0; OUT],
            leaf: Vec::new(),
        }
    }
}

impl<const RECORD: usize> Default for TlsMemory<RECORD> {
    fn default() -> Self {
        Self::new()
    }
}

/// Connections over TLS, one at a time.
pub struct Tls<'t, C, G, const RECORD: usize> {
    /// The connections under them.
    pub inner: C,
    /// Whom to trust: [`Gateway::tls`](crate::config::Gateway::tls).
    pub rules: TlsRules,
    /// Tells which certificates are valid now.
    pub clock: &'t SharedClock,
    /// Random numbers that nobody can guess: of a TRNG. Whoever guesses them reads the session.
    pub random: G,
    /// The key of our certificate, if the rules have one.
    pub key: Option<SigningKey>,
    /// Room for records.
    pub memory: &'t mut TlsMemory<RECORD>,
}

impl<C: Connect, G: CryptoRngCore, const RECORD: usize> Connect for Tls<'_, C, G, RECORD> {
    type Error = NoTls<C::Error>;
    type Connection<'c>
        = Sealed<'c, C::Connection<'c>>
    where
        Self: 'c;
    const IS_TLS: bool = true;

    fn is_up(&self) -> bool {
        self.inner.is_up()
    }

    async fn connect(&mut self, host: &Host) -> Result<Self::Connection<'_>, Self::Error> {
        let Tls { inner, rules, clock, random, key, memory } = self;
        let TlsMemory { incoming, outgoing, read, write, leaf } = &mut **memory;
        let name = if rules.server_name.is_empty() { host.name } else { rules.server_name };
        let now = clock.now(Instant::now()).and_then(|now| moment(now.utc.unix_seconds()));
        let now = now.ok_or(NoTls::Fault(Fault::NoUtc))?;
        let proof = Proof { roots: rules.roots, name, now, leaf, stage: Stage::Begun, fault: None };
        let mut provider = Provider { random, proof, certificate: rules.certificate, key: key.as_ref() };
        let wire = Wire { incoming, outgoing };
        wire.restart();
        let mut tls = TlsConnection::new(wire, read, write);
        let mut connection = inner.connect(host).await.map_err(NoTls::Connect)?;
        let shaken = shake_hands(&mut tls, &mut provider, wire, &mut connection, RECORD).await;
        match shaken {
            Ok(()) => Ok(Sealed::new(connection, tls, wire)),
            Err(fault) => {
                // The alert that says why, as far as there is one.
                connection.finish().await;
                Err(NoTls::Fault(fault))
            }
        }
    }

    async fn close(&mut self) {
        self.inner.close().await;
    }
}

/// The handshake. Given up early, the connection is of no use.
async fn shake_hands<'c, C: Connection, G: CryptoRngCore>(
    tls: &mut TlsConnection<'c, Wire<'c>, Suite>,
    provider: &mut Provider<'_, G>,
    wire: Wire<'_>,
    connection: &mut C,
    record: usize,
) -> Result<(), Fault> {
    let mut config = TlsConfig::new();
    let name = provider.proof.name;
    match ServerName::try_from(name) {
        // An address is not sent as a name (RFC 6066, 3).
        Ok(ServerName::DnsName(_)) => config = config.with_server_name(name),
        Ok(_) => {}
        Err(_) => return Err(Fault::BadName(name)),
    }
    if let Some(length) = fragment(record) {
        config = config.with_max_fragment_length(length);
    }
    let (mut reader, mut writer) = connection.split();
    let opened = {
        let mut opening = pin!(tls.open(TlsContext::new(&config, &mut *provider)));
        loop {
            match done(poll_once(opening.as_mut()), Fault::in_handshake) {
                Ok(Some(())) => break Ok(()),
                Ok(None) if wire.is_drained() => {
                    if !wire.fill(&mut reader).await? {
                        break Err(Fault::Closed);
                    }
                }
                Ok(None) => wire.drain(&mut writer).await?,
                Err(fault) => break Err(fault),
            }
        }
    };
    // What the proof says is wrong is nearer to the cause than what became of it.
    match (opened, provider.proof.fault.clone()) {
        (Err(_), Some(fault)) | (Err(fault), None) => return Err(fault),
        (Ok(()), _) => provider.proof.verified()?,
    }
    wire.drain(&mut writer).await?;
    wire.begin_session();
    Ok(())
}

/// What a server is asked to cut its records to, so that they find room.
fn fragment(record: usize) -> Option<MaxFragmentLength> {
    // What stands around it, and some padding.
    match record.saturating_sub(5 + 256) {
        0x4000.. => None,
        0x1000.. => Some(MaxFragmentLength::Bits12),
        0x800.. => Some(MaxFragmentLength::Bits11),
        0x400.. => Some(MaxFragmentLength::Bits10),
        _ => Some(MaxFragmentLength::Bits9),
    }
}
