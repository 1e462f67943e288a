//! What sessions add to their orders, checked against their dictionaries.

use std::sync::Arc;

use fix_core::dict::Dictionary;

use crate::{
    config::SessionSettings,
    desk::{Extras, InstrumentFields, instrument_fields},
    market::Instrument,
};

/// The fields of instruments, by dictionary, and with them what each session adds.
pub(super) struct SessionExtras {
    instruments: Vec<Instrument>,
    read: Vec<(&'static Dictionary, Arc<InstrumentFields>)>,
}

impl SessionExtras {
    pub(super) fn new(instruments: Vec<Instrument>) -> Self {
        SessionExtras { instruments, read: Vec::new() }
    }

    /// What a session adds to its orders.
    ///
    /// # Errors
    /// One line with the place in the configuration, or in the file of instruments.
    pub(super) fn of(
        &mut self,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> Result<Extras, String> {
        let instruments = self.instruments_of(dictionary)?;
        let extras = Extras::new(settings.orders.order_defaults.as_deref(), instruments, dictionary);
        extras.map_err(|error| format!("{}: OrderDefaults: {error}", settings.line_of("OrderDefaults")))
    }

    fn instruments_of(&mut self, dictionary: &'static Dictionary) -> Result<Arc<InstrumentFields>, String> {
        if let Some((_, fields)) = self.read.iter().find(|(of, _)| std::ptr::eq(*of, dictionary)) {
            return Ok(Arc::clone(fields));
        }
        let fields = Arc::new(instrument_fields(&self.instruments, dictionary)?);
        self.read.push((dictionary, Arc::clone(&fields)));
        Ok(fields)
    }
}
