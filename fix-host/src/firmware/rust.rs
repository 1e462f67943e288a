//! The source of a board's configuration.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use fix_core::{
    decimal::Decimal,
    pre_trade::WithoutPrice,
    session::schedule::{Transition, Window},
    time::UtcTimestamp,
};

use super::{board::BoardSettings, tls::BoardTls};
use crate::{
    config::{HostPort, InitiatorSettings, Role, SessionSettings},
    net::schedule,
};

/// Characters of the longest name of a host: as in `fix_embedded::dns`.
const LONGEST_NAME: usize = 110;

/// What a board cannot hold: the key, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct RustError {
    /// The key that it is about.
    pub key: &'static str,
    /// Why, and what to do.
    pub text: String,
}

impl RustError {
    fn new(key: &'static str, text: impl Into<String>) -> Self {
        RustError { key, text: text.into() }
    }
}

impl fmt::Display for RustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}

impl std::error::Error for RustError {}

/// A file of Rust with `pub const GATEWAY: Gateway`, whose schedule begins at `now`; `file` is named in its first line.
/// Which keys a board has not says [`judge`](super::judge).
///
/// # Errors
/// [`RustError`] names the first key whose value a board cannot hold.
pub fn source(
    file: &str,
    settings: &SessionSettings,
    board: &BoardSettings,
    tls: Option<&BoardTls>,
    now: UtcTimestamp,
) -> Result<String, RustError> {
    let Role::Initiator(initiator) = &settings.role else {
        return Err(RustError::new("ConnectionType", "a board is an initiator"));
    };
    leaves_time(initiator.heart_bt_int, board.erase_stall_millis)?;
    let moments = schedule::table(&settings.schedule, now, board.years)
        .ok_or_else(|| RustError::new("StartTime", "the schedule cannot be worked out for so many years"))?;
    let mut out = head(file, &moments);
    out.push_str(&tls.map(BoardTls::consts).unwrap_or_default());
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "/// What the gateway is told.\npub const GATEWAY: Gateway = Gateway {{\n{}",
        identity(settings)?
    );
    out.push_str(&session(settings, initiator)?);
    out.push_str(&limits(settings)?);
    out.push_str(&of_the_board(board));
    out.push_str(&tls.map(BoardTls::of_gateway).unwrap_or_default());
    out.push_str("    schedule: Table(SCHEDULE),\n    ..Gateway::DEFAULT\n};\n");
    Ok(out)
}

/// As the board itself refuses it: a sector must be erased between two Heartbeats, with half of its time to spare.
fn leaves_time(heart_bt_int: Duration, stall_millis: u32) -> Result<(), RustError> {
    let (beat, stall) = (heart_bt_int.as_millis(), u128::from(stall_millis));
    if beat == 0 || stall == 0 || stall * 3 / 2 < beat {
        return Ok(());
    }
    Err(RustError::new(
        "HeartBtInt",
        format!(
            "{} s is not above 1.5 times the {stall} ms that erasing a sector stalls the board: agree on a longer one, or \
             say with --erase-stall how long it takes",
            heart_bt_int.as_secs()
        ),
    ))
}

/// The first lines, and the schedule in packed moments.
fn head(file: &str, moments: &[Transition]) -> String {
    let file: String = file.chars().filter(|c| !c.is_control()).collect();
    let mut out = format!(
        "// Made of {file} by fix-host firmware-config; not to be edited. Passwords and private keys are not in it: see --provision.\n\
         #[allow(unused_imports, reason = \"which of them are used depends on the configuration\")]\n\
         use fix_embedded::{{\n    config::{{Addressing, BackOff, Cancels, DeadMan, FlashRules, Gateway, Host, TimeRules, TlsRules}},\n    \
         schedule::Table,\n}};\n\
         #[allow(unused_imports, reason = \"which of them are used depends on the configuration\")]\nuse fix_core::{{\n    decimal::Decimal,\n    \
         pre_trade::{{BasisPoints, Limits, WithoutPrice}},\n}};\n\n"
    );
    let Some(last) = moments.last() else {
        out.push_str("/// No moments: the session is always up.\nconst SCHEDULE: &[u32] = &[];\n\n");
        return out;
    };
    let _ = writeln!(
        out,
        "/// UTC moments up to {}: the board needs a new table by then. Each is its seconds since 2020 times four, and what begins\n\
         /// then: 0 closed, 1 open with numbers from 1, 2 open with those of before.",
        day(last.at)
    );
    let _ = writeln!(out, "const SCHEDULE: &[u32] = &[");
    for line in moments.chunks(8) {
        let packed: Vec<String> = line.iter().filter_map(pack).map(|packed| packed.to_string()).collect();
        let _ = writeln!(out, "    {},", packed.join(", "));
    }
    out.push_str("];\n\n");
    out
}

