//! The orders that a party answers for: what it said of each, so that the next report fits.

use fix_core::{
    decimal::Decimal,
    msg::msg_type::MsgType,
    tag::{self, Tag},
};

use crate::scenario::{message, names};

/// Digits behind the point of AvgPx(6).
const AVERAGE_SCALE: u8 = 6;

/// The orders of one party.
#[derive(Default)]
pub(super) struct Orders(Vec<Order>);

struct Order {
    /// ClOrdID(11) of the last request that was accepted.
    cl_ord_id: Vec<u8>,
    order_id: Vec<u8>,
    symbol: Option<Vec<u8>>,
    side: Vec<u8>,
    qty: Decimal,
    price: Option<Decimal>,
    cum_qty: Decimal,
    /// The sum of price times quantity of its fills.
    notional: Decimal,
    /// OrdStatus(39).
    status: &'static str,
}

/// An answer whose values are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Accept,
    Fill { qty: Option<Vec<u8>>, price: Option<Vec<u8>> },
    Reject(Option<Vec<u8>>),
    Cancel,
    Replace,
    Expire,
}

/// Fields to be sent, in their order; one without a value is left out.
pub(super) type Fields = Vec<(Tag, Option<Vec<u8>>)>;

/// A message to be sent.
pub(super) type Reply = (MsgType, Fields);

impl Orders {
    /// What is sent for `said` about `received`.
    pub(super) fn answer(
        &mut self,
        said: &Said,
        received: &[u8],
        new_id: &mut dyn FnMut() -> String,
        now: Vec<u8>,
    ) -> Result<Reply, String> {
        let kind = message::msg_type(received);
        let is_request = matches!(kind, b"F" | b"G");
        if !matches!(kind, b"D" | b"F" | b"G") {
            return match said {
                Said::Reject(text) => Ok(business_reject(received, text.clone())),
                _ => {
                    Err("the message matched last is no order and no request for one; only reject answers it"
                        .to_owned())
                }
            };
        }
        // A request that was accepted has given the order its own id.
        let by_orig = self.find(received, tag::ORIG_CL_ORD_ID).filter(|_| is_request);
        let place = match by_orig.or_else(|| self.find(received, tag::CL_ORD_ID)) {
            Some(place) => place,
            None if is_request => return unknown(said, received),
            None => self.enter(received, new_id)?,
        };
        let Some(order) = self.0.get_mut(place) else { return unknown(said, received) };
        if let (Said::Reject(text), true) = (said, is_request) {
            return Ok(cancel_reject(received, &order.order_id, order.status, "99", text.clone()));
        }
        let said = match (said, kind) {
            (Said::Accept, b"F") => &Said::Cancel,
            (Said::Accept, b"G") => &Said::Replace,
            (said, _) => said,
        };
        let mut more = order.change(said, received)?;
        if matches!(said, Said::Cancel | Said::Replace) && is_request {
            more.push((
                tag::ORIG_CL_ORD_ID,
                message::field(received, tag::ORIG_CL_ORD_ID, 1).map(<[u8]>::to_vec),
            ));
        }
        Ok(order.report(more, new_id(), now))
    }

    fn find(&self, received: &[u8], tag: Tag) -> Option<usize> {
        let id = message::field(received, tag, 1)?;
        self.0.iter().rposition(|order| order.cl_ord_id == id)
    }

    fn enter(&mut self, received: &[u8], new_id: &mut dyn FnMut() -> String) -> Result<usize, String> {
        let value = |tag: Tag| message::field(received, tag, 1).map(<[u8]>::to_vec);
        let needed = |tag: Tag| value(tag).ok_or_else(|| format!("the order has no {tag}"));
        self.0.push(Order {
            cl_ord_id: needed(tag::CL_ORD_ID)?,
            order_id: format!("O{}", new_id()).into_bytes(),
            symbol: value(tag::SYMBOL),
            side: needed(tag::SIDE)?,
            qty: number(tag::ORDER_QTY, &needed(tag::ORDER_QTY)?)?,
            price: number_in(received, tag::PRICE)?,
            cum_qty: Decimal::ZERO,
            notional: Decimal::ZERO,
            status: "0",
        });
        Ok(self.0.len() - 1)
    }
}

