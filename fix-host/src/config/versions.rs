//! Sessions of other versions of FIX, which stand in one file with those of FIX 4.4.

use super::key::Suffix;
use super::problem::{Origin, Problems};
use super::reader::{Context, Reader};
use super::scope::{Entry, Scope, State};
use super::settings::{FIX_44, Identity};
use super::value::Value;

/// The sessions that are left out because this engine does not speak their version.
pub(super) struct OtherVersions {
    /// `ContinueInitializationOnError=N` stands in the file: no session is to be left out.
    refused: bool,
    found: Vec<(Origin, String)>,
}

impl OtherVersions {
    pub(super) fn new(default: &Scope) -> Self {
        let entry = default.entries.get(&("ContinueInitializationOnError", Suffix::None));
        let refused = entry.is_some_and(|entry| matches!(entry.state, State::Value(Value::Flag(false))));
        OtherVersions { refused, found: Vec::new() }
    }

    /// Whether a section is such a session. Nothing else is then said about it.
    pub(super) fn take(
        &mut self,
        scope: &Scope,
        default: &Scope,
        origin: &Origin,
        context: Context<'_>,
    ) -> bool {
        let slot = ("BeginString", Suffix::None);
        let own = scope.entries.get(&slot);
        let version = own.or_else(|| default.entries.get(&slot)).and_then(version);
        if self.refused || version.is_none_or(|version| version == FIX_44) {
            return false;
        }
        let mut unread = Problems::default();
        let mut reader = Reader::new(Some(scope), default, origin, context, &mut unread);
        let identity = Identity::read(&mut reader, false);
        let origin = own.map_or(origin, |entry| &entry.origin);
        self.found.push((origin.clone(), identity.to_string()));
        true
    }

    /// A line for each: warnings, or errors where no session is left that could start.
    pub(super) fn report(self, none_is_left: bool, problems: &mut Problems) {
        for (origin, identity) in self.found {
            let text = format!("is not {FIX_44}, the only version this engine speaks: session {identity}");
            if none_is_left {
                problems.error(&origin, Some("BeginString"), format!("{text} cannot start"));
            } else {
                problems.warn(&origin, Some("BeginString"), format!("{text} is left out"));
            }
        }
    }
}

fn version(entry: &Entry) -> Option<&str> {
    match &entry.state {
        State::Value(Value::Text(version)) => Some(version),
        _ => None,
    }
}
