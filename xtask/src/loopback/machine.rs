//! On what the figures were taken, and which cores are used.

use std::{fs, path::Path, process::Command};

use crate::step;

/// Processor, kernel, load, file system, compiler and QuickFIX, in one line.
pub(super) fn describe() -> String {
    let first_line = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    let kernel = first_line(read("/proc/sys/kernel/osrelease"));
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    let quickfix = output("dpkg-query", &["-W", "-f", "${Version}", "libquickfix-dev"]);
    let folder = step::target().display().to_string();
    [
        format!("Machine: {}", processor()),
        format!("{} cores", cores().len().max(1)),
        format!("Linux {kernel}"),
        format!("store on {}", first_line(output("stat", &["-f", "-c", "%T", &folder]))),
        first_line(output("rustc", &["--version"])),
        format!("QuickFIX C++ {}", if quickfix.is_empty() { "?" } else { quickfix.trim() }),
        format!("load average at the end {load}"),
    ]
    .join(", ")
}

fn processor() -> String {
    let text = read("/proc/cpuinfo");
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.split_once(':').filter(|(name, _)| name.trim() == key))
            .map_or("?", |(_, value)| value.trim())
    };
    format!("{} (family {}, model {})", value("model name"), value("cpu family"), value("model"))
}

/// The cores that this process may use; empty where that is not known.
pub(super) fn cores() -> Vec<u32> {
    let status = read("/proc/self/status");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
    list.trim().split(',').flat_map(range).collect()
}

/// `3` or `0-3`.
fn range(text: &str) -> Vec<u32> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) => (first..=last).collect(),
        _ => Vec::new(),
    }
}

/// The core of the servers and that of the driver; the same one where there is only one.
pub(super) fn pair() -> Option<(u32, u32)> {
    let cores = cores();
    Some((*cores.last()?, *cores.first()?)).filter(|_| step::has("taskset"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores_are_read() {
        assert_eq!("0-2,5".split(',').flat_map(range).collect::<Vec<_>>(), [0, 1, 2, 5]);
        assert!(range("").is_empty());
    }
}
