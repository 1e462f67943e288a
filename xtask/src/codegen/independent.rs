//! config/FIX44.xml against an independent dictionary: the one inside the Python package `quickfix`.
//!
//! Where the repository of FIX Orchestra and deployed validators differ, ours follows the deployed ones, so that it
//! accepts what counterparties send: `OrdStatus(39)` lacks the withdrawn `5`, `CollInquiryID(909)` and
//! `NoPositions(702)` are optional, codes that they leave open are `allowOtherValues`, 532 and 674 are STRING, and
//! `HaltReasonChar(327)` keeps its FIX 4.4 name. What remains are the additions below.

use std::{
    collections::BTreeSet,
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use fix_dictionary::{
    error::Warnings,
    resolve::{Block, Resolved},
};

use crate::step;

/// Members of groups that FIX 4.4 has and the independent dictionary lacks.
const OUR_MEMBERS: [(&str, i32); 2] = [("SideCrossOrdModGrp", 586), ("TrdCapRptSideGrp", 635)];
/// Values that FIX 4.4 has and the independent dictionary lacks.
const OUR_VALUES: [(i32, &str); 2] = [(18, "T"), (103, "12")];

const PACKAGE: &str = "quickfix==1.16.0";
const SPEC: &str = "quickfix-1.16.0/spec";
const INSIDE: &str = "quickfix-1.16.0/spec/FIX44.xml";

#[test]
fn the_dictionary_equals_an_independent_one() {
    let Some(file) = independent() else { return };
    let no_overlays: [PathBuf; 0] = [];
    let load = |file: &Path| fix_dictionary::load(file, &no_overlays, &mut Warnings::default()).unwrap();
    let (ours, theirs) = (load(&step::root().join(super::DICTIONARY)), load(&file));

    for (group, tag) in OUR_MEMBERS {
        let has = |dictionary: &Resolved| {
            dictionary.groups.iter().any(|g| g.name == group && g.entry.members.contains(&tag))
        };
        assert!(has(&ours) && !has(&theirs), "{group} {tag} is no difference any more");
    }
    let (ours, theirs) = (facts(&ours, &theirs), facts(&theirs, &theirs));
    let difference =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    let (only_ours, only_theirs) = (difference(&ours, &theirs), difference(&theirs, &ours));
    let values = OUR_VALUES.map(|(tag, code)| format!("value {tag} {code}"));
    assert_eq!((only_ours, only_theirs), (BTreeSet::from(values).into_iter().collect(), vec![]));
    assert!(ours.len() > 4000, "{}", ours.len());
}

/// QuickFIX's own dictionaries, of all versions, are loaded; what is odd in them is known.
#[test]
fn every_dictionary_of_quickfix_is_loaded() {
    let Some(file) = independent() else { return };
    let no_overlays: [PathBuf; 0] = [];
    let mut loaded = BTreeSet::new();
    let mut odd = Vec::new();
    for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let mut warnings = Warnings::default();
            let dictionary = fix_dictionary::load(&path, &no_overlays, &mut warnings).unwrap();
            assert!(!dictionary.fields.is_empty() && !dictionary.messages.is_empty(), "{}", path.display());
            loaded.insert(path.file_name().unwrap().to_string_lossy().into_owned());
            let name = path.display().to_string();
            odd.extend(
                warnings
                    .lines()
                    .map(|line| line.replace(&name, &path.file_name().unwrap().to_string_lossy())),
            );
        }
    }
    let versions = ["FIX40", "FIX41", "FIX42", "FIX43", "FIX44", "FIX50", "FIX50SP1", "FIX50SP2", "FIXT11"];
    assert_eq!(loaded, versions.iter().map(|version| format!("{version}.xml")).collect());
    assert_eq!(odd, ["FIX43.xml:1360:4: field OwnershipType is there twice: taken once"]);
}

/// Everything that a dictionary says, one fact a line.
fn facts(dictionary: &Resolved, reference: &Resolved) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for (field, other) in dictionary.fields.iter().zip(&reference.fields) {
        let kind = field.kind.map_or("", |kind| kind.xml);
        facts.insert(format!("field {} {} {kind}", field.number, field.name));
        if field.open == Some(true) {
            // Then the values are names only, and the reference must not restrict it either.
            assert!(other.values.is_empty(), "{}({}) is open only here", field.name, field.number);
            continue;
        }
        facts.extend(field.values.iter().map(|value| format!("value {} {}", field.number, value.code)));
    }
    for message in &dictionary.messages {
        let name = format!("message {} {} admin={}", message.msg_type, message.name, message.admin);
        block(dictionary, &message.body, &name, "", &mut facts);
        facts.insert(name);
    }
    block(dictionary, &dictionary.header, "header", "", &mut facts);
    block(dictionary, &dictionary.trailer, "trailer", "", &mut facts);
    facts.extend(dictionary.data_pairs.iter().map(|pair| format!("data {pair:?}")));
    facts
}

fn block(dictionary: &Resolved, block: &Block, path: &str, group: &str, facts: &mut BTreeSet<String>) {
    let members = block.members.iter().filter(|tag| !OUR_MEMBERS.contains(&(group, **tag)));
    let members: Vec<_> = members.collect();
    facts.insert(format!("{path} members {members:?}"));
    let required: BTreeSet<_> = block.required.iter().collect();
    facts.insert(format!("{path} required {required:?}"));
    for index in &block.groups {
        let group = &dictionary.groups[*index];
        let path = format!("{path} > {}", group.count);
        self::block(dictionary, &group.entry, &path, &group.name, facts);
    }
}

/// The file to compare with; outside CI the tests do without.
fn independent() -> Option<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOUND.get_or_init(find) {
        Ok(file) => Some(file.clone()),
        Err(reason) if step::is_ci() => panic!("{reason}"),
        Err(reason) => {
            // Past the test harness, which would keep it to itself.
            _ = writeln!(std::io::stderr(), "SKIP: no independent dictionary: {reason}");
            None
        }
    }
}

/// The FIX 4.4 file beside those of the other versions: named by QUICKFIX_DICTIONARY, or the one in the Python package, fetched once.
fn find() -> Result<PathBuf, String> {
    if let Some(file) = env::var_os("QUICKFIX_DICTIONARY") {
        return Ok(file.into());
    }
    let exe = env::current_exe().map_err(|error| error.to_string())?;
    let target = exe.ancestors().nth(3).ok_or("the test does not run from a target directory")?;
    let folder = target.join("independent-dictionary");
    let file = folder.join(INSIDE);
    if !file.with_file_name("FIX40.xml").exists() {
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "quickfix", PACKAGE];
        run(&folder, "python3", &download)?;
        run(&folder, "tar", &["-xzf", "quickfix-1.16.0.tar.gz", SPEC])?;
    }
    Ok(file)
}

fn run(folder: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(args).current_dir(folder).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{program}: {error}")),
    }
}
