//! The orders that the desk sends.

use crate::config::reader::Reader;

/// What the desk does to orders before it sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderSettings {
    /// Fields of every order, as `tag=value|tag=value`; the dictionary has not judged them yet.
    pub order_defaults: Option<String>,
}

impl OrderSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        OrderSettings { order_defaults: reader.get("OrderDefaults") }
    }
}
