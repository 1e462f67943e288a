"""A TCP relay between QuickFIX and fix-host: cuts the connection and loses messages on request."""

import re
import socket
import threading

MESSAGE = re.compile(rb"8=FIX\.4\.4\x019=.*?\x0110=\d{3}\x01", re.S)
ADMINISTRATIVE = re.compile(rb"\x0135=[0-5A]\x01")


class Relay:
    """Listens on a port of its own and forwards to `target`; ways are named after the sender."""

    def __init__(self, target, accepted, connected):
        self.target = target
        self.ways = (accepted, connected)
        self.lose = {accepted: 0, connected: 0}
        self.lock = threading.Lock()
        self.pairs = []
        self.is_up = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Cuts the connection in both directions, and refuses new ones until `join`."""
        with self.lock:
            self.is_up = False
            for pair in self.pairs:
                _close(pair)
            self.pairs.clear()

    def join(self):
        with self.lock:
            self.is_up = True

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            with self.lock:
                if not self.is_up:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), timeout=3)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.pairs.append((near, far))
            for source, sink, way in ((near, far, self.ways[0]), (far, near, self.ways[1])):
                threading.Thread(target=self._pump, args=(source, sink, way), daemon=True).start()

    def _pump(self, source, sink, way):
        held = b""
        try:
            while data := source.recv(65536):
                held += data
                end = 0
                for message in MESSAGE.finditer(held):
                    end = message.end()
                    if not self._is_lost(message.group(), way):
                        sink.sendall(message.group())
                held = held[end:]
        except OSError:
            pass
        _close((source, sink))

    def _is_lost(self, message, way):
        """Application messages only, and not those that are sent again."""
        if self.lose[way] == 0 or ADMINISTRATIVE.search(message) or b"\x0143=Y\x01" in message:
            return False
        self.lose[way] -= 1
        return True


def _close(pair):
    for end in pair:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
