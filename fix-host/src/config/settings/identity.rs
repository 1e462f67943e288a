//! Who talks to whom, and what our Logon carries.

use std::fmt;
use std::path::PathBuf;

use fix_core::tag::{self, Tag};
use fix_core::wire::writer::Writer;

use crate::config::reader::Reader;
use crate::config::secret::Secret;

/// BeginString(8) of every session.
pub(in crate::config) const FIX_44: &str = "FIX.4.4";

/// The identity of a session, unique in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// BeginString(8): always `FIX.4.4`.
    pub begin_string: String,
    /// SenderCompID(49), ours.
    pub sender_comp_id: String,
    /// SenderSubID(50).
    pub sender_sub_id: Option<String>,
    /// SenderLocationID(142).
    pub sender_location_id: Option<String>,
    /// TargetCompID(56), the counterparty's; `*` is any, in a template.
    pub target_comp_id: String,
    /// TargetSubID(57).
    pub target_sub_id: Option<String>,
    /// TargetLocationID(143).
    pub target_location_id: Option<String>,
    /// Tells apart sessions with the same CompIDs; never sent.
    pub session_qualifier: Option<String>,
}

impl Identity {
    pub(in crate::config) fn read(reader: &mut Reader<'_>, is_acceptor: bool) -> Self {
        let identity = Identity {
            begin_string: reader.require("BeginString", "it is the version of FIX"),
            sender_comp_id: reader.require("SenderCompID", "it is our name"),
            sender_sub_id: reader.get("SenderSubID"),
            sender_location_id: reader.get("SenderLocationID"),
            target_comp_id: reader.require("TargetCompID", "it is the counterparty's name"),
            target_sub_id: reader.get("TargetSubID"),
            target_location_id: reader.get("TargetLocationID"),
            session_qualifier: reader.get("SessionQualifier"),
        };
        if !identity.begin_string.is_empty() && identity.begin_string != FIX_44 {
            reader.error("BeginString", format!("is not {FIX_44}, the only version this engine speaks"));
        }
        // Nothing in a Logon carries the qualifier, so an acceptor could not tell the sessions apart.
        if is_acceptor && identity.session_qualifier.is_some() {
            reader.error(
                "SessionQualifier",
                "is for initiators only; remove it, and give the sessions CompIDs or sub ids of their own",
            );
        }
        identity
    }
}

/// QuickFIX's form: `FIX.4.4:SENDER/SUB/LOCATION->TARGET/SUB/LOCATION:QUALIFIER`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let party = |f: &mut fmt::Formatter<'_>, comp: &str, sub: &Option<String>, loc: &Option<String>| {
            f.write_str(comp)?;
            for part in [sub, loc].into_iter().flatten() {
                write!(f, "/{part}")?;
            }
            Ok(())
        };
        write!(f, "{}:", self.begin_string)?;
        party(f, &self.sender_comp_id, &self.sender_sub_id, &self.sender_location_id)?;
        f.write_str("->")?;
        party(f, &self.target_comp_id, &self.target_sub_id, &self.target_location_id)?;
        match &self.session_qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

/// What our Logon carries beside the protocol's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogonSettings {
    /// Username(553).
    pub username: Option<String>,
    /// Password(554), from `Password` or `PasswordFile`.
    pub password: Option<Secret>,
    /// `LogonTag`, `LogonTag1` …: tag and value, in the order of their numbers. No tag stands twice, and
    /// none repeats `username` or `password`.
    pub logon_tags: Vec<(u32, Secret)>,
}

impl LogonSettings {
    /// Appends Username(553), Password(554) and the configured fields to the body of a Logon.
    pub fn write(&self, out: &mut Writer<'_>) {
        out.optional(tag::USERNAME, self.username.as_deref());
        out.optional(tag::PASSWORD, self.password.as_ref().map(Secret::expose));
        for (tag, value) in &self.logon_tags {
            out.field(Tag(i32::try_from(*tag).unwrap_or(i32::MAX)), value.expose());
        }
    }
}

impl LogonSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let username: Option<String> = reader.get("Username");
        let password = reader.get("Password");
        let from_file = password_file(reader);
        if password.is_some() && from_file.is_some() {
            reader.error("PasswordFile", "and Password are both set; keep one of them");
        }
        let password = password.or(from_file);
        let mut taken = Vec::new();
        taken.extend(username.as_ref().map(|_| 553));
        taken.extend(password.as_ref().map(|_| 554));
        let mut logon_tags: Vec<(u32, Secret)> = Vec::new();
        for (number, (tag, value)) in reader.numbered::<(u32, Secret)>("LogonTag") {
            if taken.contains(&tag) {
                let name = number.map_or("LogonTag".to_owned(), |number| format!("LogonTag{number}"));
                reader.error(&name, format!("sets tag {tag}, which another line sets too; keep one of them"));
            }
            taken.push(tag);
            logon_tags.push((tag, value));
        }
        LogonSettings { username, password, logon_tags }
    }
}

/// The first line of the file; an editor's line end at its end is no part of the password.
fn password_file(reader: &mut Reader<'_>) -> Option<Secret> {
    const LONGEST: usize = 4096;
    let path: PathBuf = reader.get("PasswordFile")?;
    let text = match reader.context.environment.read(&path, LONGEST) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        // That it cannot be opened has been reported when the key was read.
        Err(_) if reader.context.environment.check_file(&path).is_err() => return None,
        Err(error) => {
            reader.error("PasswordFile", format!("cannot be read: {error}"));
            return None;
        }
    };
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.chars().any(char::is_control) {
        reader.error("PasswordFile", "does not hold one line of text with the password");
        return None;
    }
    Some(Secret::new(password))
}
