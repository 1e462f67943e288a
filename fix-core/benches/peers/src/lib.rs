//! The same work done by fix-core and by its peers.
//!
//! Each [`Case`] is one message decoded, encoded or framed. [`runner`] gives the closure that does it once
//! with one [`Peer`] and returns a digest of the values read or of the bytes written: equal digests prove
//! equal work.

mod fix_codec_rs;
mod fixlite;
mod ours;
pub mod program;
#[cfg(quickfix)]
mod quickfix;
pub mod sample;
mod session;

/// What is done to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Find the message in a stream; BodyLength(9) and CheckSum(10) verified.
    Framing,
    /// NewOrderSingle, 193 bytes, 18 fields: verified, all fields walked, 7 read typed.
    DecodeOrder,
    /// ExecutionReport, 339 bytes, 30 fields: verified, all fields walked, 8 read typed.
    DecodeReport,
    /// MarketDataSnapshotFullRefresh, 2171 bytes, 50 entries: type, price and size of each read typed.
    DecodeSnapshot,
    /// The same NewOrderSingle decoded, its fields read by tag, and validated against the whole dictionary.
    ValidateOrder,
    /// The same for the ExecutionReport.
    ValidateReport,
    /// The snapshot with a Text(58) in each entry instead of the MDEntryID(278) that FIX 4.4 does not have there:
    /// decoded, two fields read by tag, and validated.
    ValidateSnapshot,
    /// The NewOrderSingle as [`DecodeOrder`](Case::DecodeOrder), 9 values read, the two times as seconds since 1970.
    ReadOrder,
    /// The ExecutionReport so, 9 values.
    ReadReport,
    /// The snapshot so: SendingTime(52) beside what [`DecodeSnapshot`](Case::DecodeSnapshot) reads.
    ReadSnapshot,
    /// The same NewOrderSingle from typed values.
    EncodeOrder,
    /// The same ExecutionReport from typed values.
    EncodeReport,
    /// The NewOrderSingle received in sequence by a session: framed, parsed, checked, delivered, counted.
    SessionReceive,
    /// Its part in the codec: framed and parsed.
    SessionParse,
    /// The NewOrderSingle sent by a session: encoded, stored, ready for the socket.
    SessionSend,
    /// Its part in the codec: encoded.
    SessionEncode,
    /// A limit order held against the limits of its session (quantity, notional, rate, open orders) and of its
    /// symbol (quantity, price band), and counted by both.
    PreTrade,
}

/// All cases and their names on the command line.
pub const CASES: &[(&str, Case)] = &[
    ("framing", Case::Framing),
    ("decode-order", Case::DecodeOrder),
    ("decode-report", Case::DecodeReport),
    ("decode-snapshot", Case::DecodeSnapshot),
    ("validate-order", Case::ValidateOrder),
    ("validate-report", Case::ValidateReport),
    ("validate-snapshot", Case::ValidateSnapshot),
    ("read-order", Case::ReadOrder),
    ("read-report", Case::ReadReport),
    ("read-snapshot", Case::ReadSnapshot),
    ("encode-order", Case::EncodeOrder),
    ("encode-report", Case::EncodeReport),
    ("session-receive", Case::SessionReceive),
    ("session-parse", Case::SessionParse),
    ("session-send", Case::SessionSend),
    ("session-encode", Case::SessionEncode),
    ("pre-trade", Case::PreTrade),
];

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// This project.
    FixCore,
    /// The crate `fixlite`: derived structs.
    Fixlite,
    /// The crate `fix-codec-rs`: an offset table.
    FixCodecRs,
    /// QuickFIX C++: a map of fields.
    QuickFix,
}

/// All peers and their names on the command line.
pub const PEERS: &[(&str, Peer)] = &[
    ("fix-core", Peer::FixCore),
    ("fixlite", Peer::Fixlite),
    ("fix-codec-rs", Peer::FixCodecRs),
    ("quickfix", Peer::QuickFix),
];

/// Does a case once and returns its digest.
pub type Runner = Box<dyn FnMut() -> u64>;

/// The closure for `case` by `peer`; `None` when the peer cannot do it or is not installed.
pub fn runner(case: Case, peer: Peer) -> Option<Runner> {
    match peer {
        Peer::FixCore => ours::runner(case).or_else(|| session::runner(case)),
        Peer::Fixlite => fixlite::runner(case),
        Peer::FixCodecRs => fix_codec_rs::runner(case),
        #[cfg(quickfix)]
        Peer::QuickFix => quickfix::runner(case),
        #[cfg(not(quickfix))]
        Peer::QuickFix => None,
    }
}

/// Folds one value into a digest, cheaply and the same way for all peers.
#[inline(always)]
pub fn fold(digest: u64, value: u64) -> u64 {
    digest.rotate_left(5) ^ value
}

/// Folds a text by its length and its first and last byte: cheap, so that the codec is what is measured.
#[inline(always)]
pub fn fold_text(digest: u64, text: &[u8]) -> u64 {
    let ends = text.first().zip(text.last()).map_or(0, |(a, b)| u64::from(*a) << 8 | u64::from(*b));
    fold(digest, (text.len() as u64) << 16 | ends)
}

/// The digest of an encoded message: its length and the digits of its CheckSum(10).
#[inline(always)]
pub(crate) fn fold_message(message: &[u8]) -> u64 {
    let mut digest = message.len() as u64;
    if let Some([.., a, b, c, _]) = message.last_chunk::<4>() {
        digest = fold(digest, u64::from(*a) << 16 | u64::from(*b) << 8 | u64::from(*c));
    }
    digest
}