fn day(at: i64) -> String {
    let mut text = [0; fix_core::time::UTC_TIMESTAMP_LEN];
    UtcTimestamp::from_unix(at, 0).format(&mut text);
    String::from_utf8_lossy(&text[..8]).into_owned()
}

/// As `fix_embedded::schedule::pack`: seconds since 2020 in the upper 30 bits, what begins then in the lower two.
fn pack(moment: &Transition) -> Option<u32> {
    const ORIGIN: i64 = 1_577_836_800;
    let seconds = u32::try_from(moment.at - ORIGIN).ok().filter(|seconds| *seconds < 1 << 30)?;
    let window = match moment.to {
        Window::Closed => 0,
        Window::OpenNew => 1,
        Window::OpenContinued => 2,
    };
    Some(seconds << 2 | window)
}

fn identity(settings: &SessionSettings) -> Result<String, RustError> {
    let identity = &settings.identity;
    if identity.begin_string != "FIX.4.4" {
        return Err(RustError::new("BeginString", "a board speaks FIX.4.4"));
    }
    let mut out = String::new();
    let parts = [
        ("sender_comp_id", "SenderCompID", Some(&identity.sender_comp_id)),
        ("sender_sub_id", "SenderSubID", identity.sender_sub_id.as_ref()),
        ("sender_location_id", "SenderLocationID", identity.sender_location_id.as_ref()),
        ("target_comp_id", "TargetCompID", Some(&identity.target_comp_id)),
        ("target_sub_id", "TargetSubID", identity.target_sub_id.as_ref()),
        ("target_location_id", "TargetLocationID", identity.target_location_id.as_ref()),
    ];
    for (field, key, value) in parts {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        if value.len() > 64 {
            return Err(RustError::new(key, "is longer than 64 bytes, which a board does not hold"));
        }
        // Rust's own escapes: what stands in a file cannot leave its string.
        let _ = writeln!(out, "    {field}: {value:?},");
    }
    Ok(out)
}

fn session(settings: &SessionSettings, initiator: &InitiatorSettings) -> Result<String, RustError> {
    let (timing, recovery) = (&settings.timing, &settings.recovery);
    let mut out = String::new();
    let _ = writeln!(out, "    heart_bt_int: {},", seconds("HeartBtInt", initiator.heart_bt_int)?);
    let _ = writeln!(out, "    reset_on_logon: {},", recovery.reset_on_logon);
    let _ = writeln!(out, "    reset_on_logout: {},", recovery.reset_on_logout);
    let _ = writeln!(out, "    reset_on_disconnect: {},", recovery.reset_on_disconnect);
    let latency = optional_seconds("MaxLatency", timing.max_latency)?;
    let _ = writeln!(out, "    max_latency_seconds: {latency},");
    let age = optional_seconds("ResendOrderMaxAge", recovery.resend_order_max_age)?;
    let _ = writeln!(out, "    resend_order_max_age_seconds: {age},");
    let _ = writeln!(out, "    hosts: &[{}],", hosts("SocketConnectHost", &initiator.hosts)?);
    let waits = &initiator.reconnect_intervals;
    let first = millis("ReconnectInterval", waits.first().copied().unwrap_or(Duration::from_secs(1)))?;
    let most = millis("ReconnectInterval", waits.iter().max().copied().unwrap_or(Duration::from_secs(60)))?;
    let connect = millis("SocketConnectTimeout", initiator.socket_connect_timeout)?;
    let _ = writeln!(
        out,
        "    back_off: BackOff {{ first_millis: {first}, most_millis: {most}, connect_millis: {connect}, \
         ..BackOff::DEFAULT }},"
    );
    let send = match settings.socket.socket_send_timeout {
        None => 0,
        Some(timeout) => millis("SocketSendTimeout", timeout)?,
    };
    let _ = writeln!(out, "    send_timeout_millis: {send},");
    Ok(out)
}