impl Order {
    /// Changes the order, and gives the fields that tell of it.
    fn change(&mut self, said: &Said, received: &[u8]) -> Result<Fields, String> {
        let mut more = Vec::new();
        let live = if self.cum_qty.is_positive() { "1" } else { "0" };
        let exec_type = match said {
            Said::Accept => "0",
            Said::Fill { qty, price } => {
                let (qty, price) = self.fill(qty.as_deref(), price.as_deref())?;
                more.push((tag::LAST_QTY, Some(qty.to_string().into_bytes())));
                more.push((tag::LAST_PX, Some(price.to_string().into_bytes())));
                "F"
            }
            Said::Reject(text) => {
                self.status = "8";
                more.push((tag::ORD_REJ_REASON, Some(b"99".to_vec())));
                more.extend(text.clone().map(|text| (tag::TEXT, Some(text))));
                "8"
            }
            Said::Cancel => {
                self.take_id(received);
                self.status = "4";
                "4"
            }
            Said::Replace => {
                self.take_id(received);
                self.qty = number_in(received, tag::ORDER_QTY)?.unwrap_or(self.qty);
                self.price = number_in(received, tag::PRICE)?.or(self.price);
                self.status = if self.cum_qty >= self.qty { "2" } else { live };
                "5"
            }
            Said::Expire => {
                self.status = "C";
                "C"
            }
        };
        more.insert(0, (tag::EXEC_TYPE, Some(exec_type.as_bytes().to_vec())));
        Ok(more)
    }

    fn take_id(&mut self, received: &[u8]) {
        if let Some(id) = message::field(received, tag::CL_ORD_ID, 1) {
            self.cl_ord_id = id.to_vec();
        }
    }

    fn fill(&mut self, qty: Option<&[u8]>, price: Option<&[u8]>) -> Result<(Decimal, Decimal), String> {
        let too_large = || "the numbers of the order are too large".to_owned();
        let leaves = self.qty.checked_sub(self.cum_qty).ok_or_else(too_large)?;
        let qty = qty.map_or(Ok(leaves), |qty| number(tag::LAST_QTY, qty))?;
        let missing = || "the order has no Price(44); write: fill ... at PRICE".to_owned();
        let price = match price {
            Some(price) => number(tag::LAST_PX, price)?,
            None => self.price.ok_or_else(missing)?,
        };
        self.cum_qty = self.cum_qty.checked_add(qty).ok_or_else(too_large)?;
        let notional = qty.checked_mul(price).and_then(|more| self.notional.checked_add(more));
        self.notional = notional.ok_or_else(too_large)?;
        self.status = if self.cum_qty >= self.qty { "2" } else { "1" };
        Ok((qty, price))
    }

    fn report(&self, more: Fields, exec_id: String, now: Vec<u8>) -> Reply {
        let text = |number: Decimal| number.to_string().into_bytes();
        let is_live = matches!(self.status, "0" | "1");
        let leaves = self.qty.checked_sub(self.cum_qty).filter(|_| is_live).unwrap_or(Decimal::ZERO);
        let average = self.notional.checked_div(self.cum_qty, AVERAGE_SCALE).unwrap_or(Decimal::ZERO);
        let mut fields = vec![
            (tag::ORDER_ID, Some(self.order_id.clone())),
            (tag::CL_ORD_ID, Some(self.cl_ord_id.clone())),
            (tag::EXEC_ID, Some(format!("E{exec_id}").into_bytes())),
            (tag::ORD_STATUS, Some(self.status.as_bytes().to_vec())),
        ];
        fields.extend(more);
        fields.extend(self.symbol.clone().map(|symbol| (tag::SYMBOL, Some(symbol))));
        fields.push((tag::SIDE, Some(self.side.clone())));
        fields.push((tag::ORDER_QTY, Some(text(self.qty))));
        fields.extend(self.price.map(|price| (tag::PRICE, Some(text(price)))));
        fields.push((tag::LEAVES_QTY, Some(text(leaves))));
        fields.push((tag::CUM_QTY, Some(text(self.cum_qty))));
        fields.push((tag::AVG_PX, Some(text(average.normalized()))));
        fields.push((tag::TRANSACT_TIME, Some(now)));
        (MsgType::EXECUTION_REPORT, fields)
    }
}

fn number_in(received: &[u8], tag: Tag) -> Result<Option<Decimal>, String> {
    message::field(received, tag, 1).map(|text| number(tag, text)).transpose()
}

fn number(tag: Tag, text: &[u8]) -> Result<Decimal, String> {
    Decimal::parse(text).map_err(|_| format!("{tag}: {} is no number", names::shown_value(tag, text, b"")))
}

/// A request for an order that is not known is refused by what the standard says: 37=NONE, 39=8, 102=1.
fn unknown(said: &Said, received: &[u8]) -> Result<Reply, String> {
    let Said::Reject(text) = said else {
        return Err(
            "the request is for an order that this party knows nothing of; only reject answers it".to_owned()
        );
    };
    Ok(cancel_reject(received, b"NONE", "8", "1", text.clone()))
}

