//! What the session finds wrong with a message: a field that is none and, with the feature `validation`, what the
//! dictionary finds.

use super::config::{SessionConfig, ValidationPolicy};
#[cfg(feature = "validation")]
use crate::msg::validate::{Checks, validate};
use crate::{
    dict::{DataPair, Dictionary},
    msg::{message::Message, reject::Finding},
};

/// This build checks against no dictionary.
pub(crate) struct NotBuilt;

#[cfg(feature = "validation")]
impl SessionConfig {
    /// Sets what received messages are checked against.
    pub(crate) fn use_dictionary(&mut self, dictionary: &'static Dictionary) -> Result<(), NotBuilt> {
        self.dictionary = Some(dictionary);
        Ok(())
    }

    /// What received messages are checked against.
    pub(crate) fn dictionary(&self) -> Option<&'static Dictionary> {
        self.dictionary
    }

    /// The data fields beside those of FIX 4.4.
    pub(super) fn data_pairs(&self) -> &'static [DataPair] {
        self.dictionary.map_or(&[], |dictionary| dictionary.extra_data_pairs)
    }

    /// The first thing that is wrong with `message`: a field that is none, or what the dictionary finds.
    pub(super) fn finding(&self, message: &Message<'_>) -> Option<Finding> {
        if message.malformed().is_some() || !self.validate_incoming_message {
            return message.malformed();
        }
        validate(message, self.dictionary?, &self.checks).err()
    }

    /// The finding for which an application message is rejected instead of being delivered.
    pub(super) fn rejected_finding(&self, message: &Message<'_>) -> Option<Finding> {
        let checks = match self.validation_policy {
            ValidationPolicy::Reject if message.malformed().is_some() => return message.malformed(),
            // That a number is too large for us is not the counterparty's fault.
            ValidationPolicy::Reject => Checks { number_range: false, ..self.checks },
            ValidationPolicy::DeliverFirst => self.checks.and(&self.rejected_checks),
            ValidationPolicy::DeliverAndReport | ValidationPolicy::Warn => return None,
        };
        let dictionary = self.dictionary.filter(|_| self.validate_incoming_message)?;
        validate(message, dictionary, &checks).err()
    }
}

#[cfg(not(feature = "validation"))]
impl SessionConfig {
    /// There is none to be set.
    #[allow(clippy::unused_self, reason = "with a dictionary it is set")]
    pub(crate) fn use_dictionary(&mut self, _: &'static Dictionary) -> Result<(), NotBuilt> {
        Err(NotBuilt)
    }

    /// There is none.
    #[allow(clippy::unused_self, reason = "with a dictionary it is asked")]
    pub(crate) fn dictionary(&self) -> Option<&'static Dictionary> {
        None
    }

    /// The data fields beside those of FIX 4.4: without a dictionary there are none.
    #[allow(clippy::unused_self, reason = "with a dictionary it is asked")]
    pub(super) fn data_pairs(&self) -> &'static [DataPair] {
        &[]
    }

    /// A field of `message` that is none.
    #[allow(clippy::unused_self, reason = "with a dictionary it is asked")]
    pub(super) fn finding(&self, message: &Message<'_>) -> Option<Finding> {
        message.malformed()
    }

    /// The finding for which an application message is rejected instead of being delivered.
    pub(super) fn rejected_finding(&self, message: &Message<'_>) -> Option<Finding> {
        message.malformed().filter(|_| self.validation_policy == ValidationPolicy::Reject)
    }
}
