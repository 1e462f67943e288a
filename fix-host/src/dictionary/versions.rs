//! A dictionary for each version of FIX: built in, or a user's in its place.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use fix_core::dict::{Dictionary, fix44};
use fix_decoder::{reading::Version, tables};
use fix_dictionary::{
    error::{SpecError, Warnings},
    model::Spec,
    overlay, xml,
};

/// The name of a built-in dictionary in an error, and its text, packed by `cargo xtask codegen`.
type Packed = (&'static str, &'static [u8]);

/// No dictionary is near this size when it is unpacked.
const MAX_TEXT: usize = 16 << 20;
const TRANSPORT: Packed = ("the built-in FIXT11.xml", include_bytes!("versions/FIXT11.xml.z"));

/// A dictionary for each version of FIX. The built-in ones are unpacked when they are asked for.
pub struct Dictionaries {
    /// In the order of [`Version::ALL`].
    ready: [OnceLock<&'static Dictionary>; Version::ALL.len()],
    /// A user's dictionary of FIXT 1.1.
    transport: Option<PathBuf>,
    overlays: Vec<PathBuf>,
}

impl Dictionaries {
    /// Loads a user's dictionary files, one for each version, and lays the overlays on top of each. Without files they
    /// lie on FIX 4.4; a built-in dictionary of another version has them where they fit.
    ///
    /// # Errors
    /// [`SpecError`]: one line that says where (file, line, column), what is wrong, and what to do.
    pub fn load(files: &[PathBuf], overlays: &[PathBuf], warnings: &mut Warnings) -> Result<Self, SpecError> {
        let mut all =
            Dictionaries { ready: Default::default(), transport: None, overlays: overlays.to_vec() };
        let mut given: Vec<(Version, &PathBuf, Spec)> = Vec::new();
        for file in files {
            let read = fix_dictionary::read(file, warnings)?;
            if read.version.as_ref().is_some_and(|version| version.kind == "FIXT") {
                if let Some(other) = all.transport.replace(file.clone()) {
                    return Err(twice(&read, "FIXT.1.1", &other));
                }
                continue;
            }
            let version = version_of(&read);
            if let Some((_, other, _)) = given.iter().find(|(other, ..)| *other == version) {
                return Err(twice(&read, version.name(), other));
            }
            given.push((version, file, read));
        }
        for (version, _, read) in given {
            let base = if version >= Version::Fix50 {
                let mut base = all.transport(warnings)?;
                overlay::apply(&mut base, read, warnings)?;
                base
            } else {
                read
            };
            all.set(version, leak(base, overlays, warnings)?);
        }
        if files.is_empty() {
            all.set(Version::Fix44, super::load(None, overlays, warnings)?);
        }
        Ok(all)
    }

    /// The dictionary of a version.
    pub fn get(&self, version: Version) -> &'static Dictionary {
        self.ready[version as usize].get_or_init(|| {
            let built_in = self.built_in(version, &self.overlays, self.transport.is_some());
            let plain = || self.built_in(version, &[], false);
            built_in.or_else(|_| plain()).unwrap_or(&fix44::DICTIONARY)
        })
    }

    fn set(&self, version: Version, dictionary: &'static Dictionary) {
        self.ready[version as usize].get_or_init(|| dictionary);
    }

    fn built_in(
        &self,
        version: Version,
        overlays: &[PathBuf],
        over_given_transport: bool,
    ) -> Result<&'static Dictionary, SpecError> {
        let mut warnings = Warnings::default();
        if version == Version::Fix44 {
            return super::load(None, overlays, &mut warnings);
        }
        let own = unpack(packed(version), &mut warnings)?;
        let base = if version >= Version::Fix50 {
            let mut base = if over_given_transport {
                self.transport(&mut warnings)?
            } else {
                unpack(TRANSPORT, &mut warnings)?
            };
            overlay::apply(&mut base, own, &mut warnings)?;
            base
        } else {
            own
        };
        leak(base, overlays, &mut warnings)
    }

    fn transport(&self, warnings: &mut Warnings) -> Result<Spec, SpecError> {
        match &self.transport {
            Some(file) => fix_dictionary::read(file, warnings),
            None => unpack(TRANSPORT, warnings),
        }
    }
}

fn leak(base: Spec, overlays: &[PathBuf], warnings: &mut Warnings) -> Result<&'static Dictionary, SpecError> {
    Ok(tables::leak(&fix_dictionary::overlaid(base, overlays, warnings)?))
}

pub(super) fn packed(version: Version) -> Packed {
    match version {
        Version::Fix40 => ("the built-in FIX40.xml", include_bytes!("versions/FIX40.xml.z")),
        Version::Fix41 => ("the built-in FIX41.xml", include_bytes!("versions/FIX41.xml.z")),
        Version::Fix42 => ("the built-in FIX42.xml", include_bytes!("versions/FIX42.xml.z")),
        Version::Fix43 => ("the built-in FIX43.xml", include_bytes!("versions/FIX43.xml.z")),
        Version::Fix44 => ("the built-in FIX44.xml", include_bytes!("versions/FIX44.xml.z")),
        Version::Fix50 => ("the built-in FIX50.xml", include_bytes!("versions/FIX50.xml.z")),
        Version::Fix50Sp1 => ("the built-in FIX50SP1.xml", include_bytes!("versions/FIX50SP1.xml.z")),
        Version::Fix50Sp2 => ("the built-in FIX50SP2.xml", include_bytes!("versions/FIX50SP2.xml.z")),
    }
}

