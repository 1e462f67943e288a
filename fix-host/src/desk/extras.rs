//! The fields of an order beside those that every order has: its own win over its instrument's, and those over the
//! session's (`OrderDefaults`).

use std::{collections::HashMap, sync::Arc};

use fix_core::{
    dict::Dictionary,
    tag::{self, Tag},
    wire::writer::Encode,
};

use crate::{
    contract::{
        fields::{FieldsError, OrderField, fits, of_columns, of_order, of_text},
        order::OrderCommand,
    },
    market::Instrument,
};

/// The fields of each instrument that has some, by Symbol(55).
pub type InstrumentFields = HashMap<&'static str, Vec<OrderField>>;

/// Reads the further columns of `instruments`.
///
/// # Errors
/// One line with the place in the file.
pub fn instrument_fields(
    instruments: &[Instrument],
    dictionary: &Dictionary,
) -> Result<InstrumentFields, String> {
    let with_fields = instruments.iter().filter(|instrument| !instrument.fields.is_empty());
    let read = with_fields.map(|instrument| {
        let fields = of_columns(instrument.fields, dictionary);
        let fields = fields.map_err(|error| format!("{}: {error}", instrument.place))?;
        Ok((instrument.symbol, fields))
    });
    read.collect()
}

/// What one session adds to its orders.
#[derive(Clone)]
pub struct Extras {
    dictionary: &'static Dictionary,
    defaults: Vec<OrderField>,
    instruments: Arc<InstrumentFields>,
}

impl Extras {
    /// `order_defaults` is the text of that key.
    ///
    /// # Errors
    /// [`FieldsError`] where the dictionary does not allow them.
    pub fn new(
        order_defaults: Option<&str>,
        instruments: Arc<InstrumentFields>,
        dictionary: &'static Dictionary,
    ) -> Result<Self, FieldsError> {
        let defaults = order_defaults.map(|text| of_text(text, dictionary)).transpose()?.unwrap_or_default();
        Ok(Extras { dictionary, defaults, instruments })
    }

    /// The fields that go along with a command.
    ///
    /// # Errors
    /// [`FieldsError`] for the first of its own that is wrong.
    pub(super) fn of(&self, command: &OrderCommand) -> Result<Vec<OrderField>, FieldsError> {
        let msg_type = command.msg_type();
        let own = command.order().map(|order| &order.fields).filter(|own| !own.is_empty());
        let own = own.map(|own| of_order(own, msg_type, self.dictionary)).transpose()?;
        let mut fields = own.unwrap_or_default();
        let of_instrument = self.instruments.get(command.symbol()).into_iter().flatten();
        for field in of_instrument.chain(&self.defaults) {
            let is_said = fields.iter().any(|said| said.tag == field.tag) || says(command, field);
            if !is_said && fits(field, msg_type, self.dictionary) {
                fields.push(field.clone());
            }
        }
        Ok(fields)
    }

    /// What the file of instruments says of this field of a symbol.
    pub(super) fn of_instrument(&self, symbol: &str, tag: Tag) -> Option<&str> {
        self.instruments.get(symbol)?.iter().find(|field| field.tag == tag)?.text()
    }
}

/// True if the command itself has the field, under a key of its own.
fn says(command: &OrderCommand, field: &OrderField) -> bool {
    let Some(order) = command.order() else { return false };
    (field.tag == tag::ACCOUNT && order.account.is_some())
        || (field.tag == tag::TIME_IN_FORCE && order.time_in_force.is_some())
}

#[cfg(test)]
mod tests {
    use fix_core::{dict::fix44::DICTIONARY, time::UtcTimestamp, wire::writer::Writer};

    use super::*;
    use crate::contract::{
        Outgoing,
        parse::{OrderRules, parse_order},
    };

    fn sent(json: &str) -> Result<String, String> {
        let columns =
            [("Currency", "USD"), ("528", "A")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let of_aapl = of_columns(&columns, &DICTIONARY).unwrap();
        let instruments = Arc::new(InstrumentFields::from([("AAPL", of_aapl)]));
        let extras = Extras::new(Some("1=ACC1|21=2|15=EUR|9001=x"), instruments, &DICTIONARY).unwrap();
        let received = UtcTimestamp::from_unix(0, 0);
        let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), received).unwrap();
        let more = extras.of(&command).map_err(|error| error.to_string())?;
        let mut buffer = [0; 512];
        let mut writer = Writer::fields(&mut buffer);
        Outgoing { command: &command, more: &more }.encode_body(&mut writer);
        let len = writer.finish_fields().unwrap();
        let text = String::from_utf8(buffer[..len].to_vec()).unwrap().replace('\x01', "|");
        Ok(text.replace("60=19700101-00:00:00.000|", ""))
    }

    #[test]
    fn the_order_wins_over_its_instrument_and_that_over_the_session() {
        let order = |more: &str| {
            sent(&format!(
                r#"{{"clOrdID":"A1","symbol":"AAPL","side":"BUY","qty":1,"ordType":"MARKET"{more}}}"#
            ))
        };
        assert_eq!(order("").unwrap(), "11=A1|55=AAPL|54=1|38=1|40=1|15=USD|528=A|1=ACC1|21=2|9001=x|");
        assert_eq!(
            order(r#","account":"ACC2","fields":{"Currency":"GBP","handlInst":3}"#).unwrap(),
            "11=A1|1=ACC2|55=AAPL|54=1|38=1|40=1|15=GBP|21=3|528=A|9001=x|"
        );
        assert_eq!(
            order(r#","fields":{"LastPx":3}"#).unwrap_err(),
            "fields: LastPx(31): does not belong to NewOrderSingle(D)"
        );
    }

    #[test]
    fn a_cancel_gets_what_its_message_may_hold() {
        let json = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"2Y","side":"BUY"}"#;
        assert_eq!(sent(json).unwrap(), "41=A1|11=C1|55=2Y|54=1|1=ACC1|9001=x|");
    }
}