fn cancel_reject(
    received: &[u8],
    order_id: &[u8],
    status: &str,
    reason: &str,
    text: Option<Vec<u8>>,
) -> Reply {
    let value = |tag: Tag| message::field(received, tag, 1).map(<[u8]>::to_vec);
    let response_to: &[u8] = if message::msg_type(received) == b"G" { b"2" } else { b"1" };
    let mut fields = vec![
        (tag::ORDER_ID, Some(order_id.to_vec())),
        (tag::CL_ORD_ID, value(tag::CL_ORD_ID)),
        (tag::ORIG_CL_ORD_ID, value(tag::ORIG_CL_ORD_ID)),
        (tag::ORD_STATUS, Some(status.as_bytes().to_vec())),
        (tag::CXL_REJ_RESPONSE_TO, Some(response_to.to_vec())),
        (tag::CXL_REJ_REASON, Some(reason.as_bytes().to_vec())),
    ];
    fields.extend(text.map(|text| (tag::TEXT, Some(text))));
    (MsgType::ORDER_CANCEL_REJECT, fields)
}

fn business_reject(received: &[u8], text: Option<Vec<u8>>) -> Reply {
    let mut fields = vec![
        (tag::REF_SEQ_NUM, message::field(received, tag::MSG_SEQ_NUM, 1).map(<[u8]>::to_vec)),
        (tag::REF_MSG_TYPE, Some(message::msg_type(received).to_vec())),
        (tag::BUSINESS_REJECT_REASON, Some(b"0".to_vec())),
    ];
    fields.extend(text.map(|text| (tag::TEXT, Some(text))));
    (MsgType::BUSINESS_MESSAGE_REJECT, fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(orders: &mut Orders, said: Said, received: &str) -> Result<String, String> {
        let received = received.replace('|', "\x01");
        let (msg_type, fields) =
            orders.answer(&said, received.as_bytes(), &mut || "1".into(), b"now".to_vec())?;
        let field = |(tag, value): (Tag, Option<Vec<u8>>)| {
            format!("{}={}|", tag.0, String::from_utf8_lossy(&value.unwrap_or_default()))
        };
        Ok(format!("{msg_type}: {}", fields.into_iter().map(field).collect::<String>()))
    }

    const ORDER: &str = "35=D|11=A|55=10Y|54=1|38=100|44=96.5|";

    #[test]
    fn an_order_is_accepted_filled_in_two_and_replaced() {
        let mut orders = Orders::default();
        let tail = "60=now|";
        assert_eq!(
            answer(&mut orders, Said::Accept, ORDER).unwrap(),
            format!("8: 37=O1|11=A|17=E1|39=0|150=0|55=10Y|54=1|38=100|44=96.5|151=100|14=0|6=0|{tail}")
        );
        let half = Said::Fill { qty: Some(b"50".to_vec()), price: Some(b"96".to_vec()) };
        assert_eq!(
            answer(&mut orders, half, ORDER).unwrap(),
            format!(
                "8: 37=O1|11=A|17=E1|39=1|150=F|32=50|31=96|55=10Y|54=1|38=100|44=96.5|151=50|14=50|6=96|{tail}"
            )
        );
        let replace = "35=G|41=A|11=B|38=80|44=97|";
        assert_eq!(
            answer(&mut orders, Said::Accept, replace).unwrap(),
            format!("8: 37=O1|11=B|17=E1|39=1|150=5|41=A|55=10Y|54=1|38=80|44=97|151=30|14=50|6=96|{tail}")
        );
        let rest = Said::Fill { qty: None, price: None };
        assert_eq!(
            answer(&mut orders, rest, replace).unwrap(),
            format!(
                "8: 37=O1|11=B|17=E1|39=2|150=F|32=30|31=97|55=10Y|54=1|38=80|44=97|151=0|14=80|6=96.375|{tail}"
            )
        );
    }

    #[test]
    fn what_is_refused_says_so_as_the_standard_does() {
        let mut orders = Orders::default();
        let cancel = "35=F|41=A|11=C|";
        let no = Said::Reject(Some(b"no".to_vec()));
        assert_eq!(
            answer(&mut orders, no.clone(), cancel).unwrap(),
            "9: 37=NONE|11=C|41=A|39=8|434=1|102=1|58=no|"
        );
        assert!(answer(&mut orders, Said::Accept, cancel).is_err());
        let no_number = answer(&mut orders, Said::Accept, "35=D|11=A|54=1|38=1\x1b[2J|").unwrap_err();
        assert_eq!(no_number, "OrderQty(38): 1\u{fffd}[2J is no number");
        assert!(answer(&mut orders, no.clone(), ORDER).unwrap().contains("39=8|150=8|103=99|58=no|"));
        assert!(
            answer(&mut orders, no, "35=R|34=7|131=Q|").unwrap().starts_with("j: 45=7|372=R|380=0|58=no|")
        );
        assert!(answer(&mut orders, Said::Accept, "35=R|").is_err());
    }
}
