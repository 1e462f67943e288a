//! `cargo xtask acceptance`: a FIX session conformance runner plays its definitions against the built
//! acceptor and initiator. The runner and its definitions are not part of this project; the task looks for
//! them in the folder that FIX_ACCEPTANCE names, or beside the checkout.

use std::process::Command;

use crate::{
    port::free_port,
    step::{self, Outcome},
};

/// Definitions that fail in strict mode, where the runner compares with one engine's habits, and why: these and no
/// others.
const STRICT_FAIL: [(&str, &str); 1] = [(
    "1d_InvalidLogonBadSendingTime",
    "a bad Logon of a known session is refused with a Logout that says why (case 1S.d); QuickFIX closes without a byte",
)];

pub(crate) fn run() -> Outcome {
    let Some(folder) = step::conformance_folder() else {
        println!("SKIP acceptance: no conformance runner (set FIX_ACCEPTANCE to the folder of at_runner.py)");
        return Ok(());
    };
    let program = step::dist_program()?.display().to_string();
    let runner = folder.join("at_runner.py");
    let play = |definitions: &str, arguments: &[&str]| {
        let mut command = step::command("python3", &[]);
        command.arg(&runner).arg(folder.join("defs").join(definitions)).args(arguments);
        command
    };
    let server = format!("exec {program} acceptance-server --port {{port}}");
    let client = format!("exec {program} acceptance-client --port {{port}}");
    let port = free_port()?.to_string();
    let relaxed = |port: &str, more: &[&str]| -> Vec<String> {
        ["--port", port, "--compare", "relaxed", "-q"]
            .iter()
            .chain(more)
            .map(|text| (*text).to_owned())
            .collect()
    };
    for (definitions, more) in [
        ("fix44", vec!["--server-cmd", &server, "--jobs", "2"]),
        ("extra", vec!["--server-cmd", &server, "--jobs", "2", "--have", "persist"]),
        ("session", vec!["--server-cmd", &server, "--jobs", "2"]),
        ("initiator", vec!["--client-cmd", &client]),
    ] {
        let arguments = relaxed(&port, &more);
        step::run(play(definitions, &arguments.iter().map(String::as_str).collect::<Vec<_>>()))?;
    }
    strict(play("fix44", &["--port", &port, "--server-cmd", &server, "--jobs", "2", "-q"]))
}

fn strict(mut command: Command) -> Outcome {
    println!("+ at_runner.py fix44, strict");
    let output = command.output().map_err(|error| format!("python3: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let mut failed: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("FAIL")?.split_whitespace().next()).collect();
    failed.sort_unstable();
    for (name, why) in STRICT_FAIL {
        println!("{name} fails in strict mode: {why}");
    }
    let expected = STRICT_FAIL.map(|(name, _)| name);
    if text.contains(" passed") && failed == expected {
        return Ok(());
    }
    Err(format!("strict mode: {failed:?} fail, {expected:?} must"))
}
