#!/usr/bin/env python3
"""Talks to a gateway: python3 gateway_client.py /dev/ttyACM0 | HOST:PORT

Type lines such as `NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25`; the check sum is added. As a module:

    gateway = Gateway.open("/dev/ttyACM0")
    answer = gateway.ask("NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25")
    for line in gateway.lines():
        print(line.word, line.fields)
"""

import os
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


def unescape(value: str) -> str:
    head, *rest = value.split("%")
    return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest)


class Gateway:
    """A gateway behind a serial port or a TCP port."""

    def __init__(self, source):
        self.source = source
        self.rest = b""
        self.waiting = []
        self.last = None

    @staticmethod
    def open(place: str) -> "Gateway":
        host, colon, port = place.rpartition(":")
        if colon:
            return Gateway(socket.create_connection((host, int(port))).detach())
        source = os.open(place, os.O_RDWR | os.O_NOCTTY)
        if os.isatty(source):
            import tty

            tty.setraw(source)
        return Gateway(source)

    def send(self, request: str) -> None:
        data = sealed(request)
        while data:
            data = data[os.write(self.source, data) :]

    def read(self) -> None:
        """Reads what is there. EOFError at the end."""
        data = os.read(self.source, 4096)
        if not data:
            raise EOFError("the gateway's line is closed")
        *lines, self.rest = (self.rest + data).split(b"\n")
        for text in lines:
            try:
                line = Line.parse(text.decode("latin-1").strip())
            except ValueError as error:
                print(f"a line is unreadable: {error}", file=sys.stderr)
                continue
            if self.last is not None and line.number != self.last + 1 and line.number != 1:
                print(f"lines {self.last + 1} to {line.number - 1} were lost: ask STATUS", file=sys.stderr)
            self.last = line.number
            self.waiting.append(line)

    def lines(self):
        """Every line, for ever."""
        while True:
            while self.waiting:
                yield self.waiting.pop(0)
            self.read()

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


def terminal(place: str) -> None:
    gateway = Gateway.open(place)
    with selectors.DefaultSelector() as selector:
        selector.register(gateway.source, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    request = sys.stdin.readline()
                    if not request:
                        return
                    if request.strip():
                        gateway.send(request.strip())
                else:
                    gateway.read()
                    for line in gateway.waiting:
                        print(f"#{line.number}", line.word, *(f"{tag}={value}" for tag, value in line.fields.items()))
                    gateway.waiting.clear()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: gateway_client.py /dev/ttyACM0 | HOST:PORT")
    try:
        terminal(sys.argv[1])
    except (EOFError, OSError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    except KeyboardInterrupt:
        pass
