//! What an order may ask for that this venue does not do. It is refused by name: an order that trades otherwise than it says is
//! worse than none. What says for whom, for which account or how a trade is settled changes nothing here, and is not looked at.

use fix_core::{
    dict::fix44::code::{OrdType, TimeInForce},
    tag::{self, Tag},
    time::UtcTimestamp,
    wire::field::Field,
};

use crate::exchange::say::TRADING_SESSION;

/// Values of ExecInst(18) that the venue does as it is, or that leave to it how it does: not held, work, held, do not increase,
/// do not reduce, OK to cross, restate on system failure, reinstate on trading halt, non-negotiable.
const EXEC_INST: [&[u8]; 9] = [b"1", b"2", b"5", b"B", b"E", b"F", b"H", b"J", b"N"];

/// What else an order says by which its fields are judged.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) ord_type: OrdType,
    pub(super) time_in_force: TimeInForce,
}

/// The first field of an order that asks for what is not done here: Text(58), which names it.
pub(super) fn unsupported<'a>(
    mut fields: impl Iterator<Item = Field<'a>>,
    kind: Kind,
    now: UtcTimestamp,
) -> Option<String> {
    fields.find_map(|field| objection(field, kind, now))
}

fn objection(Field { tag, value }: Field<'_>, kind: Kind, now: UtcTimestamp) -> Option<String> {
    const MARKET: OrdType = OrdType::MARKET;
    const LIMIT: OrdType = OrdType::LIMIT;
    const STOP: OrdType = OrdType::STOP;
    const LEFT_OVER_AS_LIMIT: OrdType = OrdType::MARKET_WITH_LEFT_OVER_AS_LIMIT;
    // Of an OrdType(40) that is not taken at all nothing else matters.
    let if_type = |types: &[OrdType], needs: &str| {
        types.contains(&kind.ord_type).then(|| format!("{tag} needs OrdType(40)={needs}"))
    };
    match tag {
        tag::EXEC_INST => exec_inst(value),
        tag::PRICE => if_type(&[MARKET, STOP, LEFT_OVER_AS_LIMIT], "2 or 4"),
        tag::STOP_PX => if_type(&[MARKET, LIMIT, LEFT_OVER_AS_LIMIT], "3 or 4"),
        tag::EXPIRE_TIME | tag::EXPIRE_DATE => (kind.time_in_force != TimeInForce::GOOD_TILL_DATE)
            .then(|| format!("{tag} needs TimeInForce(59)=6")),
        tag::EFFECTIVE_TIME => {
            let is_past = UtcTimestamp::parse(value).is_ok_and(|effective| effective <= now);
            (!is_past).then(|| format!("{tag} is to come: orders are effective at once here"))
        }
        tag::TRADING_SESSION_ID => {
            (value != TRADING_SESSION.as_bytes()).then(|| not_taken(tag, value, "DAY is"))
        }
        tag::FOREX_REQ => (value != b"N").then(|| not_taken(tag, value, "N is")),
        tag::QTY_TYPE => (value != b"0").then(|| not_taken(tag, value, "0 is")),
        tag::CASH_ORDER_QTY | tag::ORDER_PERCENT => {
            Some(format!("{tag} is not taken here: OrderQty(38) says how much"))
        }
        _ => is_never_done(tag).then(|| format!("{tag} is not taken here")),
    }
}

/// The first field of what a quote is asked for that makes it another thing than so much of one instrument: Text(58).
pub(super) fn not_quoted<'a>(mut fields: impl Iterator<Item = Field<'a>>) -> Option<String> {
    fields.find_map(|Field { tag, value }| match tag {
        tag::CASH_ORDER_QTY | tag::ORDER_PERCENT | tag::ORDER_QTY2 | tag::NO_LEGS => {
            Some(format!("{tag} is not quoted here"))
        }
        tag::QTY_TYPE => (value != b"0").then(|| not_taken(tag, value, "0 is")),
        _ => None,
    })
}

/// Second legs of swaps, pegged and discretionary prices, and strategies.
fn is_never_done(tag: Tag) -> bool {
    matches!(
        tag,
        tag::ORDER_QTY2
            | tag::PRICE2
            | tag::SETTL_DATE2
            | tag::PEG_OFFSET_VALUE
            | tag::PEG_MOVE_TYPE
            | tag::PEG_OFFSET_TYPE
            | tag::PEG_LIMIT_TYPE
            | tag::PEG_ROUND_DIRECTION
            | tag::PEG_SCOPE
            | tag::DISCRETION_INST
            | tag::DISCRETION_OFFSET_VALUE
            | tag::DISCRETION_MOVE_TYPE
            | tag::DISCRETION_OFFSET_TYPE
            | tag::DISCRETION_LIMIT_TYPE
            | tag::DISCRETION_ROUND_DIRECTION
            | tag::DISCRETION_SCOPE
            | tag::TARGET_STRATEGY
            | tag::TARGET_STRATEGY_PARAMETERS
            | tag::PARTICIPATION_RATE
    )
}

/// Values of ExecInst(18) stand beside each other, with a space between.
fn exec_inst(values: &[u8]) -> Option<String> {
    let mut values = values.split(|byte| *byte == b' ').filter(|value| !value.is_empty());
    let other = values.find(|value| !EXEC_INST.contains(value))?;
    Some(not_taken(tag::EXEC_INST, other, "1, 2, 5, B, E, F, H, J and N are"))
}

fn not_taken(tag: Tag, value: &[u8], taken: &str) -> String {
    format!("{tag}={} is not taken here; {taken}", String::from_utf8_lossy(value))
}
