//! `cargo xtask firmware run --line PORT`, with the client that the README offers.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
};

/// The runner with the emulator and the exchange that it started; ended together, as by Ctrl-C.
struct Group(Child);

impl Group {
    /// Ends it as a user does.
    fn interrupted(&mut self) -> Result<ExitStatus, String> {
        let group = format!("-{}", self.0.id());
        let sent = Command::new("kill").args(["-INT", "--", &group]).status();
        sent.map_err(|error| format!("kill: {error}"))?;
        self.0.wait().map_err(|error| format!("the runner's end: {error}"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.interrupted();
        }
    }
}

/// An order, a refusal by name and another word, each with its check sum.
const SCRIPT: &str = "
import sys
import gateway_client as g
gateway = g.Gateway.open(sys.argv[1])
def answer(line, word, text=''):
    said = gateway.ask(line, 60)
    assert said.word == word and text in said.fields.get(58, ''), (line, said)
answer('NEW 11=A-1 55=10Y 54=1 38=100 40=1', 'OK')
answer('NEW 11=A-2 55=10Y 54=1 38=1 40=2', 'NO', 'Price(44) is missing')
filled = next(line for line in gateway.within(60) if line.fields.get(39) == '2')
assert filled.fields[11] == 'A-1', filled
gateway.send('PING')
assert any(line.word == 'PONG' for line in gateway.within(60))
";

#[test]
fn the_client_of_the_readme_trades_over_the_port() -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.args(["--line", "0"]).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut running = Group(command.spawn().map_err(|error| format!("runner: {error}"))?);
    // An empty line is no request.
    let mut typed = running.0.stdin.take().ok_or("no stdin")?;
    typed.write_all(b"\n  \n").map_err(|error| error.to_string())?;
    let mut said = BufReader::new(running.0.stdout.take().ok_or("no stdout")?).lines().map_while(Result::ok);
    let seen: Vec<String> = said.by_ref().take_while(|line| !line.contains(" SESSION 58=up")).collect();
    let all = seen.join("\n");
    assert!(["LOGON", "RESUME", "MASSCANCEL", "RECORD"].iter().all(|word| all.contains(word)), "{all}");
    assert!(!all.contains(" NO "), "{all}");
    let place = seen.iter().find_map(|line| line.rsplit_once("gateway_client.py ")).ok_or("no port")?.1;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let client = Command::new("python3").args(["-B", "-c", SCRIPT, place]).current_dir(folder).output();
    let client = client.map_err(|error| format!("python3: {error}"))?;
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    let said = typed_together(
        folder,
        place,
        b"NEW 11=B-1 55=10Y 54=1 38=100 40=1\nNEW 11=B-2 55=10Y 54=1 38=1 40=2\nPING",
    )?;
    assert!(["OK 11=B-1", "NO 11=B-2", "PONG"].iter().all(|answer| said.contains(answer)), "{said}");
    let (id, status) = (running.0.id(), running.interrupted()?);
    assert!(status.success(), "Ctrl-C is how it ends: {status}");
    assert_eq!(folders(id), Vec::<String>::new(), "left behind");
    Ok(())
}

/// The temporary folders of that process.
fn folders(process: u32) -> Vec<String> {
    let all = fs::read_dir(env::temp_dir()).into_iter().flatten().flatten();
    let names = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&format!("firmware-{process}-"))).collect()
}

/// What the client prints for lines that it gets at once, and then no more.
fn typed_together(folder: &str, place: &str, lines: &[u8]) -> Result<String, String> {
    let mut command = Command::new("python3");
    command.args(["-B", "gateway_client.py", place]).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = command.spawn().map_err(|error| format!("python3: {error}"))?;
    let mut input = client.stdin.take().ok_or("no stdin")?;
    input.write_all(lines).map_err(|error| error.to_string())?;
    drop(input);
    let output = client.wait_with_output().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
