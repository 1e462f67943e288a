//! How orders are filled.

use serde::Deserialize;

use super::{Count, Delay};

/// Of an order that would trade at once a part does, and after a pause the next one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fills {
    /// How much a part is.
    pub part: Part,
    /// How long it takes to the next one.
    pub pause: Delay,
    /// Only every so manyth of these orders; all, if it is not said.
    pub every: Option<Count>,
}

/// So many percent of OrderQty(38), drawn between both.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Part {
    /// At least.
    pub at_least: Count,
    /// At most.
    pub at_most: Count,
}

impl Fills {
    /// What no single key is at fault for.
    pub(in super::super) fn check(&self) -> Result<(), &'static str> {
        match self.part.at_least.0 <= self.part.at_most.0 && self.part.at_most.0 <= 100 {
            true => Ok(()),
            false => Err(
                "`part` needs `at-least` and `at-most` in percent: from 1 to 100, and not less than `at-least`",
            ),
        }
    }
}
