//! UTC from a time server that answers, falls silent, comes back and lies.

use std::time::Duration;

use crate::common::played::Played;
use fix_core::UtcTimestamp;
use runner::{counterparty::field, process::wait_for, time_server::TimeServer};

/// Seconds that the session may go on without an answer.
const HOLDOVER: u64 = 4;

/// How far SendingTime(52) is from the time of this machine, in seconds, about.
fn off(message: &str) -> Result<u64, String> {
    let text = field(message, "52").ok_or_else(|| format!("no SendingTime(52): {message}"))?;
    let sent = UtcTimestamp::parse(text.as_bytes()).map_err(|error| format!("{text}: {error:?}"))?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(now.as_secs().abs_diff(sent.unix_seconds().unsigned_abs()))
}

/// So many more answers of the server.
fn answers(server: &TimeServer, count: u32) -> Result<(), String> {
    let before = server.answers();
    wait_for("the time server's answers", Duration::from_secs(60), || {
        (server.answers() >= before + count).then_some(())
    })
}

#[test]
fn without_time_there_is_no_session_and_a_lie_is_not_believed() -> Result<(), String> {
    let server = TimeServer::start()?;
    server.set_silent(true);
    let mut played = Played::switch_on(|run| {
        run.with("ntp", server.port).with("every", 1).with("holdover", HOLDOVER).with("wait", 50)
    })?;
    // No Logon before UTC is known.
    played.answers(" BOOT ", 1)?;
    played.orders.send("STATUS")?;
    played.answers("no time", 1)?;
    assert!(played.counterparty.log_on(2).is_err());
    server.set_silent(false);
    let logon = played.counterparty.log_on(60)?;
    assert!(off(&logon)? <= 1, "{logon}");
    // Each answer is another step: none is believed, and the time goes on as it was.
    answers(&server, 2)?;
    server.set_lie(900_000);
    answers(&server, 2)?;
    played.counterparty.send("1", "112=LIED|")?;
    let heartbeat = played.counterparty.wait("|112=LIED|", 60)?;
    assert!(off(&heartbeat)? <= 1, "{heartbeat}");
    // And what is not believed is no answer: the session ends as if there were none.
    let logout = played.counterparty.wait("|35=5|", 60)?;
    assert!(logout.contains("|58=the time is not known well enough|") && off(&logout)? <= 1, "{logout}");
    played.counterparty.answer(&logout)?;
    played.answers("SESSION 58=down", 1)?;
    server.set_lie(0);
    played.counterparty.log_on(60)?;
    // The server falls silent: the session lives for the holdover, and comes back with the server.
    server.set_silent(true);
    played.counterparty.send("1", "112=HOLDS|")?;
    played.counterparty.wait("|112=HOLDS|", 60)?;
    let logout = played.counterparty.wait("|35=5|", 60)?;
    assert!(logout.contains("|58=the time is not known well enough|"), "{logout}");
    played.counterparty.answer(&logout)?;
    played.answers("SESSION 58=down", 2)?;
    played.orders.send("NEW 11=LATE 55=10Y 54=1 38=100 40=1")?;
    played.answers(" NO 11=LATE ", 1)?;
    server.set_silent(false);
    played.counterparty.log_on(60)?;
    played.order("AGAIN")?;
    played.ends_well("a time server that is lost")
}
