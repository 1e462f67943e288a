//! `quickfix.cfg` to validated settings: every key of QuickFIX C++, Java, .NET and Go is known.
//!
//! The path of a file: `source` splits it into sections and lines, `scope` gives each line the type
//! that the key table (`keys`) says, `reader` merges a session with `[DEFAULT]` and the table's
//! defaults, and `settings` holds what comes out. A file is read to its end whatever is wrong with it,
//! so that one run shows every error, each as `file:line: Key: what, and what to write`.
//!
//! Relative paths in a file are relative to the directory the process runs in, as in QuickFIX.

mod across;
mod environment;
mod expand;
mod families;
mod key;
mod keys;
mod load;
mod manual;
mod parse;
mod problem;
mod reader;
mod scope;
mod secret;
mod settings;
mod source;
mod suggest;
mod time;
mod value;
mod versions;
mod windows_zones;
mod zone_names;

pub use environment::{Environment, System};
pub use keys::is_of_tls;
pub use load::{load, load_as, parse_bytes, parse_bytes_as};
pub use manual::markdown;
pub use problem::{ConfigError, ConfigProblem, Origin, Source};
pub use reader::Effective;
pub use scope::ApplicationKey;
pub use secret::{Secret, names_a_secret};
pub use settings::*;
pub(crate) use suggest::nearest;
pub use time::{Zone, ZonedTime};
pub use value::Thousandths;
