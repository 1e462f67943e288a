//! `cargo xtask bench`: instructions per message, fix-core beside its peers, counted by callgrind.
//!
//! The cost of one message is the difference of two run lengths, so start-up and the one-time work of a
//! library fall out of it. Counts repeat exactly; time (`--time`) does not.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::decode_log;
use crate::step::{self, Outcome, command, nested_cargo, root};

const FOLDER: &str = "fix-core/benches/peers";
const PEERS: &[&str] = &["fix-core", "fixlite", "fix-codec-rs", "quickfix"];

/// One case: what hffix (C++) took for it under callgrind when it was measured, what we want to reach, and what
/// we have reached: more than that is a regression, and fails.
struct Case {
    name: &'static str,
    hffix: Option<u64>,
    goal: u64,
    limit: u64,
}

const CASES: &[Case] = &[
    Case { name: "framing", hffix: Some(382), goal: 180, limit: 185 },
    Case { name: "decode-order", hffix: Some(2648), goal: 1750, limit: 1_740 },
    Case { name: "decode-report", hffix: Some(3692), goal: 2600, limit: 2_600 },
    Case { name: "decode-snapshot", hffix: Some(36_462), goal: 27_000, limit: 26_500 },
    Case { name: "validate-order", hffix: None, goal: 2800, limit: 3_600 },
    Case { name: "validate-report", hffix: None, goal: 4160, limit: 5_400 },
    Case { name: "validate-snapshot", hffix: None, goal: 43_200, limit: 33_500 },
    Case { name: "read-order", hffix: Some(2186), goal: 1_900, limit: 1_860 },
    Case { name: "read-report", hffix: Some(3173), goal: 2_600, limit: 2_820 },
    Case { name: "read-snapshot", hffix: Some(32_808), goal: 28_500, limit: 26_700 },
    Case { name: "group-flat", hffix: None, goal: 25_200, limit: 25_200 },
    Case { name: "group-typed", hffix: None, goal: 34_600, limit: 38_800 },
    Case { name: "group", hffix: None, goal: 34_600, limit: 36_600 },
    Case { name: "group-validated", hffix: None, goal: 39_500, limit: 54_100 },
    Case { name: "nested-flat", hffix: None, goal: 19_100, limit: 19_100 },
    Case { name: "nested-typed", hffix: None, goal: 26_200, limit: 45_400 },
    Case { name: "nested", hffix: None, goal: 26_200, limit: 37_800 },
    Case { name: "nested-validated", hffix: None, goal: 29_900, limit: 67_000 },
    Case { name: "encode-order", hffix: Some(1497), goal: 1000, limit: 850 },
    Case { name: "encode-report", hffix: Some(2444), goal: 1700, limit: 1_550 },
    Case { name: "session-receive", hffix: None, goal: 3600, limit: 3_400 },
    Case { name: "session-parse", hffix: None, goal: 1750, limit: 1_450 },
    Case { name: "session-send", hffix: None, goal: 5400, limit: 4100 },
    Case { name: "session-encode", hffix: None, goal: 2000, limit: 800 },
    Case { name: "pre-trade", hffix: None, goal: 300, limit: 265 },
];

#[derive(ClapArgs, Default)]
pub(crate) struct Args {
    /// Measure wall-clock time instead (divan)
    #[arg(long)]
    time: bool,
    /// Messages a second that `fix-host decode` prints of a log with a million
    #[arg(long, conflicts_with_all = ["time", "ours", "only"])]
    decode_log: bool,
    /// Count only fix-core, not the peers
    #[arg(long)]
    ours: bool,
    /// Only the cases whose name contains this
    only: Option<String>,
}

/// fix-core alone against its limits.
pub(crate) fn run_ours() -> Outcome {
    run(&Args { ours: true, ..Args::default() })
}

