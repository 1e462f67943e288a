//! What the sessions were told, kept and checked as a desk would. The fuzz target `exchange` has it too.

use std::collections::{BTreeMap, HashMap, HashSet};

use fix_core::decimal::Decimal;

type Fields = HashMap<u32, String>;

/// Price and quantity.
type Execution = (i128, i128);

/// All that was told.
#[derive(Default)]
pub(super) struct Ledger {
    /// By OrderID(37).
    orders: BTreeMap<String, Seen>,
    exec_ids: HashSet<String>,
    /// Executions that count: of which order.
    executions: BTreeMap<String, String>,
    /// Quantity, and quantity by price (as far as it can be counted), of fills by symbol: bought and sold.
    traded: HashMap<String, [(i128, Option<i128>); 2]>,
    /// Who has asked last, and what he was told since.
    asks: usize,
    since: Vec<Fields>,
}

/// An order.
struct Seen {
    session: usize,
    last: Fields,
    /// By ExecID(17).
    executions: HashMap<String, Execution>,
}

impl Ledger {
    /// From now on, what this session is told answers its request.
    pub(super) fn now_asks(&mut self, session: usize) {
        self.asks = session;
        self.since.clear();
    }

    pub(super) fn hear(&mut self, session: usize, message: &str) {
        let fields: Fields = message
            .split('|')
            .rev()
            .filter_map(|field| field.split_once('='))
            .map(|(tag, value)| (tag.parse().unwrap(), value.to_owned()))
            .collect();
        if fields[&35] == "8" {
            assert!(self.exec_ids.insert(fields[&17].clone()), "an ExecID twice: {message}");
            if fields[&37] == "NONE" {
                assert_eq!(("8", "0", "0"), (&*fields[&39], &*fields[&14], &*fields[&151]), "{message}");
            } else {
                self.report(session, &fields, message);
            }
        }
        // A refused request says how the order stands without it.
        if let Some(seen) = self.orders.get_mut(&fields[&37]).filter(|_| fields[&35] == "9") {
            seen.last.insert(39, fields[&39].clone());
        }
        if session == self.asks {
            self.since.push(fields);
        }
    }

    fn report(&mut self, session: usize, fields: &Fields, message: &str) {
        check_quantities(fields, message);
        let id = &fields[&37];
        let seen = self.orders.entry(id.clone()).or_insert_with(|| Seen {
            session,
            last: fields.clone(),
            executions: HashMap::new(),
        });
        assert_eq!(seen.session, session, "somebody else's order: {message}");
        match &*fields[&150] {
            "F" => {
                let at = usize::from(fields[&54] == "2");
                let (price, qty) = (price(fields, 31), number(fields, 32));
                seen.executions.insert(fields[&17].clone(), (price, qty));
                let nothing = [(0, Some(0)); 2];
                let traded = &mut self.traded.entry(fields[&55].clone()).or_insert(nothing)[at];
                let turnover = traded.1.and_then(|sum| sum.checked_add(qty.checked_mul(price)?));
                *traded = (traded.0 + qty, turnover);
                self.executions.insert(fields[&17].clone(), id.clone());
            }
            "H" => {
                let was = seen.executions.remove(&fields[&19]);
                assert!(was.is_some(), "no such execution: {message}");
                self.executions.remove(&fields[&19]);
            }
            "G" => {
                let was = seen.executions.remove(&fields[&19]);
                assert!(was.is_some(), "no such execution: {message}");
                seen.executions.insert(fields[&17].clone(), (price(fields, 31), number(fields, 32)));
                self.executions.remove(&fields[&19]);
                self.executions.insert(fields[&17].clone(), id.clone());
            }
            "I" => {
                // All but ClOrdID(11): a request that is pending is told under its own.
                for tag in [38, 39, 44, 99, 14, 151, 6, 54, 55, 40, 59, 432, 126, 110, 111] {
                    assert_eq!(fields.get(&tag), seen.last.get(&tag), "{tag} of {message}: {:?}", seen.last);
                }
            }
            _ => {}
        }
        check_executions(fields, &seen.executions, message);
        seen.last = fields.clone();
    }

    /// The request with this ClOrdID(11) was answered.
    pub(super) fn check_answered(&self, session: usize, cl_ord_id: &str) {
        assert_eq!(session, self.asks);
        let is_answer = |fields: &Fields| fields.get(&11).is_some_and(|id| id == cl_ord_id);
        assert!(self.since.iter().any(is_answer), "{cl_ord_id} was not answered: {:?}", self.since);
    }

