//! Limits that orders must keep to.

use std::collections::BTreeMap;

use fix_core::{
    decimal::Decimal,
    pre_trade::{BasisPoints, Limits, WithoutPrice},
};

use crate::config::{reader::Reader, value::FromValue};

/// The limits of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreTradeSettings {
    /// `MaxOrderQty` and so on.
    pub limits: Limits,
    /// `MaxOrderQty.AAPL` and so on, by symbol: what its keys say and nothing else.
    pub by_symbol: BTreeMap<String, Limits>,
}

impl PreTradeSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let refuses = reader.value::<String>("OrdersWithoutReferencePrice") != "pass";
        let without_price = if refuses { WithoutPrice::Refuse } else { WithoutPrice::Pass };
        let mut by_symbol = BTreeMap::<String, Limits>::new();
        let mut read = Keys { reader, by_symbol: &mut by_symbol };
        let limits = Limits {
            max_order_qty: read.limit::<Decimal>("MaxOrderQty", |limits| &mut limits.max_order_qty),
            max_notional: read.limit::<Decimal>("MaxOrderNotional", |limits| &mut limits.max_notional),
            price_band: read.limit::<BasisPoints>("PriceBandPercent", |limits| &mut limits.price_band),
            max_orders_per_second: read
                .limit::<u32>("MaxOrdersPerSecond", |limits| &mut limits.max_orders_per_second),
            max_open_orders: read.limit::<u32>("MaxOpenOrders", |limits| &mut limits.max_open_orders),
            without_price,
        };
        by_symbol.values_mut().for_each(|limits| limits.without_price = without_price);
        PreTradeSettings { limits, by_symbol }
    }

    /// Whether a price is limited, be it only that of one symbol.
    pub(super) fn has_price_band(&self) -> bool {
        std::iter::once(&self.limits).chain(self.by_symbol.values()).any(|limits| limits.price_band.is_some())
    }
}

struct Keys<'r, 'a> {
    reader: &'r mut Reader<'a>,
    by_symbol: &'r mut BTreeMap<String, Limits>,
}

impl Keys<'_, '_> {
    /// The limit of the session; those of symbols are put in their place.
    fn limit<T: FromValue>(&mut self, key: &str, place: impl Fn(&mut Limits) -> &mut Option<T>) -> Option<T> {
        for (symbol, limit) in self.reader.by_symbol(key) {
            *place(self.by_symbol.entry(symbol).or_default()) = Some(limit);
        }
        self.reader.get(key)
    }
}
