//! `fix-host firmware-config`: a session of a .cfg for a board.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    net::Ipv4Addr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{remote::Failure, sessions::finish};
use crate::{
    clock::utc_now,
    config::{HostPort, Role, SessionSettings, Settings, load},
    exit,
    firmware::{
        Address, BoardSettings, BoardTls, Cancels, DeadMan, Net, ProvisionError, blob, is_of_the_host, judge,
        source,
    },
};

/// Make a board's configuration of a session in a .cfg file
///
/// Writes a file of Rust with `pub const GATEWAY: Gateway` for the board's source; times of the schedule become UTC moments of
/// the coming years, so the board needs no data of time zones. What a board cannot do is refused by the key's name. Secrets
/// are not in it: `--provision FILE` writes Username, Password and the key of the board's certificate as bytes for a sector of
/// its flash. Exit codes: 0
/// made, 2 usage, 74 it cannot be written, 78 the configuration is wrong, or a board has not what it asks for.
#[derive(clap::Args)]
pub struct FirmwareConfigArgs {
    /// The configuration file, in QuickFIX's format
    file: PathBuf,
    /// Which session of it, as SENDER->TARGET, if it has several
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Write the Rust file there instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write Username, Password and private key there, for the board's flash; only the owner may read the file, and none is overwritten
    #[arg(long, value_name = "FILE")]
    provision: Option<PathBuf>,
    /// How many years the schedule lasts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=25))]
    years: u8,
    /// The board's own IPv4 address, such as 192.168.1.20/24; without it DHCP gives one
    #[arg(long, value_name = "ADDRESS/BITS")]
    address: Option<Address>,
    /// The router to other networks
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    gateway: Option<Ipv4Addr>,
    /// A server that knows names; may be given three times
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    dns: Vec<Ipv4Addr>,
    /// When the host at the intake sends no line for so long: SECONDS:WHAT; WHAT is mass, each, logout or nothing
    #[arg(long, value_name = "RULE")]
    dead_man: Option<DeadMan>,
    /// What the kill switch does to working orders: mass, each, logout or nothing
    #[arg(long, value_name = "WHAT", default_value_t = Cancels::Mass)]
    kill: Cancels,
    /// An SNTP server, as HOST or HOST:PORT; may be given several times. Without one the board sets its clock itself
    #[arg(long, value_name = "HOST", value_parser = time_server)]
    time_server: Vec<HostPort>,
    /// How long erasing a sector of its flash stalls the board, in milliseconds; HeartBtInt must be above 1.5 times that.
    /// Without it: 2600, an STM32F4's sectors of 128 KiB. 0: it does not
    #[arg(long, value_name = "MILLIS", default_value_t = 2_600, hide_default_value = true)]
    erase_stall: u32,
}

fn time_server(text: &str) -> Result<HostPort, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "123"));
    let port = port.parse().ok().filter(|port| *port > 0);
    let is_name = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    };
    match port {
        Some(port) if is_name(host) => Ok(HostPort { host: host.to_owned(), port }),
        _ => Err("write HOST or HOST:PORT".to_owned()),
    }
}

/// Runs `fix-host firmware-config`.
#[must_use]
pub fn run(args: &FirmwareConfigArgs) -> ExitCode {
    finish(make(args))
}

