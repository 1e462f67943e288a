//! `FlightRecorder=FILE`, and `fix-host replay FILE`: both sides of a session with orders, recorded and done again.

#[path = "support/page.rs"]
mod page;
mod support;

use std::{fs, path::Path};

use fix_core::flight::block;
use fix_host::flight::Recording;
use support::{Program, eventually, fix_host, free_port, output, stderr, stdout, write_file};

const PASSWORD: &str = "correct-horse-battery";

/// A desk and an exchange that record, with an order between them and a restart of the desk's connection.
fn record(folder: &Path) -> [String; 2] {
    let (fix_port, api_port) = (free_port(), free_port());
    let flight = |name: &str| folder.join(name).display().to_string();
    let files = [flight("desk.flight"), flight("exchange.flight")];
    let initiator = format!(
        "[DEFAULT]\nConnectionType=initiator\nReconnectInterval=1\nHeartBtInt=1\nSocketConnectHost=127.0.0.1\n\
         SocketConnectPort={fix_port}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n\
         Username=joe\nPassword={PASSWORD}\nFlightRecorder={}\n",
        files[0]
    );
    let acceptor = format!(
        "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={fix_port}\n[SESSION]\n\
         BeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\nFlightRecorder={}\n",
        files[1]
    );
    let desk = write_file(folder, "desk.cfg", &initiator);
    let exchange = write_file(folder, "exchange.cfg", &acceptor);
    let mut exchange = Program::start(&["exchange", "--config", &exchange]);
    let api = format!("127.0.0.1:{api_port}");
    let mut desk = Program::start(&["start", "--fix-config", &desk, "--api", &api]);
    desk.wait_for("LOGGED ON");
    let api = format!("http://{api}");
    for _ in 0..3 {
        let order = output(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y", "--api", &api]);
        assert!(order.status.success(), "{}{}", stdout(&order), stderr(&order));
    }
    for program in [&mut desk, &mut exchange] {
        program.signal("TERM");
        assert!(program.wait().0.success());
    }
    files
}

/// As a board writes it: the entries in blocks of 200 bytes.
fn in_small_blocks(file: &str) -> Vec<u8> {
    let recording = Recording::read(Path::new(file)).unwrap();
    assert_eq!(recording.gap, None);
    let block = |(number, payload): (u32, &[u8])| {
        let head = block::head(number, payload.len() as u16, (number == 0).then_some(0));
        [&head[..], payload, &block::tail(&head, payload)].concat()
    };
    (0..).zip(recording.entries.chunks(200)).flat_map(block).collect()
}

fn replay(arguments: &[&str]) -> (Option<i32>, String) {
    let done = output(&[&["replay"], arguments].concat());
    (done.status.code(), stdout(&done) + &stderr(&done))
}

#[test]
fn a_recorded_session_is_done_again_and_what_is_not_the_same_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let files = record(folder.path());
    for file in &files {
        let (code, said) = replay(&[file]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("all the same\n"), "{said}");
    }
    let (_, shown) = replay(&["--show", &files[0]]);
    assert!(shown.contains("adds 553=joe|554=xxxxxxxxxxxxxxxxxxxxx|"), "{shown}");
    assert!(shown.contains("sends 35=D|11=") && shown.contains("IN 8=FIX.4.4|9="), "{shown}");
    for file in &files {
        let bytes = fs::read(file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(PASSWORD), "{file}");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let good = in_small_blocks(&files[0]);
    let at = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        replay(&[path.to_str().unwrap()])
    };
    let (code, said) = at("cut", &good[..good.len() - 30]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("all the same") && said.contains("cannot be read: byte "), "{said}");

    let mut bad = good.clone();
    bad[good.len() / 2] ^= 1;
    let (code, said) = at("flipped", &bad);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("check sum is wrong"), "{said}");

    let (code, said) = at("no-recording", b"[DEFAULT]\n");
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = replay(&[folder.path().join("missing").to_str().unwrap()]);
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn every_command_of_the_replay_page_works() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = tempfile::tempdir().unwrap();
    let (fix_port, api_port) = (free_port(), free_port());
    let here = |text: &str| text.replace("9876", &fix_port.to_string());
    fs::create_dir(folder.path().join("config")).unwrap();
    for name in ["exchange.cfg", "FIX44.xml"] {
        let text = fs::read_to_string(repository.join("config").join(name)).unwrap();
        write_file(&folder.path().join("config"), name, &here(&text));
    }
    let text = fs::read_to_string(repository.join("docs/replay.md")).unwrap();
    let desk = text.split("```ini\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    write_file(folder.path(), "desk.cfg", &here(desk));
    let mut running = Vec::new();
    for command in page::commands("replay.md") {
        let in_background = command.last().is_some_and(|last| last == "&");
        let mut run = fix_host(&[]);
        run.args(command.iter().filter(|word| *word != "&")).current_dir(folder.path());
        match command[0].as_str() {
            "start" => drop(run.args(["--api", &format!("127.0.0.1:{api_port}")])),
            "order" | "test-request" => drop(run.args(["--api", &format!("http://127.0.0.1:{api_port}")])),
            _ => {}
        }
        if in_background {
            let mut program = Program::spawn(run);
            program.wait_for(if command[0] == "start" { "LOGGED ON" } else { "FIX acceptor on" });
            running.push(program);
            continue;
        }
        // What went out last is in the file a little later.
        eventually("the order in the recording", || {
            let output = run.output().unwrap();
            let said = stdout(&output) + &stderr(&output);
            if command[0] == "replay" {
                let wanted = ["FIX.4.4:TRADEDESK->EXCHANGE: ", " 3 messages out, all the same"];
                return wanted.iter().all(|words| said.contains(words)).then_some(());
            }
            assert!(output.status.success(), "{command:?}: {said}");
            Some(())
        });
    }
}
