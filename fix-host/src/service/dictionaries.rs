//! The dictionaries that sessions name, each loaded once however many name it.

use std::{collections::HashMap, path::PathBuf};

use fix_core::dict::Dictionary;

use super::error::ServiceError;
use crate::{
    config::ValidationSettings,
    dictionary::{self, SpecError, Warnings},
};

/// Dictionaries by file and overlays.
#[derive(Default)]
pub struct Dictionaries(HashMap<(Option<PathBuf>, Vec<PathBuf>), &'static Dictionary>);

impl Dictionaries {
    /// The dictionary that a session names, FIX 4.4 where it names none, with its overlays on top. What is odd in
    /// it goes to the program's log.
    ///
    /// # Errors
    /// One line with the place in the file.
    pub fn get(&mut self, settings: &ValidationSettings) -> Result<&'static Dictionary, ServiceError> {
        let mut warnings = Warnings::default();
        let dictionary = self.load(settings, &mut warnings).map_err(ServiceError::configuration);
        for line in warnings.lines() {
            tracing::warn!("{line}");
        }
        dictionary
    }

    /// As [`get`](Self::get); what is odd goes to `warnings`.
    ///
    /// # Errors
    /// One line with the place in the file.
    pub(super) fn load(
        &mut self,
        settings: &ValidationSettings,
        warnings: &mut Warnings,
    ) -> Result<&'static Dictionary, SpecError> {
        let files = (settings.data_dictionary.clone(), settings.data_dictionary_overlays.clone());
        if let Some(dictionary) = self.0.get(&files) {
            return Ok(dictionary);
        }
        let dictionary = dictionary::load(files.0.as_deref(), &files.1, warnings)?;
        self.0.insert(files, dictionary);
        Ok(dictionary)
    }
}
