//! docs/scenarios.md is true: its files are scenarios, and its commands, in their order, end as it says.

#[path = "support/page.rs"]
mod page;
mod support;

use std::{fs, path::Path};

use support::{Program, fix_host, free_port, stderr, stdout, wait_for_port, write_file};

fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes the scenarios of the page into `folder`: each is named in front of its block, in backticks.
fn write_scenarios(folder: &Path) -> usize {
    let text = fs::read_to_string(repository().join("docs/scenarios.md")).unwrap();
    let blocks = text.split("```scenario\n").collect::<Vec<_>>();
    for pair in blocks.windows(2) {
        let mut names = pair[0].rsplit('`').skip(1).step_by(2);
        let name = names.next().expect("a name in front of the block");
        let body = pair[1].split("```").next().expect("an end");
        write_file(folder, name, body);
    }
    blocks.len() - 1
}

#[test]
fn every_file_and_command_of_the_scenario_page_works() {
    let folder = tempfile::tempdir().unwrap();
    let (venue, broker) = (free_port().to_string(), free_port().to_string());
    let here = |text: &str| text.replace("9876", &venue).replace("9877", &broker);
    fs::create_dir(folder.path().join("config")).unwrap();
    for name in ["exchange.cfg", "quickfix.cfg", "FIX44.xml"] {
        let text = fs::read_to_string(repository().join("config").join(name)).unwrap();
        write_file(&folder.path().join("config"), name, &here(&text));
    }
    assert_eq!(write_scenarios(folder.path()), 5);
    let mut running = Vec::new();
    for command in page::commands("scenarios.md") {
        let in_background = command.last().is_some_and(|last| last == "&");
        let arguments: Vec<_> = command.iter().filter(|word| *word != "&").map(|word| here(word)).collect();
        let mut run = fix_host(&[]);
        run.args(&arguments).current_dir(folder.path());
        if in_background {
            running.push(Program::spawn(run));
            wait_for_port(if arguments[0] == "exchange" { &venue } else { &broker }.parse().unwrap());
            continue;
        }
        let output = run.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}{}", stdout(&output), stderr(&output));
    }
    assert!(folder.path().join("report.html").exists() && folder.path().join("junit.xml").exists());
    let (status, _) = running.last_mut().unwrap().wait();
    assert!(status.success(), "the broker ends well when its counterparty leaves");
}
