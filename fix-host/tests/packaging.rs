//! The files beside the program: what can be checked of them without the systems they are for.

mod support;

use std::{fs, os::unix::net::UnixDatagram, path::PathBuf};

use fix_host::{
    config, exit,
    observe::{Board, Metrics},
};
use support::{PATIENCE, Program, fix_host, free_port, write_file};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_configurations_of_the_containers_are_valid_and_fit_each_other() {
    let load = |name: &str| {
        let path = root().join("config/docker").join(name);
        config::load(&path).unwrap_or_else(|error| panic!("{error}")).sessions.remove(0)
    };
    let (desk, exchange) = (load("quickfix.cfg"), load("exchange.cfg"));
    assert_eq!(desk.identity.sender_comp_id, exchange.identity.target_comp_id);
    assert_eq!(desk.identity.target_comp_id, exchange.identity.sender_comp_id);
    let (config::Role::Initiator(desk), config::Role::Acceptor(exchange)) = (desk.role, exchange.role) else {
        panic!("the desk connects, the exchange listens");
    };
    assert_eq!(desk.hosts[0].port, exchange.bind.port);
    let compose = read("config/docker/compose.yaml");
    assert!(compose.contains(&format!("\n  {}:\n", desk.hosts[0].host)), "a service of that name");
}

#[test]
fn what_the_dockerfile_copies_is_sent_to_the_builder() {
    let ignore = read("config/docker/Dockerfile.dockerignore");
    for line in ignore.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(root().join(line).exists(), "{line}");
    }
    let members = read("Cargo.toml");
    for member in ["fix-core", "fix-host", "xtask"] {
        assert!(members.contains(&format!("\"{member}\"")) && ignore.contains(&format!("!{member}\n")));
    }
}

#[test]
fn systemd_restarts_nothing_that_a_restart_cannot_mend() {
    let unit = read("config/systemd/fix-host.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
    let codes: Vec<u8> = line.split(' ').map(|code| code.parse().unwrap()).collect();
    assert_eq!(codes, [exit::USAGE, exit::STORE_IO, exit::AUTHENTICATION, exit::CONFIGURATION]);
}

#[test]
fn alerts_use_metrics_that_the_engine_has() {
    let metrics = Metrics::default();
    metrics.add_session("DESK->EXCHANGE", Default::default());
    let page = metrics.page(&Board::default());
    let alerts = read("config/prometheus/alerts.yml");
    let word = |text: &str| -> String {
        text.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
    };
    let used: Vec<String> = alerts.match_indices("fix_session_").map(|(at, _)| word(&alerts[at..])).collect();
    assert!(used.len() >= 5, "{used:?}");
    for name in used {
        assert!(page.contains(&format!("# TYPE {name} ")), "{name} is not in:\n{page}");
    }
}

/// Waits until systemd, which is us, hears `state`.
fn hear(systemd: &UnixDatagram, state: &str) {
    let mut bytes = [0; 256];
    loop {
        let count = systemd.recv(&mut bytes).unwrap_or_else(|error| panic!("no {state}: {error}"));
        if bytes[..count].split(|byte| *byte == b'\n').any(|line| line == state.as_bytes()) {
            return;
        }
    }
}

#[test]
fn systemd_hears_of_the_start_the_life_and_the_end_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = free_port();
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\n\
         TargetCompID=TRADEDESK\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n"
    );
    let cfg = write_file(folder.path(), "exchange.cfg", &text);
    let mut command = fix_host(&["exchange", "--config", &cfg]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "50000");
    let mut program = Program::spawn(command);
    hear(&systemd, "READY=1");
    std::net::TcpStream::connect(("127.0.0.1", port)).expect("who is ready listens");
    hear(&systemd, "WATCHDOG=1");
    program.signal("TERM");
    hear(&systemd, "STOPPING=1");
    assert!(program.wait().0.success());
}
