//! The files beside the program: what can be checked of them without the systems they are for.

mod support;

use std::{collections::BTreeSet, fs, net::TcpStream, os::unix::net::UnixDatagram, path::PathBuf};

use fix_host::{config, exit};
use support::{PATIENCE, Program, fix_host, free_port, http_get, write_file};

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

/// The metrics that a file names, histograms without the ends of their samples' names.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let names = words.filter(|word| word.starts_with("fix_") || word.starts_with("process_"));
    let ends = ["_bucket", "_sum", "_count"];
    names.map(|name| ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()).collect()
}

#[test]
fn alerts_and_dashboard_name_metrics_that_the_engine_has_and_the_dashboard_all_that_matter() {
    let folder = tempfile::tempdir().unwrap();
    let [fix, http, redis] = [(); 3].map(|()| free_port());
    let text = format!(
        "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=DESK\nTargetCompID=EXCHANGE\n\
         SocketConnectHost=127.0.0.1\nSocketConnectPort={fix}\nHeartBtInt=30\nStartTime=00:00:00\n\
         EndTime=00:00:00\nFileStorePath={}\n",
        folder.path().join("store").display()
    );
    let cfg = write_file(folder.path(), "desk.cfg", &text);
    let (http, redis) = (format!("127.0.0.1:{http}"), format!("redis://127.0.0.1:{redis}"));
    let command = fix_host(&["start", "--fix-config", &cfg, "--api", &http, "--redis-url", &redis]);
    let mut program = Program::spawn(command);
    program.wait_for("page and HTTP API on");
    let page = http_get(&http, "/metrics");
    let served: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    for file in ["config/prometheus/alerts.yml", "config/grafana/fix-host.json"] {
        let named = metrics_in(&read(file));
        assert!(named.len() >= 10, "{named:?}");
        for name in named {
            assert!(served.contains(name.as_str()), "{file}: {name} is not in:\n{page}");
        }
    }
    let shown = metrics_in(&read("config/grafana/fix-host.json"));
    let of_trading =
        ["fix_orders_", "fix_fills_", "fix_order_", "fix_redis_", "fix_store_", "fix_disk_", "process_"];
    for name in served.iter().filter(|name| of_trading.iter().any(|start| name.starts_with(start))) {
        assert!(shown.contains(*name), "the dashboard lacks {name}");
    }
    assert!(page.contains("\nfix_redis_up 0\n"), "{page}");
    let dashboard: serde_json::Value = serde_json::from_str(&read("config/grafana/fix-host.json")).unwrap();
    assert_eq!(dashboard["uid"], "fix-host");
    program.signal("TERM");
    program.wait();
}

#[test]
fn an_exchange_serves_metrics_health_and_its_venue_and_no_network_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=DESK\n\
         SocketAcceptHost=127.0.0.1\nSocketAcceptPort={}\nStartTime=00:00:00\nEndTime=00:00:00\n",
        free_port()
    );
    let cfg = write_file(folder.path(), "exchange.cfg", &text);
    let http = format!("127.0.0.1:{}", free_port());
    let mut exchange = Program::spawn(fix_host(&["exchange", "--config", &cfg, "--http", &http]));
    exchange.wait_for("page on http://127.0.0.1:");
    let page = http_get(&http, "/metrics");
    assert!(page.contains("fix_session_logged_on{session=\"FIX.4.4:EXCHANGE->DESK\"} 0\n"), "{page}");
    let health = http_get(&http, "/healthz");
    assert!(health.starts_with("HTTP/1.1 200 ") && health.contains("{\"status\":\"ok\","), "{health}");
    let other = http_get(&http, "/api/orders");
    assert!(
        other.starts_with("HTTP/1.1 404 ")
            && other.contains("this is an exchange, not an engine; there are /metrics, /healthz, ")
            && other.contains(" /api/exchange,"),
        "{other}"
    );
    // The page writes prices as the instruments have them: 96.165 is not 96.17.
    let about = http_get(&http, "/api/about");
    assert!(
        about.contains(r#"{"symbol":"10Y","display":"32nds","tick":"0.005","priceDecimals":3}"#),
        "{about}"
    );
    let document = http_get(&http, "/openapi.json");
    let document: serde_json::Value =
        serde_json::from_str(document.split_once("\r\n\r\n").unwrap().1).unwrap();
    let (_, pages) = other.split_once("there are ").unwrap();
    let pages = pages.split('"').next().unwrap();
    let mut served: Vec<&str> = pages.split(", ").collect();
    let mut documented: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    served.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, served);
    let health = &document["paths"]["/healthz"]["get"]["responses"]["200"]["content"]["application/json"];
    assert_eq!(health["schema"]["required"], serde_json::json!(["status"]));
    exchange.signal("TERM");
    assert!(exchange.wait().0.success());

    let refused = fix_host(&["exchange", "--config", &cfg, "--http", "0.0.0.0:0"])
        .env_remove("FIX_HOST_API_TOKEN")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(78), "{said}");
    assert!(said.contains("0.0.0.0:0 only with a token"), "{said}");
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
    TcpStream::connect(("127.0.0.1", port)).expect("who is ready listens");
    hear(&systemd, "WATCHDOG=1");
    program.signal("TERM");
    hear(&systemd, "STOPPING=1");
    assert!(program.wait().0.success());
}
