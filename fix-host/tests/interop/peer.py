"""What both counterparties share: a QuickFIX session that remembers its messages, and checks on them."""

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

import quickfix as fix

SOH = "\x01"
PATIENCE = 20.0
EXCHANGE, DESK = "EXCHANGE", "TRADEDESK"
SYMBOL = "5Y"


class Heard:
    """One message: who sent it, its fields by tag (the first of each), and the list of all."""

    def __init__(self, way, raw):
        self.way = way
        pairs = (field.split("=", 1) for field in raw.split(SOH) if "=" in field)
        self.fields = [(int(tag), value) for tag, value in pairs]
        self.by_tag = dict(reversed(self.fields))

    def __getitem__(self, tag):
        return self.by_tag.get(tag)

    @property
    def kind(self):
        return self[35]

    def __repr__(self):
        return "|".join(f"{tag}={value}" for tag, value in self.fields)


class Peer(fix.Application):
    """One side of the session on QuickFIX."""

    def __init__(self):
        super().__init__()
        self.session_id = None
        self.heard = []
        self.logons = 0
        self.is_logged_on = False
        self.changed = threading.Condition()
        self.failed = []
        self.passed = 0

    # QuickFIX's callbacks, in its own threads
    def onCreate(self, session_id):
        self.session_id = session_id

    def onLogon(self, _session_id):
        with self.changed:
            self.logons += 1
            self.is_logged_on = True
            self.changed.notify_all()

    def onLogout(self, _session_id):
        with self.changed:
            self.is_logged_on = False
            self.changed.notify_all()

    def toAdmin(self, message, _session_id):
        self._note("out", message)

    def fromAdmin(self, message, _session_id):
        self._note("in", message)

    def toApp(self, message, _session_id):
        self._note("out", message)

    def fromApp(self, message, _session_id):
        self._note("in", message)

    def _note(self, way, message):
        heard = Heard(way, message.toString())
        with self.changed:
            self.heard.append(heard)
            self.changed.notify_all()
        return heard

    # What the scenarios use
    @property
    def session(self):
        return fix.Session.lookupSession(self.session_id)

    def send(self, kind, fields, groups=(), header=()):
        message = fix.Message()
        for tag, value in [(35, kind), *header]:
            message.getHeader().setField(fix.StringField(tag, str(value)))
        for tag, value in fields:
            message.setField(fix.StringField(int(tag), str(value)))
        for count, first, entries in groups:
            for entry in entries:
                group = fix.Group(count, first, in_order(entry))
                for tag, value in entry:
                    group.setField(fix.StringField(tag, str(value)))
                message.addGroup(group)
        fix.Session.sendToTarget(message, self.session_id)

    def mark(self):
        with self.changed:
            return len(self.heard)

    def find(self, since, way="in", **wanted):
        """Messages after `since` with these fields: find(0, t35="8", t11="X")."""
        wanted = {int(tag[1:]): value for tag, value in wanted.items()}
        with self.changed:
            return [
                heard
                for heard in self.heard[since:]
                if heard.way == way and all(heard[tag] == value for tag, value in wanted.items())
            ]

    def wait(self, condition, patience=PATIENCE):
        """Waits until `condition()` is true; its value."""
        until = time.monotonic() + patience
        while True:
            value = condition()
            left = until - time.monotonic()
            if value or left <= 0:
                return value
            with self.changed:
                self.changed.wait(min(left, 0.05))

    def expect(self, since, **wanted):
        """Waits for a message from fix-host; None if it does not come."""
        found = self.wait(lambda: self.find(since, **wanted))
        return found[0] if found else None

    def wait_for_logon(self, logons):
        return self.wait(lambda: self.logons >= logons and self.is_logged_on)

    def wait_for_logoff(self):
        return self.wait(lambda: not self.is_logged_on)

    def settle(self):
        """Waits until QuickFIX is done with the last message that its callbacks told of: it counts a message
        after it has told of it, and would count it after a reset."""

        def counted():
            last = [int(heard[34]) for heard in self.find(0) if heard[43] != "Y"][-1]
            return self.session.getExpectedTargetNum() > last

        self.wait(counted)

    def check(self, name, ok, detail=None):
        if ok:
            self.passed += 1
            print(f"pass {name}", flush=True)
        else:
            self.failed.append(name)
            print(f"FAIL {name}: {detail}", flush=True)
        return bool(ok)

    def check_in_sync(self, name):
        """A TestRequest is answered. One that falls into a gap is gap-filled away, hence the second try."""
        for attempt in range(2):
            since, text = self.mark(), f"{name}-{attempt}"
            self.send("1", [(112, text)])
            if self.wait(lambda: self.find(since, t35="0", t112=text), PATIENCE / 2):
                break
        else:
            return self.check(f"{name}: in sync", False, self.find(since))
        return self.check(f"{name}: in sync", True)

    def check_rejects(self, expected_of_theirs):
        """Nobody rejected anything but what the scenarios provoked."""
        ours = [heard for heard in self.find(0, way="out") if heard.kind in ("3", "j")]
        self.check("QuickFIX rejects nothing", not ours, ours)
        theirs = [heard for heard in self.find(0) if heard.kind in ("3", "j") and heard[43] != "Y"]
        self.check("fix-host rejects only what is wrong", len(theirs) == expected_of_theirs, theirs)

    def finish(self):
        print(f"{self.passed} checks passed, {len(self.failed)} failed: {self.failed}", flush=True)
        sys.stdout.flush()
        # QuickFIX's threads are still there, and ending them cleanly is not what is tested.
        os._exit(1 if self.failed else 0)


