//! The metrics of the process as one page. Labels are session names and fixed words: no order, price or
//! secret gets here, and their number is bounded by the sessions.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use fix_core::msg::msg_type::MsgType;

use super::{
    Board, TradeCounts,
    counters::{Counts, SessionCounters},
    exposition::{Exposition, Kind},
    process,
};
use crate::{
    contract::SessionView,
    histogram::{Distribution, Histogram},
    log::Direction,
};

/// All counters of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sessions: RwLock<BTreeMap<String, Arc<SessionCounters>>>,
    stores: RwLock<BTreeMap<String, Store>>,
    gauges: RwLock<Vec<Measured>>,
    /// Requests to the API by route and status.
    /// By route and status.
    requests: Mutex<BTreeMap<String, BTreeMap<u16, u64>>>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

/// A session's store on disk.
struct Store {
    directory: PathBuf,
    syncs: Arc<Histogram>,
}

/// A number that is asked for when the page is made: name, meaning, value.
type Measured = (&'static str, &'static str, Box<dyn Fn() -> u64 + Send + Sync>);

/// A session as the page shows it.
pub(super) struct Row {
    id: String,
    view: Option<SessionView>,
    pub(super) counts: Counts,
    pub(super) trades: TradeCounts,
    pub(super) log_lines_dropped: u64,
}

impl Metrics {
    /// Adds a session's counters.
    pub fn add_session(&self, id: &str, counters: Arc<SessionCounters>) {
        self.0.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), counters);
    }

    /// Adds a session's store, whose files are in `directory`.
    pub fn add_store(&self, id: &str, directory: &Path, syncs: Arc<Histogram>) {
        let store = Store { directory: directory.to_owned(), syncs };
        self.0.stores.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), store);
    }

    /// Adds a gauge whose value is asked for when the page is made.
    pub fn add_gauge(
        &self,
        name: &'static str,
        help: &'static str,
        value: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        self.0.gauges.write().unwrap_or_else(PoisonError::into_inner).push((name, help, Box::new(value)));
    }

    /// The sessions that [lose lines of their logs](SessionCounters::loses_log_lines) now.
    pub fn losing_log_lines(&self) -> Vec<String> {
        let sessions = self.0.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let losing = sessions.iter().filter(|(_, counters)| counters.loses_log_lines());
        losing.map(|(id, _)| id.clone()).collect()
    }

    /// Counts a request to the API. `route` is a pattern of the router, never a path that a client made up.
    pub fn count_request(&self, route: &str, status: u16) {
        let mut requests = self.0.requests.lock().unwrap_or_else(PoisonError::into_inner);
        match requests.get_mut(route) {
            Some(of_route) => *of_route.entry(status).or_default() += 1,
            None => {
                requests.insert(route.to_owned(), BTreeMap::from([(status, 1)]));
            }
        }
    }

    /// The page in Prometheus' text format; what a session does now is on `board`.
    pub fn page(&self, board: &Board) -> String {
        let rows = self.rows(board);
        let mut page = Exposition::default();
        page.metric("fix_build_info", Kind::Gauge, "Always 1; the version is a label.")
            .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        messages(&mut page, &rows);
        states(&mut page, &rows);
        halted(&mut page, &rows, board);
        events(&mut page, &rows);
        trades(&mut page, &rows);
        self.stores(&mut page);
        for (name, help, value) in &*self.0.gauges.read().unwrap_or_else(PoisonError::into_inner) {
            page.metric(name, Kind::Gauge, help).sample(&[], value());
        }
        of_process(&mut page);
        let mut requests = page.metric("fix_api_requests_total", Kind::Counter, "Requests to the HTTP API.");
        for (route, of_route) in &*self.0.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            for (status, count) in of_route {
                requests.sample(&[("route", route), ("status", &status.to_string())], count);
            }
        }
        page.finish()
    }

    fn stores(&self, page: &mut Exposition) {
        let stores = self.0.stores.read().unwrap_or_else(PoisonError::into_inner);
        let mut syncs =
            page.metric("fix_store_sync_seconds", Kind::Histogram, "Time that a sync of the journal took.");
        for (id, store) in &*stores {
            syncs.distribution(&[("session", id)], &store.syncs.read());
        }
        let directories: BTreeSet<&Path> = stores.values().map(|store| store.directory.as_path()).collect();
        let mut gauge = |name: &str, help: &str, value: fn(&Path) -> Option<u64>| {
            let mut samples = page.metric(name, Kind::Gauge, help);
            for directory in &directories {
                if let Some(value) = value(directory) {
                    samples.sample(&[("directory", &directory.to_string_lossy())], value);
                }
            }
        };
        gauge("fix_store_bytes", "Bytes of the files in a FileStorePath.", process::size_of_files);
        gauge("fix_disk_free_bytes", "Bytes free on the disk of a FileStorePath.", process::free_disk);
    }

    /// What the syncs of each journal took.
    pub(super) fn syncs(&self) -> Vec<Distribution> {
        let stores = self.0.stores.read().unwrap_or_else(PoisonError::into_inner);
        stores.values().map(|store| store.syncs.read()).collect()
    }

    /// Where the journals are.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let stores = self.0.stores.read().unwrap_or_else(PoisonError::into_inner);
        stores.values().map(|store| store.directory.clone()).collect()
    }

    pub(super) fn rows(&self, board: &Board) -> Vec<Row> {
        let mut views: BTreeMap<String, SessionView> =
            board.sessions().into_iter().map(|view| (view.id.clone(), view)).collect();
        let sessions = self.0.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let row = |(id, counters): (&String, &Arc<SessionCounters>)| Row {
            id: id.clone(),
            view: views.remove(id),
            counts: counters.read(),
            trades: counters.trades(),
            log_lines_dropped: counters.log_lines_dropped(),
        };
        sessions.iter().map(row).collect()
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "in",
        Direction::Outgoing => "out",
    }
}

