//! Who sent a message, and when: what a session goes by whatever its state.

use super::config::SessionConfig;
use crate::{
    msg::message::Message,
    time::{Now, Precision, UtcTimestamp},
};

/// What is wrong with a SendingTime(52).
pub(super) enum TimeFault {
    Missing,
    Malformed,
    Off,
    /// Not there to be compared, and not asked for.
    Unchecked,
}

/// Between seconds of the wire and a finer clock of ours only whole seconds are compared.
pub(super) fn check_sending_time(
    config: &SessionConfig,
    now: Now,
    message: &Message<'_>,
) -> Result<(), TimeFault> {
    let Some(max_latency) = config.max_latency else { return Err(TimeFault::Unchecked) };
    let text = message.header().sending_time.ok_or(TimeFault::Missing)?;
    let sent = UtcTimestamp::parse(text).map_err(|_| TimeFault::Malformed)?;
    let ours = match sent.precision() {
        Precision::Seconds => UtcTimestamp::from_unix(now.utc.unix_seconds(), 0),
        _ => now.utc,
    };
    if sent.abs_diff(ours) > max_latency { Err(TimeFault::Off) } else { Ok(()) }
}

/// True if BeginString and CompIDs are those of the session, the other way round.
pub(super) fn is_from_counterparty(config: &SessionConfig, message: &Message<'_>) -> bool {
    let (id, header) = (&config.id, message.header());
    if message.frame().begin_string() != id.begin_string.as_bytes() {
        return false;
    }
    !config.check_comp_id
        || header.sender_comp_id == Some(id.target_comp_id.as_bytes())
            && header.target_comp_id == Some(id.sender_comp_id.as_bytes())
}
