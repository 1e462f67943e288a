#!/usr/bin/env python3
"""Talks to a gateway: python3 gateway_client.py /dev/ttyACM0 | HOST:PORT | udp:HOST:PORT:KEYFILE [--record FILE]

KEYFILE holds the 32 bytes that the board has, too: `head -c 32 /dev/urandom > gateway.key; chmod 600 gateway.key`.

With --record it writes what the flight recorder has into FILE, which `fix-host replay FILE` does again, and ends.

Type lines such as `NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25`; the check sum is added. As a module:

    gateway = Gateway.open("/dev/ttyACM0")
    answer = gateway.ask("NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25")
    for line in gateway.lines():
        print(line.word, line.fields)
"""

import hashlib
import hmac
import os
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass


def crc(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def sealed(request: str) -> bytes:
    """A request with its check sum, as the gateway takes it."""
    data = request.encode("ascii")
    return data + b" *%04X\n" % crc(data)


# Bytes without the end of a line that are no line any more.
LONGEST = 4096


@dataclass
class Line:
    """A line of the gateway."""

    number: int
    word: str
    fields: dict

    @staticmethod
    def parse(text: str) -> "Line":
        """ValueError if it was changed on its way."""
        body, mark, said = text.rpartition(" *")
        if not mark or int(said, 16) != crc(body.encode("latin-1")):
            raise ValueError(f"the check sum is wrong: {text!r}")
        head, _, rest = body.partition(" ")
        word, _, rest = rest.partition(" ")
        # Text(58) stands last and keeps its spaces.
        rest, has_text, said = (" " + rest).partition(" 58=")
        fields = dict(field.split("=", 1) for field in rest.split())
        fields = {int(tag): unescape(value) for tag, value in fields.items()}
        if has_text:
            fields[58] = said
        return Line(int(head.lstrip("#")), word, fields)


def whole(text: str):
    """The line, or the one that begins in the midst of it: a board that starts anew ends no line. None if there is none."""
    # No more than some: the check sum of each is counted.
    for at in [found.start() for found in re.finditer("#[0-9]+ ", text)][:16]:
        try:
            line = Line.parse(text[at:])
        except ValueError:
            continue
        if at:
            warn(f"unreadable: {shown(text[:at])}")
        return line
    warn(f"unreadable: {shown(text)}")
    return None


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def shown(text: str) -> str:
    """What others wrote does nothing to a terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


def unescape(value: str) -> str:
    head, *rest = value.split("%")
    return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest)


class Fd:
    """A serial line or a TCP connection."""

    def __init__(self, fd: int):
        self.fd = fd

    def fileno(self) -> int:
        return self.fd

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.fd, data) :]

    def read(self) -> bytes:
        return os.read(self.fd, 4096)


class Udp:
    """Sealed datagrams: boot (8), counter (8), line, HMAC-SHA256 of who speaks and all of that."""

    def __init__(self, host: str, port: int, key: bytes):
        if len(key) != 32:
            raise ValueError("the key must be 32 bytes")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, port))
        self.key = key
        self.boot = self.counter = self.heard = 0
        self.unsent = None

    def fileno(self) -> int:
        return self.socket.fileno()

    def code(self, speaker: bytes, body: bytes) -> bytes:
        return hmac.new(self.key, speaker + body, hashlib.sha256).digest()

    def seal(self, line: bytes) -> bytes:
        self.counter += 1
        body = self.boot.to_bytes(8, "big") + self.counter.to_bytes(8, "big") + line
        return body + self.code(b"H", body)

    def write(self, data: bytes) -> None:
        self.unsent = data.rstrip(b"\n")
        self.socket.send(self.seal(self.unsent))

    def read(self) -> bytes:
        datagram = self.socket.recv(2048)
        body, code = datagram[:-32], datagram[-32:]
        if len(body) < 16 or not hmac.compare_digest(code, self.code(b"B", body)):
            return self.nothing()
        boot, counter, line = int.from_bytes(body[:8], "big"), int.from_bytes(body[8:16], "big"), body[16:]
        if line == b"HELLO":
            # The board has started anew, or we have: what was said to another start of it was not taken.
            if boot != self.boot:
                self.boot, self.counter, self.heard = boot, time.time_ns(), 0
                if self.unsent:
                    self.socket.send(self.seal(self.unsent))
            return self.nothing()
        if boot != self.boot or counter <= self.heard:
            return self.nothing()
        self.heard, self.unsent = counter, None
        return line + b"\n"

    @staticmethod
    def nothing() -> bytes:
        return b"\n"


class Gateway:
    """A gateway behind a serial port, a TCP port, or a UDP port."""

    def __init__(self, source):
        self.source = source
        self.rest = b""
        self.waiting = []
        self.last = None

    @staticmethod
    def open(place: str) -> "Gateway":
        if place.startswith("udp:"):
            _, host, port, file = place.split(":", 3)
            with open(file, "rb") as key:
                return Gateway(Udp(host, int(port), key.read()))
        host, colon, port = place.rpartition(":")
        if colon:
            return Gateway(Fd(socket.create_connection((host, int(port))).detach()))
        source = os.open(place, os.O_RDWR | os.O_NOCTTY)
        if os.isatty(source):
            import tty

            tty.setraw(source)
        return Gateway(Fd(source))

    def send(self, request: str) -> None:
        self.source.write(sealed(request))

    def read(self) -> None:
        """Reads what is there. EOFError at the end."""
        data = self.source.read()
        if not data:
            raise EOFError("the gateway's line is closed")
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > LONGEST:
            warn("what comes is no line of a gateway: is it the right port, and its speed?")
            self.rest = b""
        for text in filter(None, (line.strip() for line in lines)):
            line = whole(text.decode("latin-1"))
            if line is not None:
                self.number(line.number)
                self.waiting.append(line)

    def number(self, number: int) -> None:
        """Says what a line's number tells of those before it."""
        last, self.last = self.last, number
        if last is None or number == last + 1:
            return
        if number > last:
            warn(f"lines {last + 1} to {number - 1} were lost: ask STATUS")
        else:
            lost = "" if number == 1 else f", and its first {number - 1} lines were lost"
            warn(f"the gateway has started anew{lost}: what was on its way before may be lost, ask STATUS")

    def lines(self):
        """Every line, for ever."""
        while True:
            while self.waiting:
                yield self.waiting.pop(0)
            self.read()

    def within(self, seconds: float):
        """Every line until that time is over: TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            while self.waiting:
                yield self.waiting.pop(0)
            with selectors.DefaultSelector() as selector:
                selector.register(self.source, selectors.EVENT_READ)
                if not selector.select(max(0, end - time.monotonic())):
                    raise TimeoutError(f"no answer within {seconds} s")
            self.read()

    def recording(self, seconds: float = 60) -> bytes:
        """What the flight recorder has. ValueError if it is not whole; other lines that come meanwhile are passed over."""
        self.send("RECORD")
        pieces = None
        for line in self.within(seconds):
            said = line.fields.get(58, "")
            if line.word == "OK" and said == "RECORD":
                pieces = []
            elif line.word == "REC" and pieces is not None:
                pieces.append(bytes.fromhex(line.fields[96]))
            elif line.word == "RECORDED" and pieces is not None:
                data = b"".join(pieces)
                if said != f"{len(data)} bytes":
                    raise ValueError(f"{said} were sent, {len(data)} arrived: ask again")
                return data
            elif line.word == "NO" and 11 not in line.fields:
                raise ValueError(said)
        raise EOFError

    def ask(self, request: str, seconds: float = 5) -> Line:
        """Sends an order, a cancel or a replacement and waits for its OK or NO; other lines wait for lines()."""
        fields = dict(field.split("=", 1) for field in request.split(" 58=")[0].split()[1:])
        self.send(request)
        end = time.monotonic() + seconds
        seen = 0
        while True:
            for at, line in enumerate(self.waiting[seen:], seen):
                if line.word in ("OK", "NO") and line.fields.get(11) == unescape(fields.get("11", "")):
                    return self.waiting.pop(at)
            seen = len(self.waiting)
            with selectors.DefaultSelector() as selector:
                selector.register(self.source, selectors.EVENT_READ)
                if not selector.select(max(0, end - time.monotonic())):
                    raise TimeoutError(f"no answer to {request!r}: it may have been sent, ask STATUS")
            self.read()


def record(place: str, file: str) -> None:
    data = Gateway.open(place).recording()
    # Whoever may read it can read the orders.
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
    print(f"{file}: {len(data)} bytes; fix-host replay {file}")


# How long what was typed last is given for its answers, in seconds.
LAST_ANSWERS = 2


def terminal(place: str) -> None:
    gateway = Gateway.open(place)
    typed, end = b"", None
    # Takes files, too: `gateway_client.py HOST:PORT < orders.txt`.
    with selectors.SelectSelector() as selector:
        selector.register(gateway.source, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while end is None or time.monotonic() < end:
            for key, _ in selector.select(end and max(0, end - time.monotonic())):
                if key.fileobj is sys.stdin:
                    # Not by lines: Python would keep those that came together where no selector sees them.
                    data = os.read(sys.stdin.fileno(), 4096)
                    *requests, typed = (typed + (data or b"\n")).split(b"\n")
                    for request in filter(None, (request.strip() for request in requests)):
                        try:
                            gateway.send(request.decode())
                        except UnicodeError:
                            warn(f"not sent, a line is ASCII: {shown(request.decode(errors='replace'))}")
                    if not data:
                        selector.unregister(sys.stdin)
                        end = time.monotonic() + LAST_ANSWERS
                else:
                    gateway.read()
                    for line in gateway.waiting:
                        fields = (f"{tag}={shown(value)}" for tag, value in line.fields.items())
                        # At once, also where it is no terminal that reads.
                        print(f"#{line.number}", line.word, *fields, flush=True)
                    gateway.waiting.clear()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4) or sys.argv[2:3] not in ([], ["--record"]):
        sys.exit("usage: gateway_client.py /dev/ttyACM0 | HOST:PORT | udp:HOST:PORT:KEYFILE [--record FILE]")
    try:
        if len(sys.argv) == 4:
            record(sys.argv[1], sys.argv[3])
        else:
            terminal(sys.argv[1])
    except (EOFError, OSError, ValueError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    except KeyboardInterrupt:
        pass