fn messages(page: &mut Exposition, rows: &[Row]) {
    let mut all =
        page.metric("fix_session_messages_total", Kind::Counter, "Messages by direction and MsgType(35).");
    for row in rows {
        for (direction, msg_type, count) in row.counts.messages() {
            let labels =
                [("session", row.id.as_str()), ("direction", word(direction)), ("msg_type", &msg_type)];
            all.sample(&labels, count);
        }
    }
    by_direction(
        page,
        rows,
        "fix_session_rejects_total",
        "Reject(3) and BusinessMessageReject(j).",
        |counts, direction| {
            counts.of(direction, MsgType::REJECT) + counts.of(direction, MsgType::BUSINESS_MESSAGE_REJECT)
        },
    );
    by_direction(
        page,
        rows,
        "fix_session_resend_requests_total",
        "ResendRequest(2).",
        |counts, direction| counts.of(direction, MsgType::RESEND_REQUEST),
    );
}

fn halted(page: &mut Exposition, rows: &[Row], board: &Board) {
    let mut samples =
        page.metric("fix_session_halted", Kind::Gauge, "1 while new orders are refused (`fix-host halt`).");
    for row in rows {
        let is_halted = board.halts().is_halted(&row.id);
        samples.sample(&[("session", &row.id)], u8::from(is_halted));
    }
}

fn by_direction(
    page: &mut Exposition,
    rows: &[Row],
    name: &str,
    help: &str,
    value: impl Fn(&Counts, Direction) -> u64,
) {
    let mut samples = page.metric(name, Kind::Counter, help);
    for row in rows {
        for direction in [Direction::Incoming, Direction::Outgoing] {
            samples.sample(
                &[("session", &row.id), ("direction", word(direction))],
                value(&row.counts, direction),
            );
        }
    }
}

fn states(page: &mut Exposition, rows: &[Row]) {
    let mut gauge = |name: &str, help: &str, value: &dyn Fn(&SessionView) -> u64| {
        let mut samples = page.metric(name, Kind::Gauge, help);
        for row in rows {
            if let Some(view) = &row.view {
                samples.sample(&[("session", &row.id)], value(view));
            }
        }
    };
    gauge("fix_session_logged_on", "1 between Logon and Logout.", &|view| view.logged_on.into());
    gauge("fix_session_next_in", "MsgSeqNum(34) expected next.", &|view| view.next_in);
    gauge("fix_session_next_out", "MsgSeqNum(34) sent next.", &|view| view.next_out);
    gauge("fix_session_missing_messages", "Messages missing in the gap that is being asked for.", &|view| {
        view.gap.map_or(0, |(begin, end)| end.saturating_sub(begin).saturating_add(1))
    });
    gauge("fix_session_resending", "1 while the counterparty is served a resend.", &|view| {
        view.resending.into()
    });
}