fn make(args: &FirmwareConfigArgs) -> Result<u8, Failure> {
    if args.dns.len() > 3 {
        return Err(Failure::new(exit::USAGE, "a board has room for three --dns"));
    }
    let loaded = load(&args.file).map_err(|error| Failure::new(exit::CONFIGURATION, error))?;
    let session = chosen(&loaded, args)?;
    let judged = judge(session);
    let (tls, refused) = match BoardTls::new(session) {
        Ok(tls) => (tls, judged.refused),
        Err(refused) => (None, [judged.refused, refused].concat()),
    };
    if let Some((last, others)) = refused.split_last() {
        for problem in others {
            exit::fail(exit::CONFIGURATION, problem);
        }
        return Err(Failure::new(exit::CONFIGURATION, last));
    }
    let board = BoardSettings {
        net: Net { address: args.address, gateway: args.gateway, dns: args.dns.clone() },
        dead_man: args.dead_man,
        kill: args.kill,
        time_servers: args.time_server.clone(),
        erase_stall_millis: args.erase_stall,
        years: args.years,
    };
    let name = args.file.display().to_string();
    let text = source(&name, session, &board, tls.as_ref(), utc_now()).map_err(|error| {
        Failure::new(exit::CONFIGURATION, format_args!("{}: {error}", session.line_of(error.key)))
    })?;
    let secrets = match &args.provision {
        None => None,
        Some(path) => Some((
            path,
            blob(&session.logon, tls.as_ref()).map_err(|error| {
                let line = match error {
                    ProvisionError::TooLong(key) => session.line_of(key),
                    ProvisionError::Nothing => &session.origin,
                };
                Failure::new(exit::CONFIGURATION, format_args!("{line}: {error}"))
            })?,
        )),
    };
    for warning in &loaded.warnings {
        // What is said of files and logs does not matter here.
        if !warning.key.as_deref().is_some_and(is_of_the_host) {
            eprintln!("fix-host: warning: {warning}");
        }
    }
    if !judged.left_out.is_empty() {
        eprintln!("fix-host: warning: of the host alone, left out: {}", judged.left_out.join(", "));
    }
    for (key, what) in &judged.of_the_line {
        eprintln!("fix-host: warning: {key}: {what}");
    }
    if secrets.is_none() {
        warn_of_secrets(session, tls.as_ref());
    }
    match &args.output {
        None => io::stdout().lock().write_all(text.as_bytes())?,
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure::new(exit::STORE_IO, format_args!("{}: {error}", path.display())))?,
    }
    if let Some((path, blob)) = secrets {
        write_secret(path, &blob).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::AlreadyExists => "; it is not overwritten: delete it, or choose another name",
                _ => "",
            };
            Failure::new(exit::STORE_IO, format_args!("{}: {error}{hint}", path.display()))
        })?;
    }
    Ok(exit::OK)
}

fn warn_of_secrets(session: &SessionSettings, tls: Option<&BoardTls>) {
    let has_credentials = session.logon.username.is_some() || session.logon.password.is_some();
    let what = match (has_credentials, tls.is_some_and(BoardTls::has_key)) {
        (false, false) => return,
        (true, false) => "Username and Password are",
        (false, true) => "the certificate's key is",
        (true, true) => "Username, Password and the certificate's key are",
    };
    eprintln!(
        "fix-host: warning: {what} not in the file; --provision FILE writes them for the board's flash"
    );
}

fn chosen<'a>(loaded: &'a Settings, args: &FirmwareConfigArgs) -> Result<&'a SessionSettings, Failure> {
    let initiators: Vec<_> =
        loaded.sessions.iter().filter(|session| matches!(session.role, Role::Initiator(_))).collect();
    let named = |session: &&&SessionSettings| match &args.session {
        Some(wanted) => name(session) == *wanted,
        None => initiators.len() == 1,
    };
    initiators.iter().find(named).copied().ok_or_else(|| {
        let names: Vec<String> = initiators.iter().map(|session| name(session)).collect();
        let what = match (&args.session, names.as_slice()) {
            (_, []) => "no initiator is in it, which a board is".to_owned(),
            (Some(wanted), names) => format!("no initiator is {wanted}; there is {}", names.join(", ")),
            (None, names) => format!("say which session: --session {}", names.join(" or --session ")),
        };
        Failure::new(exit::CONFIGURATION, format_args!("{}: {what}", args.file.display()))
    })
}

fn name(session: &SessionSettings) -> String {
    format!("{}->{}", session.identity.sender_comp_id, session.identity.target_comp_id)
}

fn write_secret(path: &Path, blob: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(blob)
}