fn seconds(key: &'static str, duration: Duration) -> Result<u16, RustError> {
    let whole = duration.subsec_nanos() == 0;
    u16::try_from(duration.as_secs())
        .ok()
        .filter(|_| whole)
        .ok_or_else(|| RustError::new(key, "a board takes whole seconds, at most 65535"))
}

fn optional_seconds(key: &'static str, duration: Option<Duration>) -> Result<String, RustError> {
    Ok(match duration {
        None => "None".to_owned(),
        Some(duration) => format!("Some({})", seconds(key, duration)?),
    })
}

fn millis(key: &'static str, duration: Duration) -> Result<u32, RustError> {
    u32::try_from(duration.as_millis()).map_err(|_| RustError::new(key, "is longer than a board can wait"))
}

fn hosts(key: &'static str, hosts: &[HostPort]) -> Result<String, RustError> {
    let mut out = Vec::new();
    for HostPort { host, port } in hosts {
        if host.contains(':') {
            return Err(RustError::new(key, "is an IPv6 address; a board has IPv4"));
        }
        if host.len() > LONGEST_NAME {
            let text = format!("has more than {LONGEST_NAME} characters, the most that a board asks DNS for");
            return Err(RustError::new(key, text));
        }
        out.push(format!("Host {{ name: {host:?}, port: {port} }}"));
    }
    Ok(out.join(", "))
}

fn limits(settings: &SessionSettings) -> Result<String, RustError> {
    if let Some(symbol) = settings.pre_trade.by_symbol.keys().next() {
        let text = format!("a board has limits of the session, none of a symbol ({symbol})");
        return Err(RustError::new("MaxOrderQty", text));
    }
    let limits = &settings.pre_trade.limits;
    let decimal = |number: Option<Decimal>| match number {
        None => "None".to_owned(),
        Some(number) => format!("Some(Decimal::new({}, {}))", number.mantissa(), number.scale()),
    };
    let without_price = match limits.without_price {
        WithoutPrice::Refuse => "Refuse",
        WithoutPrice::Pass => "Pass",
    };
    let band = limits.price_band.map_or("None".to_owned(), |band| format!("Some(BasisPoints({}))", band.0));
    Ok(format!(
        "    limits: Limits {{\n        max_order_qty: {},\n        max_notional: {},\n        price_band: {band},\n        \
         without_price: WithoutPrice::{without_price},\n        max_orders_per_second: {:?},\n        \
         max_open_orders: {:?},\n    }},\n",
        decimal(limits.max_order_qty),
        decimal(limits.max_notional),
        limits.max_orders_per_second,
        limits.max_open_orders,
    ))
}

