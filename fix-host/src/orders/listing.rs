//! The orders as they are listed, under every ClOrdID(11) that each had: what was asked for, and what was last said of it.

use std::sync::Arc;

use fix_core::decimal::Decimal;
use serde_json::{Map, Value};

use super::{Order, Orders};
use crate::contract::{number, order::OrderCommand};

/// Which orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that are known.
    All,
    /// Those that can still trade, as far as is known.
    Working,
    /// The others.
    Done,
}

impl Order {
    /// As JSON, in the keys of orders and reports.
    fn to_json(&self, cl_ord_id: &str) -> Map<String, Value> {
        let mut row = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| row.extend(value.map(|value| (key.to_owned(), value)));
        let number = |value: Option<Decimal>| value.map(|value| Value::Number(number::json(value)));
        let (command, last) = (self.command.as_deref(), &self.last);
        let order = command.and_then(OrderCommand::order);
        put("clOrdID", Some(cl_ord_id.into()));
        put("time", order.map(|order| Value::Number(number::unix_seconds(order.transact_time))));
        put("origClOrdID", command.and_then(OrderCommand::orig_cl_ord_id).map(Value::from));
        put("session", Some((*self.session).into()));
        put("symbol", command.map(|command| command.symbol().into()));
        put("side", command.map(|command| command.side().name().into()));
        put("qty", number(last.qty.or(order.map(|order| order.qty))));
        put("cumQty", number(last.cum_qty));
        put("leavesQty", number(last.leaves_qty));
        put("ordType", order.map(|order| order.ord_type.name().into()));
        put("price", number(last.price.or(order.and_then(|order| order.ord_type.price()))));
        put("stopPx", number(order.and_then(|order| order.ord_type.stop_px())));
        put("timeInForce", order.and_then(|order| order.time_in_force).map(|time| time.name().into()));
        let ends = order.and_then(|order| order.time_in_force?.expire_time());
        put("expireTime", ends.map(|time| Value::Number(number::unix_seconds(time))));
        put("account", order.and_then(|order| order.account.as_deref()).map(Value::from));
        let fields = order.map(|order| match self.has_all_fields {
            true => Value::Object(order.fields.clone()),
            false => Value::Null,
        });
        put("fields", fields.filter(|fields| fields.as_object().is_none_or(|fields| !fields.is_empty())));
        put("state", Some(self.state().into()));
        put("working", Some((!self.is_done()).into()));
        put("replacedBy", last.replaced_by.as_deref().map(Value::from));
        put("lastReport", last.report.as_ref().map(|report| report.to_string().into()));
        row
    }
}

impl Orders {
    /// The newest orders, at most `limit`, newest first, in the keys of orders and reports.
    pub fn list(&self, which: Which, limit: usize) -> Vec<Value> {
        self.list_if(limit, |order| match which {
            Which::All => true,
            Which::Working => !order.is_done(),
            Which::Done => order.is_done(),
        })
    }

    /// All orders that can still trade, and of the others the newest, at most `ended`: newest first.
    pub fn list_working_and(&self, ended: usize) -> Vec<Value> {
        let mut left = ended;
        self.list_if(usize::MAX, |order| {
            let is_counted = order.is_done();
            let is_wanted = !is_counted || left > 0;
            left = left.saturating_sub(usize::from(is_counted));
            is_wanted
        })
    }

    fn list_if(&self, limit: usize, is_wanted: impl FnMut(&Order) -> bool) -> Vec<Value> {
        // Row by row: the sessions need the list too.
        self.ids(limit, is_wanted).iter().filter_map(|id| self.get(id)).collect()
    }

    fn ids(&self, limit: usize, mut is_wanted: impl FnMut(&Order) -> bool) -> Vec<Arc<str>> {
        let known = self.known();
        let newest_first = known.claims.iter().rev().filter(|(claim, id)| known.is_held(*claim, id));
        let orders = newest_first.filter_map(|(_, id)| Some((id, known.orders.get(id)?)));
        let listed = orders.filter(|(_, order)| order.is_listed() && is_wanted(order));
        listed.take(limit).map(|(id, _)| Arc::clone(id)).collect()
    }

    /// The orders and requests whose state is unknown, oldest first.
    pub fn list_unknown(&self) -> Vec<Value> {
        let ids: Vec<(String, Arc<str>)> = self.all_unknown();
        ids.iter().filter_map(|(id, _)| self.get(id)).collect()
    }

    /// One order as the list has it; `None` for a request.
    pub fn row(&self, cl_ord_id: &str) -> Option<Value> {
        let known = self.known();
        let order = known.orders.get(cl_ord_id).filter(|order| order.is_listed())?;
        Some(Value::Object(order.to_json(cl_ord_id)))
    }

    /// One order or request.
    pub fn get(&self, cl_ord_id: &str) -> Option<Value> {
        let known = self.known();
        known.orders.get(cl_ord_id).map(|order| Value::Object(order.to_json(cl_ord_id)))
    }
}

#[cfg(test)]
mod tests;
