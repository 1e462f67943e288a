//! The log of the firmware: through defmt where a board has it. No byte of a message reaches it, so no secret does.

use fix_core::Event;

/// A decision of the session or a change of its state.
pub(crate) fn event(event: &Event<'_>) {
    #[cfg(feature = "defmt")]
    match event {
        Event::Inbound(bytes) => defmt::debug!("received a message of {=usize} bytes", bytes.len()),
        Event::Outbound(bytes) => defmt::debug!("sent a message of {=usize} bytes", bytes.len()),
        Event::Garbled { reason, bytes } => {
            defmt::warn!("garbled ({}): {=usize} bytes skipped", reason, bytes.len());
        }
        Event::State { from, to, trigger } => defmt::info!("{} -> {} ({})", from, to, trigger),
        Event::Decision { reason, msg_seq_num, expected } => {
            defmt::info!("{} 34={=u64} expected {=u64}", reason, msg_seq_num, expected);
        }
        Event::ResendAsked { begin, end, received } => {
            defmt::info!("ResendRequest {=u64} to {=u64}, received {=u64}", begin, end, received);
        }
        Event::Finding { finding, msg_type, msg_seq_num, rejected, .. } => {
            defmt::warn!(
                "message {=u64} of type {} rejected={=bool}: {}",
                msg_seq_num,
                msg_type,
                rejected,
                finding
            );
        }
        _ => {}
    }
    #[cfg(not(feature = "defmt"))]
    let _ = event;
}
