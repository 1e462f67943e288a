//! The messages, written here once with `|` for SOH.

/// NewOrderSingle: 193 bytes, 18 fields.
pub fn order() -> Vec<u8> {
    message(
        "35=D|49=BUYSIDE|56=EXCHANGE|34=1234567|52=20261124-12:30:45.123|11=ORDER-12345|1=ACCOUNT-77|\
         21=1|55=EUR/USD|54=1|60=20261124-12:30:45.122|38=1500000|40=2|44=1.09375|59=0|",
        193,
        18,
    )
}

/// ExecutionReport: 339 bytes, 30 fields.
pub fn report() -> Vec<u8> {
    message(
        "35=8|49=EXCHANGE|56=BUYSIDE|34=7654321|52=20261124-12:30:45.126|57=DESK-1|37=EXCH-ORD-0000098765|\
         11=ORDER-12345|17=EXEC-000087654|150=F|39=1|1=ACCOUNT-77|55=EUR/USD|54=1|38=1500000|40=2|\
         44=1.09375|59=0|32=500000|31=1.09371|30=XLON|151=1000000|14=500000|6=1.09371|75=20261124|\
         60=20261124-12:30:45.125|58=partial fill|",
        339,
        30,
    )
}

/// MarketDataSnapshotFullRefresh: 2171 bytes, 50 entries of 4 fields.
pub fn snapshot() -> Vec<u8> {
    snapshot_with(278, 2171)
}

/// The same, valid by the FIX 4.4 dictionary.
pub fn valid_snapshot() -> Vec<u8> {
    snapshot_with(58, 2121)
}

fn snapshot_with(last_tag: u32, bytes: usize) -> Vec<u8> {
    let mut body = String::from(
        "35=W|49=EXCHANGE|56=BUYSIDE|34=424242|52=20261124-12:30:45.126|262=MD-REQ-0042|55=EUR/USD|268=50|",
    );
    for entry in 0..50 {
        let (side, level) = (entry % 2, entry / 2);
        let price = if side == 0 { 109_370 - level } else { 109_380 + level };
        let size = 1_000_000 + level * 10_000;
        body.push_str(&format!(
            "269={side}|270=1.{:05}|271={size}|{last_tag}=L{:05}|",
            price - 100_000,
            level
        ));
    }
    message(&body, bytes, 211)
}

/// ExecutionReport of 1579 bytes, 20 parties with 2 sub-parties each.
pub fn parties() -> Vec<u8> {
    let mut body = String::from(
        "35=8|49=EXCHANGE|56=BUYSIDE|34=424242|52=20261124-12:30:45.126|37=O1|17=E1|150=0|39=0|55=EUR/USD|54=1|151=1|14=0|6=0|453=20|",
    );
    for party in 0..20 {
        body.push_str(&format!("448=PARTY-{party:02}|447=D|452={}|802=2|", party % 30 + 1));
        for sub in 0..2 {
            body.push_str(&format!("523=DESK-{party:02}-{sub}|803={}|", sub + 1));
        }
    }
    message(&body, 1579, 178)
}

fn message(body: &str, bytes: usize, fields: usize) -> Vec<u8> {
    let mut message = format!("8=FIX.4.4|9={}|{body}", body.len()).replace('|', "\x01");
    let sum = message.bytes().fold(0u8, u8::wrapping_add);
    message.push_str(&format!("10={sum:03}\x01"));
    assert_eq!((message.len(), message.matches('\x01').count()), (bytes, fields), "{message}");
    message.into_bytes()
}