fn events(page: &mut Exposition, rows: &[Row]) {
    let mut counter = |name: &str, help: &str, value: &dyn Fn(&Row) -> u64| {
        let mut samples = page.metric(name, Kind::Counter, help);
        for row in rows {
            samples.sample(&[("session", &row.id)], value(row));
        }
    };
    counter("fix_session_connections_total", "Connections; all but the first are reconnects.", &|row| {
        row.counts.connections
    });
    counter("fix_session_logons_total", "Logons.", &|row| row.counts.logons);
    counter("fix_session_gaps_total", "Times that messages were missing.", &|row| row.counts.gaps);
    counter("fix_session_garbled_total", "Byte sequences that were no message.", &|row| row.counts.garbled);
    counter("fix_session_store_errors_total", "Failures of the message store.", &|row| {
        row.counts.store_errors
    });
    counter(
        "fix_session_log_lines_dropped_total",
        "Log lines dropped because the log was too slow.",
        &|row| row.log_lines_dropped,
    );
}

fn trades(page: &mut Exposition, rows: &[Row]) {
    let both = [Direction::Incoming, Direction::Outgoing];
    let mut orders = page.metric("fix_orders_total", Kind::Counter, "Orders, cancels and replace requests.");
    for (row, direction) in rows.iter().flat_map(|row| both.map(|direction| (row, direction))) {
        for (kind, count) in row.trades.orders(direction) {
            orders.sample(&[("session", &row.id), ("direction", word(direction)), ("kind", kind)], count);
        }
    }
    let mut counter = |name: &str, help: &str, value: fn(&TradeCounts, Direction) -> u64| {
        let mut samples = page.metric(name, Kind::Counter, help);
        for (row, direction) in rows.iter().flat_map(|row| both.map(|direction| (row, direction))) {
            let labels = [("session", row.id.as_str()), ("direction", word(direction))];
            samples.sample(&labels, value(&row.trades, direction));
        }
    };
    counter("fix_fills_total", "ExecutionReports(8) of a fill.", TradeCounts::fills);
    counter(
        "fix_order_rejects_total",
        "ExecutionReports(8) of a rejected order, and OrderCancelRejects(9).",
        TradeCounts::rejects,
    );
    let help = "From an order at the socket to its first report.";
    let mut latency = page.metric("fix_order_report_seconds", Kind::Histogram, help);
    for row in rows {
        latency.distribution(&[("session", &row.id)], &row.trades.latency);
    }
}

fn of_process(page: &mut Exposition) {
    let mut gauge = |name: &str, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            page.metric(name, Kind::Gauge, help).sample(&[], value);
        }
    };
    gauge("process_resident_memory_bytes", "Memory in use.", process::resident_memory());
    gauge("process_open_fds", "File descriptors in use.", process::open_descriptors());
    gauge("process_max_fds", "File descriptors that there may be.", process::most_descriptors());
}

#[cfg(test)]
mod tests {
    use fix_core::{
        session::{config::Role, event::Event},
        time::UtcTimestamp,
    };

    use super::*;

    #[test]
    fn a_page_shows_each_session_once_with_its_numbers() {
        let (metrics, board) = (Metrics::default(), Board::default());
        let counters = Arc::new(SessionCounters::default());
        counters.count(&Event::Inbound(b"8=FIX.4.4\x019=5\x0135=2\x01"));
        metrics.add_session("FIX.4.4:A->B", counters);
        let view = SessionView::new("FIX.4.4:A->B", Role::Initiator, UtcTimestamp::from_unix(0, 0));
        board.put_session(SessionView { next_out: 12, gap: Some((3, 5)), logged_on: true, ..view });
        metrics.count_request("/api/orders", 202);
        let page = metrics.page(&board);
        for line in [
            r#"fix_session_messages_total{session="FIX.4.4:A->B",direction="in",msg_type="2"} 1"#,
            r#"fix_session_resend_requests_total{session="FIX.4.4:A->B",direction="in"} 1"#,
            r#"fix_session_next_out{session="FIX.4.4:A->B"} 12"#,
            r#"fix_session_missing_messages{session="FIX.4.4:A->B"} 3"#,
            r#"fix_session_logged_on{session="FIX.4.4:A->B"} 1"#,
            r#"fix_api_requests_total{route="/api/orders",status="202"} 1"#,
        ] {
            assert_eq!(page.lines().filter(|found| *found == line).count(), 1, "{line}\n{page}");
        }
    }
}
