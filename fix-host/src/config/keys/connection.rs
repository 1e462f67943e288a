//! Sockets: whom to connect to, where to listen, through what, how.

use crate::config::key::{Key, honour, ignore, refuse};
use crate::config::value::Kind::{
    Choice, Flag, Host, Integer, Intervals, Milliseconds, Networks, Seconds, Secret, Text,
};

const DAY: u64 = 86_400;
const HOUR_MILLIS: u64 = 3_600_000;
const NTLM: &str = "NTLM is not spoken here, and basic authentication in its place would show the password to \
    whoever listens; remove it if the proxy takes basic authentication";
const BUFFER: crate::config::value::Kind = Integer(0, 1 << 30);

pub(super) const INITIATOR: &[Key] = &[
    honour(
        "SocketConnectHost",
        "all",
        Host,
        "Where to connect; numbered ones (`…Host1`) are tried after it.",
    )
    .numbered(),
    honour("SocketConnectPort", "all", Integer(1, 65_535), "The port of the host with the same number.")
        .numbered()
        .example("9876"),
    honour(
        "ReconnectInterval",
        "all",
        Intervals,
        "Seconds between attempts to connect, or a list of them: `3x10;60`.",
    )
    .default("30"),
    honour(
        "HostSelectionPolicy",
        "C",
        Choice(&["ROUNDROBIN", "PRIORITY"]),
        "Which host of the list is tried next after a failure.",
    )
    .default("ROUNDROBIN"),
    honour(
        "HostSelectionPolicyPriorityStartOverInterval",
        "C",
        Seconds(1, DAY),
        "With `PRIORITY`: after this long the list starts over from its first host.",
    )
    .default("120"),
    honour("SocketConnectTimeout", "J", Seconds(1, 3600), "How long to wait for a TCP connection.")
        .default("60"),
    honour("SocketLocalHost", "J, C", Host, "The local address to connect from.")
        .aliases(&["SocketConnectSourceHost"]),
    honour("SocketLocalPort", "J, C", Integer(0, 65_535), "The local port to connect from; 0 is any.")
        .aliases(&["SocketConnectSourcePort"])
        .default("0"),
    honour(
        "MarketData",
        "own",
        Choice(&["simulate", "subscribe", "none"]),
        "Where prices come from. `subscribe`: from the counterparty, which is asked (35=V, 263=1, `MarketDepth`) for each \
         instrument after every Logon; then nothing is simulated, also where other sessions say so. `none` of every \
         session: no prices.",
    )
    .default("simulate"),
    honour(
        "MarketDepth",
        "own",
        Integer(0, 1000),
        "How much of the market `MarketData=subscribe` asks for, in MarketDepth(264): 1 the best price of each side, 5 the \
         best five, 0 the whole book. Anything but 1 fills the ladder of the dashboard and `/api/market/SYMBOL`; 4000 entries \
         a side are kept. A venue that names the entries of a snapshot (W) by MDEntryID(278), which FIX 4.4 has in X alone, \
         needs a `DataDictionaryOverlay` with it.",
    )
    .default("1"),
    ignore("SocketConnectProtocol", "J", "TCP is the only transport; Java's in-process VM_PIPE is refused.")
        .checked(Choice(&["SOCKET", "TCP"]))
        .default("SOCKET"),
];

pub(super) const ACCEPTOR: &[Key] = &[
    honour("SocketAcceptPort", "all", Integer(0, 65_535), "The port to listen on; 0 is any free one.")
        .example("9876"),
    honour(
        "SocketAcceptAddress",
        "J, n, G",
        Host,
        "The address to listen on. QuickFIX listens on every interface; here that has to be said: `0.0.0.0`.",
    )
    .aliases(&["SocketAcceptHost"])
    .default("127.0.0.1"),
    honour("SocketReuseAddress", "all", Flag, "The port may be taken again at once after a restart.")
        .default("Y"),
    honour(
        "AllowedRemoteAddresses",
        "C, J",
        Networks,
        "Only these addresses and networks may connect; without it any may.",
    ),
    ignore("SocketAcceptProtocol", "J", "TCP is the only transport; Java's in-process VM_PIPE is refused.")
        .checked(Choice(&["SOCKET", "TCP"]))
        .default("SOCKET"),
    refuse(
        "UseTCPProxy",
        "G",
        "the PROXY protocol is not spoken here, so every Logon behind such a proxy would fail; remove it",
    )
    .checked(Flag),
];

pub(super) const PROXY: &[Key] = &[
    honour("ProxyType", "J, G", Choice(&["socks", "http"]), "The initiator connects through such a proxy."),
    honour(
        "ProxyVersion",
        "J",
        Choice(&["5", "4", "4a", "1.0", "1.1"]),
        "The version of the proxy's protocol: 5 (the default), 4a or 4 for socks; 1.0 or 1.1 for http.",
    ),
    honour("ProxyHost", "J, G", Host, "The proxy's host.").example("proxy.example.com"),
    honour("ProxyPort", "J, G", Integer(1, 65_535), "The proxy's port.").example("1080"),
    honour("ProxyUser", "J, G", Text, "The user to authenticate as at the proxy."),
    honour("ProxyPassword", "J, G", Secret, "The password of that user."),
    refuse("ProxyDomain", "J", NTLM),
    refuse("ProxyWorkstation", "J", NTLM),
    ignore("SocketIgnoreProxy", "n", "A proxy is used only when `ProxyType` names one."),
];

pub(super) const SOCKET: &[Key] = &[
    honour("SocketNodelay", "C, n, J", Flag, "TCP_NODELAY: small messages leave at once.")
        .aliases(&["SocketTcpNoDelay"])
        .default("Y"),
    honour("SocketKeepAlive", "J", Flag, "SO_KEEPALIVE: the system probes an idle connection.").default("N"),
    honour("SocketSendBufferSize", "all", BUFFER, "SO_SNDBUF in bytes; 0 leaves it to the system.")
        .default("0"),
    honour("SocketReceiveBufferSize", "all", BUFFER, "SO_RCVBUF in bytes; 0 leaves it to the system.")
        .default("0"),
    honour("SocketLinger", "J", Seconds(0, 3600), "SO_LINGER: how long a close waits for unsent bytes."),
    honour(
        "SocketSendTimeout",
        "n, J",
        Milliseconds(HOUR_MILLIS),
        "A write that makes no progress for this long ends the connection; 0 waits for ever.",
    )
    .aliases(&["SocketSynchronousWriteTimeout"])
    .default("30000"),
    honour(
        "SocketReceiveTimeout",
        "n",
        Milliseconds(HOUR_MILLIS),
        "A connection that gives no byte for this long is ended; 0 leaves it to the heartbeats.",
    )
    .default("0"),
    honour(
        "SocketTimeout",
        "G",
        Seconds(1, 3600),
        "How long to wait for a TCP connection; overrides `SocketConnectTimeout`.",
    ),
    ignore("SocketOobInline", "J", "TCP urgent data has no place in FIX."),
    ignore("SocketTrafficClass", "J", "Mark traffic in the firewall or the service unit instead."),
    ignore("SocketSynchronousWrites", "J", "A write never blocks another session here."),
    ignore("MaxScheduledWriteRequests", "J", "Queues are bounded, and a slow consumer is disconnected."),
    ignore("InChanCapacity", "G", "There is no channel between the socket and the session."),
];