/// The text of a built-in dictionary as it is in the program, compressed (zlib, RFC 1950), by its file's name:
/// `FIX42.xml`.
#[must_use]
pub fn packed_text(file: &str) -> Option<&'static [u8]> {
    let mut all = Version::ALL.into_iter().map(packed).chain([TRANSPORT]);
    all.find(|(name, _)| name.strip_prefix("the built-in ") == Some(file)).map(|(_, bytes)| bytes)
}

pub(super) fn unpack((name, bytes): Packed, warnings: &mut Warnings) -> Result<Spec, SpecError> {
    let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes, MAX_TEXT)
        .map_err(|error| SpecError::file(name, error.to_string()))?;
    xml::parse(name, &text, warnings)
}

/// The version that a dictionary is for; one that is for none of FIX stands in for FIX 4.4, as which such messages are
/// read.
fn version_of(spec: &Spec) -> Version {
    let Some(version) = &spec.version else { return Version::Fix44 };
    let pack = if spec.service_pack == 0 { String::new() } else { format!("SP{}", spec.service_pack) };
    let name = format!("{}{pack}", version.begin_string());
    Version::from_name(name.as_bytes()).unwrap_or(Version::Fix44)
}

fn twice(spec: &Spec, version: &str, other: &Path) -> SpecError {
    let message =
        format!("is for {version}, as {} is: give one dictionary for each version", other.display());
    SpecError::new(&spec.at, message)
}

#[cfg(test)]
mod tests {
    use fix_core::tag::Tag;

    use super::*;

    #[test]
    fn every_version_has_its_own_names() {
        let all = Dictionaries::load(&[], &[], &mut Warnings::default()).unwrap();
        let field = |version, tag| all.get(version).field_name(Tag(tag));
        for version in [Version::Fix40, Version::Fix41, Version::Fix42] {
            assert_eq!(field(version, 20), Some("ExecTransType"), "{version:?}");
            assert_eq!(field(version, 76), Some("ExecBroker"));
            assert_eq!(all.get(version).begin_string, version.name());
        }
        assert_eq!(field(Version::Fix44, 20), None);
        assert_eq!(all.get(Version::Fix42).code_name(Tag(150), b"1"), Some("PARTIAL_FILL"));
        assert_eq!(field(Version::Fix43, 464), Some("TestMessageIndicator"));
        for version in [Version::Fix50, Version::Fix50Sp1, Version::Fix50Sp2] {
            assert_eq!(field(version, 1128), Some("ApplVerID"), "{version:?}");
            assert_eq!(all.get(version).message(b"A").map(|message| message.name), Some("Logon"));
            assert_eq!(all.get(version).begin_string, "FIXT.1.1");
        }
        assert_eq!(field(Version::Fix50, 1300), None);
        assert_eq!(field(Version::Fix50Sp1, 1300), Some("MarketSegmentID"));
    }

    #[test]
    fn a_users_dictionary_takes_the_place_of_its_version_alone() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ends = "<header><field name='BeginString'/></header><trailer><field name='CheckSum'/></trailer>";
        let fields = "<field number='8' name='BeginString' type='STRING'/><field number='10' name='CheckSum' \
                      type='STRING'/><field number='76' name='Desk' type='STRING'/>";
        let old = write("42.xml", &format!("<fix major='4' minor='2'>{ends}<fields>{fields}</fields></fix>"));
        let new = "<fix major='5' minor='0' servicepack='1'><fields><field number='9001' name='Own' \
                   type='INT'/></fields></fix>";
        let new = write("50sp1.xml", new);
        let overlay = "<fix><fields><field number='9002' name='Broker' type='INT'/></fields></fix>";
        let overlay = write("overlay.xml", overlay);

        let load = |files: &[PathBuf]| {
            Dictionaries::load(files, std::slice::from_ref(&overlay), &mut Warnings::default())
        };
        let all = load(&[old.clone(), new.clone()]).unwrap();
        let field = |version, tag| all.get(version).field_name(Tag(tag));
        assert_eq!(field(Version::Fix42, 76), Some("Desk"));
        assert_eq!(field(Version::Fix41, 76), Some("ExecBroker"));
        assert_eq!(
            (field(Version::Fix50Sp1, 9001), field(Version::Fix50Sp1, 1128)),
            (Some("Own"), Some("ApplVerID"))
        );
        assert_eq!((field(Version::Fix50, 9001), field(Version::Fix50, 1128)), (None, Some("ApplVerID")));
        assert!(
            Version::ALL.iter().all(|version| field(*version, 9002) == Some("Broker")),
            "the overlay lies on all"
        );

        let error = load(&[old.clone(), old]).err().unwrap().to_string();
        assert!(
            error.contains("42.xml:1:1: is for FIX.4.2, as ")
                && error.ends_with("one dictionary for each version")
        );
    }

    #[test]
    fn nothing_is_odd_in_the_built_in_dictionaries() {
        let mut warnings = Warnings::default();
        for version in Version::ALL {
            let mut spec = unpack(packed(version), &mut warnings).unwrap();
            if version >= Version::Fix50 {
                let own = std::mem::replace(&mut spec, unpack(TRANSPORT, &mut warnings).unwrap());
                overlay::apply(&mut spec, own, &mut warnings).unwrap();
            }
            fix_dictionary::resolve::resolve(&spec, &mut warnings).unwrap();
        }
        assert_eq!(warnings.lines().next(), None);
    }
}
