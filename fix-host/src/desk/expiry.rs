//! An order that would have ended before it is sent is not sent.

use fix_core::{
    tag,
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

use crate::contract::{fields::OrderField, order::OrderCommand};

/// A LocalMktDate is over everywhere 12 hours after it is over in UTC: so many seconds after it began there.
const DATE_IS_OVER: i64 = 36 * 3600;

/// Holds ExpireTime(126), or ExpireDate(432) among its further fields, against the clock.
///
/// # Errors
/// The order has ended already.
pub(super) fn check(command: &OrderCommand, more: &[OrderField], now: UtcTimestamp) -> Result<(), String> {
    let Some(order) = command.order() else { return Ok(()) };
    if let Some(end) = order.time_in_force.and_then(|time_in_force| time_in_force.expire_time())
        && end <= now
    {
        return Err(format!("expireTime: {} is in the past; not sent", text(end)));
    }
    let date = more.iter().find(|field| field.tag == tag::EXPIRE_DATE).and_then(OrderField::text);
    let Some(date) = date else { return Ok(()) };
    let over = now.unix_seconds().checked_sub(DATE_IS_OVER).filter(|seconds| *seconds >= 0);
    let over = over.map(|seconds| text(UtcTimestamp::from_unix(seconds, 0)));
    match over.as_deref().and_then(|over| over.get(..8)) {
        Some(over) if date.len() == over.len() && date <= over => {
            Err(format!("ExpireDate(432): {date} is in the past; not sent"))
        }
        _ => Ok(()),
    }
}

fn text(time: UtcTimestamp) -> String {
    let mut buffer = [0; UTC_TIMESTAMP_LEN];
    let len = time.format(&mut buffer);
    String::from_utf8_lossy(buffer.get(..len).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;
    use crate::contract::{
        fields::of_order,
        parse::{OrderRules, parse_order},
    };

    /// 2026-11-24T12:00:00Z.
    const NOW: UtcTimestamp = UtcTimestamp::from_unix(1_795_521_600, 0);

    fn checked(more: &str) -> Result<(), String> {
        let json = format!(
            r#"{{"clOrdID":"A1","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET","timeInForce":"GTD",{more}}}"#
        );
        let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), NOW).unwrap();
        let fields = &command.order().unwrap().fields;
        check(&command, &of_order(fields, command_type(&command), &DICTIONARY).unwrap(), NOW)
    }

    fn command_type(command: &OrderCommand) -> fix_core::msg::msg_type::MsgType {
        use fix_core::wire::writer::Encode;
        command.msg_type()
    }

    #[test]
    fn an_order_that_has_ended_is_not_sent() {
        assert_eq!(checked(r#""expireTime":"20261124-12:00:00.001""#), Ok(()));
        assert_eq!(
            checked(r#""expireTime":"2026-11-24T12:00:00Z""#),
            Err("expireTime: 20261124-12:00:00.000 is in the past; not sent".to_owned())
        );
        // The 23rd lasts until the 24th, 12:00 UTC, where the date changes last.
        assert_eq!(checked(r#""fields":{"ExpireDate":"20261124"}"#), Ok(()));
        let error = Err("ExpireDate(432): 20261123 is in the past; not sent".to_owned());
        assert_eq!(checked(r#""fields":{"ExpireDate":"20261123"}"#), error);
    }
}