    /// The question was answered with the orders that are live, each of them once.
    pub(super) fn check_status_of_all(&self, session: usize, symbol: Option<&str>, side: Option<char>) {
        let is_meant = |seen: &&Seen| {
            seen.session == session
                && seen.last[&151] != "0"
                && symbol.is_none_or(|symbol| seen.last[&55] == symbol)
                && side.is_none_or(|side| seen.last[&54] == side.to_string())
        };
        let expected: Vec<&str> =
            self.orders.values().filter(is_meant).map(|seen| &*seen.last[&37]).collect();
        let mut told: Vec<&str> = self.since.iter().map(|fields| &*fields[&37]).collect();
        told.retain(|id| *id != "NONE");
        told.sort_unstable();
        assert_eq!(told, expected, "of {symbol:?} {side:?}");
    }

    /// What was bought is what was sold, at the same prices.
    pub(super) fn check_trades(&self) {
        for (symbol, [bought, sold]) in &self.traded {
            assert_eq!(bought, sold, "{symbol}: what was bought, and what was sold");
        }
    }

    /// One of the orders that are live.
    pub(super) fn live_order(&self, pick: usize) -> Option<&str> {
        let live: Vec<&str> =
            self.orders.values().filter(|seen| seen.last[&151] != "0").map(|seen| &*seen.last[&37]).collect();
        live.get(pick % live.len().max(1)).copied()
    }

    /// One of all orders, the latest of which are likelier.
    pub(super) fn order(&self, pick: usize) -> Option<&str> {
        let near = self.orders.len().min(20);
        self.orders.keys().rev().nth(pick % near.max(1)).map(String::as_str)
    }

    /// The numbers of all orders.
    pub(super) fn numbers(&self, number: impl Fn(&str) -> u64) -> Vec<u64> {
        self.orders.keys().map(|id| number(id)).collect()
    }

    /// One of the executions that count.
    pub(super) fn execution(&self, pick: usize) -> Option<&str> {
        self.executions.keys().nth(pick % self.executions.len().max(1)).map(String::as_str)
    }

    /// The orders of which something is open, and how much.
    pub(super) fn open(&self, number: impl Fn(&str) -> u64) -> BTreeMap<u64, String> {
        let open = self.orders.iter().filter(|(_, seen)| seen.last[&151] != "0");
        open.map(|(id, seen)| (number(id), seen.last[&151].clone())).collect()
    }
}

/// A quantity in millionths.
fn number(fields: &Fields, tag: u32) -> i128 {
    scaled(fields, tag, 6)
}

/// A price in millionths of a millionth; an uncross may give one between those of the orders.
fn price(fields: &Fields, tag: u32) -> i128 {
    scaled(fields, tag, 12)
}

fn scaled(fields: &Fields, tag: u32, scale: u8) -> i128 {
    let number: Decimal = fields[&tag].parse().unwrap_or_else(|_| panic!("{tag} of {fields:?}"));
    i128::from(number.mantissa()) * 10_i128.pow(u32::from(scale - number.scale()))
}

/// LeavesQty(151) is OrderQty(38) less CumQty(14) while an order lives, otherwise zero.
fn check_quantities(fields: &Fields, message: &str) {
    let (order, cum, leaves) = (number(fields, 38), number(fields, 14), number(fields, 151));
    let rest = order - cum;
    assert!(cum >= 0 && rest >= 0, "{message}");
    let is_right = match &*fields[&39] {
        "0" | "1" | "7" | "9" => leaves == rest && rest > 0,
        // An order for nothing, too, is pending before it is refused.
        "A" => leaves == rest,
        // It may have been filled since, or come to its end otherwise.
        "6" | "E" | "3" => leaves == rest || leaves == 0,
        "2" | "B" => leaves == 0 && rest == 0,
        "4" | "8" | "C" => leaves == 0,
        _ => false,
    };
    assert!(is_right, "{message}");
}

/// CumQty(14) and AvgPx(6) are those of the executions that count.
fn check_executions(fields: &Fields, executions: &HashMap<String, Execution>, message: &str) {
    let qty: i128 = executions.values().map(|(_, qty)| qty).sum();
    assert_eq!(number(fields, 14), qty, "CumQty of {message}");
    let avg_px = price(fields, 6);
    assert!(qty > 0 || avg_px == 0, "AvgPx of {message}");
    let add = |sum: i128, (price, qty): &Execution| sum.checked_add(price.checked_mul(*qty)?);
    let turnover = executions.values().try_fold(0, add);
    if let Some((told, turnover)) = avg_px.checked_mul(qty).zip(turnover) {
        // It has nine digits behind the point.
        assert!((told - turnover).abs() <= qty * 1000, "AvgPx of {message}");
    }
}