def in_order(entry):
    """The order of a group's fields is that in which they are given; otherwise QuickFIX sorts them by tag."""
    tags = [tag for tag, _ in entry] + [0]
    order = fix.IntArray(len(tags))
    for at, tag in enumerate(tags):
        order[at] = tag
    return order


class Program:
    """fix-host as a process of its own."""

    def __init__(self, arguments, log):
        self.log = log
        self.process = subprocess.Popen(arguments, stdout=open(log, "ab"), stderr=subprocess.STDOUT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code, or None if it does not end in time."""
        self.process.terminate()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            return None


def write(path, lines):
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def settings(folder, dictionary, role, sender, target, lines):
    """QuickFIX's own settings: every check of its dictionary validation is on."""
    path = write(
        os.path.join(folder, "quickfix.cfg"),
        [
            "[DEFAULT]",
            f"ConnectionType={role}",
            "StartTime=00:00:00",
            "EndTime=00:00:00",
            "UseDataDictionary=Y",
            f"DataDictionary={dictionary}",
            f"FileStorePath={folder}/quickfix-store",
            f"FileLogPath={folder}/quickfix-log",
            "SocketNodelay=Y",
            "TimeStampPrecision=3",
            *lines,
            "[SESSION]",
            "BeginString=FIX.4.4",
            f"SenderCompID={sender}",
            f"TargetCompID={target}",
        ],
    )
    return fix.SessionSettings(path)


def start_exchange(program, dictionary, folder, port, desks, *more):
    """`fix-host exchange` with a session for each of these CompIDs, its store and logs in the folder."""
    lines = [
        "[DEFAULT]",
        "ConnectionType=acceptor",
        f"DataDictionary={dictionary}",
        "SocketAcceptHost=127.0.0.1",
        f"SocketAcceptPort={port}",
        f"FileStorePath={folder}/store",
        f"FileLogPath={folder}/log",
        "BeginString=FIX.4.4",
        f"SenderCompID={EXCHANGE}",
    ]
    for name in desks:
        lines += ["[SESSION]", f"TargetCompID={name}"]
    cfg = write(os.path.join(folder, "exchange.cfg"), lines)
    return Program([program, "exchange", "--config", cfg, *more], os.path.join(folder, "exchange.out"))


def utc_now():
    return datetime.now(timezone.utc).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


SOME_PORTS = itertools.count(os.getpid() * 97)


def free_port():
    """A port that was free a moment ago: below those that the system gives to connections, and given once."""
    for number in itertools.islice(SOME_PORTS, 20_000):
        port = 10_000 + number % 20_000
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise OSError("no port of 127.0.0.1 is free")