fn of_the_board(board: &BoardSettings) -> String {
    let mut out = String::new();
    let octets = |address: std::net::Ipv4Addr| format!("{:?}", address.octets());
    match board.net.address {
        None => out.push_str("    addressing: Addressing::Dhcp,\n"),
        Some(own) => {
            let gateway = board.net.gateway.map_or("None".to_owned(), |at| format!("Some({})", octets(at)));
            let dns: Vec<String> = board.net.dns.iter().map(|at| octets(*at)).collect();
            let _ = writeln!(
                out,
                "    addressing: Addressing::Static {{ address: {}, prefix_len: {}, gateway: {gateway}, dns: &[{}] }},",
                octets(own.address),
                own.prefix_len,
                dns.join(", ")
            );
        }
    }
    if let Some(rule) = board.dead_man {
        let _ = writeln!(
            out,
            "    dead_man: DeadMan {{ silent_seconds: {}, cancels: Cancels::{:?} }},",
            rule.silent_seconds, rule.cancels
        );
    } else {
        out.push_str("    dead_man: DeadMan::OFF,\n");
    }
    let _ = writeln!(out, "    kill: Cancels::{:?},", board.kill);
    let servers: Vec<String> = board
        .time_servers
        .iter()
        .map(|HostPort { host, port }| format!("Host {{ name: {host:?}, port: {port} }}"))
        .collect();
    let _ =
        writeln!(out, "    time: TimeRules {{ servers: &[{}], ..TimeRules::DEFAULT }},", servers.join(", "));
    let stall = board.erase_stall_millis;
    let _ = writeln!(out, "    flash: FlashRules {{ erase_stall_millis: {stall}, ..FlashRules::DEFAULT }},");
    out
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{
        config::{System, parse_bytes},
        firmware::{Cancels, DeadMan, Net},
    };

    const CFG: &str = "[DEFAULT]\nConnectionType=initiator\nReconnectInterval=2;30\n[SESSION]\nBeginString=FIX.4.4\n\
        SenderCompID=DESK\nSenderSubID=a\"b\\\nTargetCompID=VENUE\nHeartBtInt=20\nSocketConnectHost=fix.example.com\n\
        SocketConnectPort=9876\nSocketConnectHost1=10.0.0.7\nSocketConnectPort1=9877\nResetOnLogon=Y\nMaxOrderQty=1000\n\
        SocketSendTimeout=5000\nMaxOrderNotional=250000.50\nPriceBandPercent=2.5\nOrdersWithoutReferencePrice=pass\nMaxOpenOrders=20\n\
        TimeZone=America/New_York\nStartDay=Sunday\nStartTime=17:00:00\nEndDay=Friday\nEndTime=16:30:00\n\
        Username=joe\nPassword=hunter2\n";

    fn made(cfg: &str, board: &BoardSettings) -> Result<String, RustError> {
        let settings = parse_bytes("desk.cfg", cfg.as_bytes(), &System).unwrap();
        let now = UtcTimestamp::parse(b"20261129-00:00:00").unwrap();
        source("desk.cfg", &settings.sessions[0], board, Some(&BoardTls::example()), now)
    }

    fn board() -> BoardSettings {
        BoardSettings {
            net: Net {
                address: Some("192.168.1.20/24".parse().unwrap()),
                gateway: Some([192, 168, 1, 1].into()),
                dns: vec![[192, 168, 1, 1].into()],
            },
            dead_man: Some(DeadMan { silent_seconds: 30, cancels: Cancels::Each }),
            kill: Cancels::Mass,
            time_servers: vec![HostPort { host: "pool.ntp.org".to_owned(), port: 123 }],
            erase_stall_millis: 2000,
            years: 2,
        }
    }

    /// The firmware's tests compile the same file, and look at what stands in it. `WRITE_PAGES=1` writes it.
    #[test]
    fn the_file_is_the_one_that_the_firmware_compiles() {
        let path =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fix-embedded/tests/golden/gateway.rs"));
        let text = made(CFG, &board()).unwrap();
        if std::env::var_os("WRITE_PAGES").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(path).unwrap());
        assert!(!text.contains("hunter2") && !text.contains("joe"), "secrets are provisioned");
    }

    #[test]
    fn what_a_board_cannot_hold_is_refused_by_its_key() {
        let refusal =
            |cfg: String| made(&cfg, &BoardSettings { years: 1, ..BoardSettings::default() }).unwrap_err();
        let replaced = |from: &str, to: &str| refusal(CFG.replace(from, to)).key;
        assert_eq!(replaced("fix.example.com", "::1"), "SocketConnectHost");
        assert_eq!(replaced("fix.example.com", &"a.".repeat(56)), "SocketConnectHost");
        let long = format!("SenderCompID={}", "x".repeat(65));
        assert_eq!(replaced("SenderCompID=DESK", &long), "SenderCompID");
        assert_eq!(replaced("HeartBtInt=20", "HeartBtInt=70000"), "HeartBtInt");
        let text = made(&CFG.replace("HeartBtInt=20", "HeartBtInt=3"), &board()).unwrap_err().to_string();
        assert!(text.starts_with("HeartBtInt: 3 s is not above 1.5 times the 2000 ms"), "{text}");
    }
}
