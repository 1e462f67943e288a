//! Messages written and read without a session: `cargo run -p fix-core --example codec`

use std::error::Error;

use fix_core::{
    Decimal, Deframer, Message, MsgType,
    dict::fix44::{code, group},
    msg::typed::MarketDataSnapshotFullRefresh,
    tag,
    wire::writer::MessageWriter,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut wire = [0; 1024];
    let written = snapshot(&mut wire)?;
    println!("{}", String::from_utf8_lossy(&wire[..written]).replace('\x01', "|"));

    // Bytes as they may come from a socket, in any pieces.
    let mut deframer = Deframer::new([0; 4096]);
    for piece in wire[..written].chunks(7) {
        deframer.space()[..piece.len()].copy_from_slice(piece);
        deframer.received(piece.len());
        while let Some(frame) = deframer.next_frame() {
            read(&Message::parse(frame?)?)?;
        }
    }
    Ok(())
}

/// Writes a message field by field: BodyLength(9) and CheckSum(10) come by themselves.
fn snapshot(buffer: &mut [u8]) -> Result<usize, Box<dyn Error>> {
    let mut message = MessageWriter::new(buffer, b"FIX.4.4", MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH);
    let fields = message.writer();
    fields
        .field(tag::SENDER_COMP_ID, "VENUE")
        .field(tag::TARGET_COMP_ID, "DESK")
        .field(tag::MSG_SEQ_NUM, 2u32);
    fields.field(tag::SENDING_TIME, "20261128-09:30:00.000").field(tag::SYMBOL, "AAPL");
    fields.field(tag::NO_MD_ENTRIES, 2u32);
    for (side, price) in [(code::MdEntryType::BID, "101.24"), (code::MdEntryType::OFFER, "101.26")] {
        let price: Decimal = price.parse()?;
        fields
            .field(tag::MD_ENTRY_TYPE, side)
            .field(tag::MD_ENTRY_PX, price)
            .field(tag::MD_ENTRY_SIZE, 500u32);
    }
    Ok(message.finish()?)
}

/// Reads a message in three ways: a field by its tag, a group entry by entry, all of it as a struct.
fn read(message: &Message<'_>) -> Result<(), Box<dyn Error>> {
    let symbol: &str = message.required(tag::SYMBOL)?;
    println!("{symbol}: MsgType {}", message.msg_type());
    for entry in message.group(&group::MD_FULL_GRP) {
        println!("  {}", entry.required::<Decimal>(tag::MD_ENTRY_PX)?);
    }
    let snapshot = MarketDataSnapshotFullRefresh::try_from(message)?;
    println!("  {} entries", snapshot.md_entries.iter().count());
    Ok(())
}
