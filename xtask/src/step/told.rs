//! What a program says is passed on line by line, and its last lines are kept, with those before them that tell of a failure:
//! the end of a long run says why a part failed, also where only that end is kept.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

/// How many last lines are kept.
const KEPT: usize = 20;

/// How many lines before them are kept that tell of a failure, and what such lines contain: of Rust's tests, of Python and
/// JavaScript, of our own programs and the conformance runner.
const TELLING: usize = 20;
const MARKS: [&str; 6] = ["FAILED", "panicked at", "Error:", "error:", "error[", "FAIL "];

/// How long what is left in the pipes is waited for once the program has ended: something that it has started may hold
/// them open for ever.
const REST: Duration = Duration::from_secs(2);

/// Runs the program to its end: how it ended, and which lines of what it said are kept.
pub(super) fn run(mut command: Command) -> std::io::Result<(ExitStatus, Vec<String>)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (told, lines) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        pass_on(stdout, std::io::stdout(), told.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        pass_on(stderr, std::io::stderr(), told.clone());
    }
    drop(told);
    let ended = thread::spawn(move || child.wait());
    let (mut kept, mut last) = (Vec::new(), VecDeque::new());
    loop {
        match lines.recv_timeout(REST) {
            Ok(line) => last.push_back(line),
            Err(RecvTimeoutError::Timeout) if !ended.is_finished() => {}
            Err(_) => break,
        }
        if last.len() > KEPT {
            kept.extend(last.pop_front().filter(|line| kept.len() < TELLING && tells_of_failure(line)));
        }
    }
    let status = ended.join().map_err(|_| std::io::Error::other("its end was not seen"))??;
    kept.extend(last);
    Ok((status, kept))
}

fn tells_of_failure(line: &str) -> bool {
    MARKS.iter().any(|mark| line.contains(mark))
}

fn pass_on(from: impl Read + Send + 'static, mut to: impl Write + Send + 'static, told: Sender<String>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            // A reader that has gone away stops nothing: the program goes on, and its last lines are kept.
            let _ = to.write_all(&line).and_then(|()| to.flush());
            let _ = told.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> (ExitStatus, Vec<String>) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command).expect("a shell")
    }

    #[test]
    fn the_last_lines_of_both_outputs_are_kept() {
        for script in ["seq 100; exit 3", "seq 100 >&2; exit 3"] {
            let (status, last) = shell(script);
            assert_eq!(status.code(), Some(3));
            assert_eq!(last, (81..=100).map(|number| number.to_string()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_tells_of_a_failure_is_kept_however_much_comes_after_it() {
        let (_, last) = shell("echo before; echo 'Error: of this test'; seq 100");
        assert_eq!(last.len(), 1 + KEPT);
        assert_eq!(last.first().map(String::as_str), Some("Error: of this test"));
    }

    #[test]
    fn what_the_program_left_running_is_not_waited_for() {
        let (status, last) = shell("sleep 600 & echo $!");
        assert!(status.success());
        let left = last.first().expect("a number").clone();
        assert!(Command::new("kill").arg(left).status().is_ok_and(|status| status.success()));
    }
}
