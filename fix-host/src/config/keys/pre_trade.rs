//! Limits that orders must keep to before they get a MsgSeqNum(34).

use crate::config::key::{Key, honour};
use crate::config::value::Kind::{Choice, Integer, Percent, Positive};

pub(super) const KEYS: &[Key] = &[
    honour(
        "MaxOrderQty",
        "own",
        Positive,
        "The largest OrderQty(38). An order or replacement beyond a limit is not sent: one rejected report names limit \
         and value. Each session has its own limits; those of a symbol stand in place of the session's.",
    )
    .per_symbol(),
    honour(
        "MaxOrderNotional",
        "own",
        Positive,
        "The largest Price(44) times OrderQty(38), without multipliers of contracts; an order without a price counts \
         with the last price, see `PriceBandPercent`.",
    )
    .example("5000000")
    .per_symbol(),
    honour(
        "PriceBandPercent",
        "own",
        Percent,
        "How far Price(44) may be from the counterparty's last price (`MarketData=subscribe`: its last trade or the \
         middle of its bid and ask, whichever is newer) or else that of the last fill of the symbol on this session, either way. A price of the simulator \
         is never looked at.",
    )
    .per_symbol(),
    honour(
        "OrdersWithoutReferencePrice",
        "own",
        Choice(&["refuse", "pass"]),
        "What becomes of an order when `PriceBandPercent`, or `MaxOrderNotional` of an order without a price, needs \
         a last price and there was none.",
    )
    .default("refuse"),
    honour(
        "MaxOrdersPerSecond",
        "own",
        Integer(1, 1_000_000),
        "Orders and replacements in any second. A limit of a symbol holds beside that of the session.",
    )
    .example("100")
    .per_symbol(),
    honour(
        "MaxOpenOrders",
        "own",
        Integer(0, 65_536),
        "Orders that may be working at one time: sent, and no report of the counterparty's says that they ended. A \
         limit of a symbol holds beside that of the session.",
    )
    .example("200")
    .per_symbol(),
];