pub(crate) fn run(args: &Args) -> Outcome {
    if args.decode_log {
        return decode_log::run();
    }
    let target = root().join("target/peers");
    let target_dir = format!("--target-dir={}", target.display());
    if args.time {
        // Half a second for each case and peer.
        let mut bench = nested_cargo(FOLDER, &["bench", "--bench", "time", &target_dir, "--"]);
        bench.args(args.only.iter()).args(["--max-time", "0.5", "--sample-count", "200"]);
        return step::run(bench);
    }
    if !step::has("valgrind") {
        return step::skip("instruction counts", "apt-get install valgrind");
    }
    step::run(nested_cargo(FOLDER, &["build", "--release", &target_dir]))?;
    let digests = digests(&["peers", "groups"].map(|name| target.join("release").join(name)))?;
    if !args.ours && !digests.iter().any(|known| known.peer == "quickfix") {
        step::skip("QuickFIX C++", "apt-get install libquickfix-dev")?;
    }
    print_row(
        "case",
        &["fix-core", "goal", "hffix", "fixlite", "fix-codec-rs", "quickfix"].map(str::to_owned),
    );
    let mut over = Vec::new();
    let mut counts = Vec::new();
    for case in CASES.iter().filter(|case| args.only.as_ref().is_none_or(|only| case.name.contains(only))) {
        let ours = count_case(case, args, &digests)?;
        counts.push((case.name, ours));
        if ours > case.limit {
            over.push(format!("{} takes {ours}, limit {}", case.name, case.limit));
        }
    }
    for (whole, codec) in [("session-receive", "session-parse"), ("session-send", "session-encode")] {
        let of = |name| counts.iter().find(|(known, _)| *known == name).map(|(_, count)| *count);
        if let Some((whole_count, codec_count)) = of(whole).zip(of(codec)) {
            println!("{whole} without {codec}: {}", whole_count.saturating_sub(codec_count));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

struct Digest {
    program: PathBuf,
    case: String,
    peer: String,
    digest: String,
}

impl Digest {
    /// What must have the same digest: the same case, or the same group read in another way.
    fn work(&self) -> &str {
        let way = self.case.split_once('-').filter(|(message, _)| ["group", "nested"].contains(message));
        way.map_or(&self.case, |(message, _)| message)
    }
}

/// What the programs can do here, and the digest of each.
fn digests(programs: &[PathBuf]) -> Result<Vec<Digest>, String> {
    let mut digests = Vec::new();
    for program in programs {
        let output =
            command(&program.to_string_lossy(), &["list"]).output().map_err(|error| error.to_string())?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let [case, peer, digest] = line.split(' ').collect::<Vec<_>>().as_slice() {
                let [case, peer, digest] = [case, peer, digest].map(|word| (*word).to_owned());
                digests.push(Digest { program: program.clone(), case, peer, digest });
            }
        }
    }
    for known in &digests {
        let same = digests.iter().filter(|other| other.work() == known.work());
        if let Some(other) = same.into_iter().find(|other| other.digest != known.digest) {
            return Err(format!(
                "{}: {} and {} did not do the same work",
                known.case, known.peer, other.peer
            ));
        }
    }
    if digests.is_empty() { Err("the bench program lists no case".into()) } else { Ok(digests) }
}

fn count_case(case: &Case, args: &Args, digests: &[Digest]) -> Result<u64, String> {
    let mut counts = Vec::new();
    for peer in PEERS {
        let known = digests.iter().find(|known| known.case == case.name && known.peer == *peer);
        let wanted = known.filter(|_| !args.ours || *peer == "fix-core");
        counts.push(wanted.map(|known| count(&known.program, case.name, peer)).transpose()?);
    }
    let ours = counts.first().copied().flatten().ok_or("fix-core has no such case")?;
    let mut columns = vec![ours.to_string(), case.goal.to_string(), shown(case.hffix)];
    columns.extend(counts.iter().skip(1).map(|count| shown(*count)));
    print_row(case.name, &columns);
    Ok(ours)
}

/// Instructions of one message: the difference of a long and a short run.
fn count(program: &Path, case: &str, peer: &str) -> Result<u64, String> {
    const SHORT: u64 = 64;
    const LONG: u64 = 1064;
    let collected = |count: u64| -> Result<u64, String> {
        let program = program.to_string_lossy();
        let count = count.to_string();
        let args = ["--tool=callgrind", "--callgrind-out-file=/dev/null", &program, case, peer, &count];
        let output = command("valgrind", &args).output().map_err(|error| format!("valgrind: {error}"))?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.lines()
            .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
            .ok_or_else(|| format!("callgrind counted nothing for {case} {peer}:\n{text}"))
    };
    Ok((collected(LONG)?.saturating_sub(collected(SHORT)?)) / (LONG - SHORT))
}

fn shown(count: Option<u64>) -> String {
    count.map_or_else(|| "-".into(), |count| count.to_string())
}

fn print_row(case: &str, columns: &[String]) {
    print!("{case:<16}");
    columns.iter().for_each(|column| print!("{column:>14}"));
    println!();
}
