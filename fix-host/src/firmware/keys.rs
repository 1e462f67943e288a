//! Which keys of a session a board goes by, and which it has not.

use crate::config::{self, ConfigProblem, Effective, SessionSettings, Source, System};

/// Keys that a board goes by.
const TAKEN: &[&str] = &[
    "BeginString",
    "ConnectionType",
    "SenderCompID",
    "SenderSubID",
    "SenderLocationID",
    "TargetCompID",
    "TargetSubID",
    "TargetLocationID",
    "SocketConnectHost",
    "SocketConnectPort",
    "SocketConnectTimeout",
    "SocketSendTimeout",
    "ReconnectInterval",
    "HeartBtInt",
    "ResetOnLogon",
    "ResetOnLogout",
    "ResetOnDisconnect",
    "CheckLatency",
    "MaxLatency",
    "ResendOrderMaxAge",
    "MaxOrderQty",
    "MaxOrderNotional",
    "PriceBandPercent",
    "OrdersWithoutReferencePrice",
    "MaxOrdersPerSecond",
    "MaxOpenOrders",
    "StartTime",
    "EndTime",
    "StartDay",
    "EndDay",
    "Weekdays",
    "NonStopSession",
    "UseLocalTime",
    "TimeZone",
    "LogonTime",
    "LogoutTime",
    "LogonDay",
    "LogoutDay",
    "ResetSeqTime",
    "Username",
    "Password",
    "PasswordFile",
];

/// Keys of a host alone: where it keeps and shows things. Without them a board is the same session.
const OF_THE_HOST: &[&str] = &[
    "FileStorePath",
    "FileStoreSync",
    "FlightRecorder",
    "FlightRecorderSize",
    "FileLogPath",
    "FileLogBackupPath",
    "LogMaxSize",
    "LogMaxFiles",
    "FileLogHeartbeats",
    "FileIncludeMilliseconds",
    "FileIncludeTimeStampForMessages",
    "ScreenLogShowIncoming",
    "ScreenLogShowOutgoing",
    "ScreenLogShowEvents",
    "ScreenLogShowHeartBeats",
    "ScreenIncludeMilliseconds",
    "RedactFieldsInLogs",
    "RedactionLogText",
    "SocketNodelay",
    "SocketKeepAlive",
    "SocketSendBufferSize",
    "SocketReceiveBufferSize",
    "SessionQualifier",
    "DataDictionary",
];

/// What the engine of a host does by itself, and a board leaves to the program on its line: the key, and what that one does.
const OF_THE_LINE: &[(&str, &str)] = &[(
    "AskUnknownOrders",
    "a board asks for no order by itself: it says UNSURE on its line, and is asked there: STATUS 11=..",
)];

/// True if a key is of a host alone.
#[must_use]
pub fn is_of_the_host(key: &str) -> bool {
    OF_THE_HOST.contains(&key)
}

/// What a board makes of the keys that lines of the file set.
#[derive(Debug, Default)]
pub struct Judged {
    /// Keys that a board has not, though they say something else than it does: it would not be the session that its owner
    /// believes.
    pub refused: Vec<ConfigProblem>,
    /// Keys of the host that are left out, in the order of the file.
    pub left_out: Vec<String>,
    /// Keys that are in the hands of the program on the board's line, and what it does.
    pub of_the_line: Vec<(String, &'static str)>,
}

/// Looks at all keys of a session but those of TLS, see [`BoardTls`](super::BoardTls).
#[must_use]
pub fn judge(settings: &SessionSettings) -> Judged {
    let (mut judged, defaults) = (Judged::default(), defaults());
    for one in &settings.effective {
        let (Source::Session(origin) | Source::Default(origin)) = &one.source else { continue };
        let name = one.key.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_default = defaults.iter().any(|default| default.key == one.key && default.text == one.text);
        if OF_THE_HOST.contains(&name) {
            judged.left_out.push(one.key.clone());
        } else if let Some((_, what)) = OF_THE_LINE.iter().find(|(key, _)| *key == name && !is_default) {
            judged.of_the_line.push((one.key.clone(), what));
        } else if !TAKEN.contains(&name) && !config::is_of_tls(&one.key) && !is_default {
            let text = "a board has not this; leave it out of its .cfg, or at its default";
            let (origin, key) = (origin.clone(), Some(one.key.clone()));
            judged.refused.push(ConfigProblem { origin, key, text: text.to_owned() });
        }
    }
    for (key, line) in &settings.application {
        let text = "neither the engine nor a board knows this key".to_owned();
        judged.refused.push(ConfigProblem { origin: line.origin.clone(), key: Some(key.clone()), text });
    }
    judged
}

/// The values of an initiator's keys that no line sets.
fn defaults() -> Vec<Effective> {
    const LEAST: &[u8] =
        b"[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\n\
                           HeartBtInt=30\nSocketConnectHost=a\nSocketConnectPort=1\n";
    let parsed = config::parse_bytes("defaults", LEAST, &System).ok();
    parsed
        .and_then(|mut settings| settings.sessions.pop())
        .map(|session| session.effective)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(lines: &str) -> Judged {
        let text = format!(
            "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nHeartBtInt=30\n\
             SocketConnectHost=a\nSocketConnectPort=1\n{lines}"
        );
        let settings = config::parse_bytes("x.cfg", text.as_bytes(), &System).unwrap();
        judge(&settings.sessions[0])
    }

    #[test]
    fn what_a_board_has_not_is_refused_by_name_and_line() {
        let judged = judged("ResendRequestChunkSize=50\nLogonTag=1000=x\nMaxOrderQty.AAPL=5\nMyKey=1\n");
        let refused: Vec<String> = judged.refused.iter().map(ToString::to_string).collect();
        for start in [
            "x.cfg:9: ResendRequestChunkSize: a board has not this",
            "x.cfg:10: LogonTag: a board has not this",
            "x.cfg:11: MaxOrderQty.AAPL: a board has not this",
            "x.cfg:12: MyKey: neither",
        ] {
            assert!(refused.iter().any(|line| line.starts_with(start)), "{start}: {refused:?}");
        }
        assert_eq!(refused.len(), 4);
    }

    #[test]
    fn what_the_program_on_the_line_does_is_said_and_no_obstacle() {
        let keys = |lines| judged(lines).of_the_line.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys("AskUnknownOrders=Y\n"), ["AskUnknownOrders"]);
        assert_eq!(keys("AskUnknownOrders=N\n"), [""; 0]);
        assert!(judged("AskUnknownOrders=Y\n").refused.is_empty());
    }

    #[test]
    fn defaults_and_the_hosts_own_places_are_no_obstacle() {
        let judged = judged(
            "FileStorePath=/tmp\nPersistMessages=Y\nResetOnLogon=Y\nSocketConnectHost1=b\nSocketConnectPort1=2\n",
        );
        assert_eq!((judged.refused, judged.left_out), (Vec::new(), vec!["FileStorePath".to_owned()]));
    }
}
