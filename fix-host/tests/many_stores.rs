//! What the start of many sessions with stores costs: counted, not timed.

mod support;

use std::{fmt::Write, fs, mem::MaybeUninit, path::Path, process::Command};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::inotify,
    io::Errno,
};
use support::{Program, free_port, write_file};

const SESSIONS: usize = 500;

/// An exchange with many sessions of its own, started under `limits` (arguments of the shell's `ulimit`).
fn start(folder: &Path, limits: &str) -> Program {
    let mut text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=X\nSocketAcceptAddress=127.0.0.1\n\
         SocketAcceptPort={}\nFileStorePath={}\n",
        free_port(),
        folder.join("store").display()
    );
    for number in 0..SESSIONS {
        let _ = write!(text, "[SESSION]\nTargetCompID=C{number}\n");
    }
    let cfg = write_file(folder, "exchange.cfg", &text);
    let mut command = Command::new("bash");
    let script = format!("ulimit {limits}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_fix-host"), "exchange", "--config", &cfg]);
    Program::spawn(command)
}

/// How often a directory was opened for reading since it was watched.
fn listings(watch: &OwnedFd) -> usize {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(watch.as_fd(), &mut buffer);
    let mut count = 0;
    loop {
        match reader.next() {
            Ok(event) => count += usize::from(event.events().contains(inotify::ReadFlags::ISDIR)),
            Err(Errno::AGAIN) => return count,
            Err(error) => panic!("{error}"),
        }
    }
}

/// For each store it would be, and a start of N sessions would cost N times N.
#[test]
fn the_folder_is_listed_a_few_times_whatever_the_number_of_sessions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    fs::create_dir(&store).expect("the store's folder");
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK).expect("inotify");
    inotify::add_watch(&watch, &store, inotify::WatchFlags::OPEN).expect("a watch");
    for _ in 0..2 {
        // Fewer files than there are stores: the program raises its limit as far as it may.
        let mut exchange = start(folder.path(), "-Sn 256");
        exchange.wait_for("FIX acceptor on");
        exchange.signal("TERM");
        assert!(exchange.wait().0.success());
        let count = listings(&watch);
        assert!((1..=4).contains(&count), "{count} listings for {SESSIONS} sessions");
    }
    let files = fs::read_dir(&store).expect("the store's folder").count();
    assert!(files >= 2 * SESSIONS, "{files}");
}

#[test]
fn too_few_open_files_are_said_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut exchange = start(folder.path(), "-n 256");
    exchange.wait_for(
        "500 sessions may need 2128 open files, and this process may have 256: raise its hard limit",
    );
    let (status, _) = exchange.wait();
    assert_eq!(status.code(), Some(74), "{}", exchange.printed());
    let printed = exchange.printed();
    let line = printed.lines().find(|line| line.contains("Too many open files")).unwrap_or(&printed);
    assert!(line.contains("raise its hard limit") && !line.contains("set another FileStorePath"), "{line}");
}
