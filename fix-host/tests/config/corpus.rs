//! Files of the four QuickFIX engines, after the sample settings of their documentation. What is to come of each
//! stands at its end, in lines that start with `#:`; a line is given as far as it matters.

use std::fs;
use std::path::{Path, PathBuf};

use fix_host::config::{ConfigError, ConfigProblem, Role, Settings};

use crate::parse;

fn files() -> Vec<PathBuf> {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config/corpus"));
    let dialects = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = dialects
        .flat_map(|dialect| fs::read_dir(dialect).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|end| end == "cfg"))
        .collect();
    files.sort();
    files
}

/// A line for each session that starts, each error and each warning.
fn outcome(text: &str) -> Vec<String> {
    let problems = |kind: &str, problems: &[ConfigProblem]| -> Vec<String> {
        problems
            .iter()
            .map(|problem| format!("{kind} {}", problem.to_string().replacen("t.cfg:", "", 1)))
            .collect()
    };
    match parse(text) {
        Ok(Settings { sessions, warnings, .. }) => {
            let role =
                |role: &Role| if matches!(role, Role::Initiator(_)) { "initiator" } else { "acceptor" };
            let sessions = sessions.iter().map(|one| format!("starts {} {}", one.identity, role(&one.role)));
            sessions.chain(problems("warning", &warnings)).collect()
        }
        Err(ConfigError::Invalid { errors, warnings }) => {
            [problems("error", &errors), problems("warning", &warnings)].concat()
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_file_of_the_field_comes_out_as_it_should() {
    let files = files();
    assert!(files.len() >= 40, "only {} files", files.len());
    let mut wrong = String::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#: ")).collect();
        let found = outcome(&text);
        let is_as_expected = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(expected, found)| found.starts_with(expected));
        if !is_as_expected {
            let found: String = found.iter().map(|line| format!("#: {line}\n")).collect();
            wrong.push_str(&format!("{}\n{found}\n", path.display()));
        }
        assert!(!found.concat().contains("hunter2"), "{} shows a password", path.display());
    }
    assert!(wrong.is_empty(), "not as their files say:\n{wrong}");
}
