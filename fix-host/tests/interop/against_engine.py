"""`fix-host start` against QuickFIX as the acceptor: a small exchange, and orders by `fix-host order`.

Usage: against_engine.py FIX_HOST DICTIONARY FOLDER
"""

import json
import os
import queue
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import quickfix as fix

from peer import DESK, EXCHANGE, SYMBOL, Peer, Program, free_port, settings, utc_now, write
from relay import Relay

ORDERS = 100
PRICE = "98.5"
REFUSED_QTY = "13"
BID, UNQUOTED = "98.45", "NOBODY"


class Exchange(Peer):
    """Fills market orders, lets limit orders rest, cancels them; takes no order for `REFUSED_QTY`."""

    def __init__(self):
        super().__init__()
        self.working = {}
        self.taken = []
        self.exec_ids = 0
        self.requests = queue.Queue()
        threading.Thread(target=self._serve, daemon=True).start()

    def fromApp(self, message, _session_id):
        # Answered in a thread of its own: here QuickFIX holds the session's lock.
        self.requests.put(self._note("in", message))

    def _serve(self):
        while request := self.requests.get():
            {"D": self._enter, "F": self._cancel, "V": self._quote}[request.kind](request)

    def _report(self, request, exec_type, ord_status, *more):
        self.exec_ids += 1
        fields = [(37, f"O-{request[11]}"), (17, f"E{self.exec_ids}"), (150, exec_type), (39, ord_status)]
        fields += [(tag, request[tag]) for tag in (11, 55, 54, 38) if request[tag]]
        self.send("8", fields + [(60, utc_now())] + list(more))

    def _enter(self, order):
        if order[11] in self.taken and order[43] == "Y":
            return
        self.taken.append(order[11])
        qty = order[38]
        if qty == REFUSED_QTY:
            self._report(order, "8", "8", (103, 99), (151, 0), (14, 0), (6, 0), (58, "unlucky"))
            return
        self._report(order, "0", "0", (151, qty), (14, 0), (6, 0))
        if order[40] == "2":
            self.working[order[11]] = order
        else:
            self._report(order, "F", "2", (151, 0), (14, qty), (6, PRICE), (31, PRICE), (32, qty))

    def _cancel(self, request):
        if self.working.pop(request[41], None):
            self._report(request, "4", "4", (41, request[41]), (151, 0), (14, 0), (6, 0))
        else:
            names = [(37, "NONE"), (11, request[11]), (41, request[41])]
            self.send("9", names + [(39, "8"), (434, "1"), (102, "1"), (60, utc_now())])


    def _quote(self, request):
        """A snapshot and a change of it; no prices of `UNQUOTED`."""
        if request[55] == UNQUOTED:
            self.send("Y", [(262, request[262]), (281, "0"), (58, "not quoted")])
            return
        sides = [[(269, "0"), (270, "98.4"), (271, 5)], [(269, "1"), (270, "98.6"), (271, 7)]]
        self.send("W", [(262, request[262]), (55, request[55])], [(268, 269, sides)])
        # The request says the symbol. (Python's groups have no order of fields but that of the tags.)
        change = [(279, "1"), (269, "0"), (270, BID), (271, 9)]
        self.send("X", [(262, request[262])], [(268, 279, [change])])


class Engine:
    """`fix-host start`, and its clients."""

    def __init__(self, program, dictionary, folder, fix_port, api_port):
        self.program = program
        self.api = f"http://127.0.0.1:{api_port}"
        self.log = os.path.join(folder, "start.out")
        self.cfg = write(
            os.path.join(folder, "start.cfg"),
            [
                "[DEFAULT]",
                "ConnectionType=initiator",
                f"DataDictionary={dictionary}",
                "SocketConnectHost=127.0.0.1",
                f"SocketConnectPort={fix_port}",
                "HeartBtInt=30",
                "ReconnectInterval=1",
                f"FileStorePath={folder}/store",
                f"FileLogPath={folder}/log",
                "[SESSION]",
                "BeginString=FIX.4.4",
                f"SenderCompID={DESK}",
                f"TargetCompID={EXCHANGE}",
            ],
        )
        self.start()

    def start(self):
        address = self.api.removeprefix("http://")
        self.process = Program([self.program, "start", "--fix-config", self.cfg, "--api", address], self.log)

    def run(self, *arguments):
        """A client command: exit code and output."""
        done = subprocess.run(
            [self.program, *arguments, "--api", self.api], capture_output=True, text=True, timeout=30
        )
        return done.returncode, done.stdout + done.stderr

    def order(self, cl_ord_id):
        """An order over the HTTP API; the status of the answer."""
        order = {"clOrdID": cl_ord_id, "symbol": SYMBOL, "side": "BUY", "qty": 100, "ordType": "MARKET"}
        return self._request("/api/orders", json.dumps(order).encode())[0]

    def is_ready(self):
        """True once the engine has heard of its Logon: a little after the exchange has."""
        try:
            return self._request("/readyz", None)[0] == 200
        except urllib.error.URLError:
            return False

    def reports(self, cl_ord_id):
        """OrdStatus of each report that the engine has of the order."""
        _, answer = self._request(f"/api/orders/{cl_ord_id}", None)
        return [report.get("ordStatus") for report in answer.get("reports", [])]

    def _request(self, path, body):
        request = urllib.request.Request(self.api + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, {}


def commands(exchange, engine):
    """The client commands, as a person types them."""
    order = ["order", "--side", "BUY", "--symbol", SYMBOL, "--cl-ord-id"]
    code, text = engine.run(*order, "CLI-1", "--qty", "100")
    exchange.check("order: filled", code == 0 and "FILLED" in text and PRICE in text, text)
    code, text = engine.run(*order, "CLI-2", "--qty", REFUSED_QTY)
    exchange.check("order: a refusal is told with its text", code == 1 and "unlucky" in text, text)
    code, text = engine.run(*order, "CLI-3", "--qty", "100", "--price", "1", "--timeout", "0")
    exchange.check("order: a limit order goes out", code == 0, text)
    exchange.check("order: a limit order rests", exchange.expect(0, t35="D", t11="CLI-3", t44="1"), text)
    code, text = engine.run("cancel", "--cl-ord-id", "CLI-3")
    exchange.check("cancel: canceled", code == 0 and "CANCELED" in text, text)
    code, text = engine.run("cancel", "--cl-ord-id", "NOSUCH", "--symbol", SYMBOL, "--side", "BUY")
    exchange.check("cancel: of an unknown order is refused", code == 1, text)


def check_filled_once(name, exchange, engine, ids):
    """Each order came in once, and the engine has both of its reports."""
    for cl_ord_id in ids:
        exchange.wait(lambda: engine.reports(cl_ord_id)[1:])
    wrong = {i: engine.reports(i) for i in ids if engine.reports(i) != ["0", "2"]}
    exchange.check(f"{name}: each reported as acknowledged and filled", not wrong, wrong)
    twice = [i for i in ids if len([d for d in exchange.find(0, t35="D", t11=i) if d[43] != "Y"]) > 1]
    exchange.check(f"{name}: each sent once", not twice, twice)


def place(name, exchange, engine, count):
    exchange.wait(engine.is_ready)
    ids = [f"{name}-{index}" for index in range(count)]
    refused = [cl_ord_id for cl_ord_id in ids if engine.order(cl_ord_id) != 202]
    exchange.check(f"{name}: accepted", not refused, refused)
    return ids


def stream(exchange, engine):
    check_filled_once("orders", exchange, engine, place("orders", exchange, engine, ORDERS))


def losses(exchange, engine, relay):
    since = exchange.mark()
    relay.lose["exchange"] = 2
    ids = place("lost-reports", exchange, engine, 4)
    exchange.check("lost reports: asked for", exchange.expect(since, t35="2"))
    check_filled_once("lost reports", exchange, engine, ids)
    since = exchange.mark()
    relay.lose["engine"] = 2
    ids = place("lost-orders", exchange, engine, 4)
    exchange.check("lost orders: sent again", exchange.expect(since, t35="D", t43="Y"))
    check_filled_once("lost orders", exchange, engine, ids)
    exchange.check_in_sync("losses")


def reconnects(exchange, engine, relay):
    def cut_and(meanwhile):
        since, logons = exchange.mark(), exchange.logons
        relay.cut()
        exchange.wait_for_logoff()
        meanwhile()
        relay.join()
        return since, exchange.wait_for_logon(logons + 1)

    refused = []
    _, back = cut_and(lambda: refused.append(engine.order("sim")))
    exchange.check("cut: an order is told SIM MODE", refused == [503] and not exchange.find(0, t11="sim"), refused)
    exchange.check("cut: back by itself", back)
    check_filled_once("after a cut", exchange, engine, place("cut", exchange, engine, 3))

    session = exchange.session
    since, back = cut_and(lambda: session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + 5))
    exchange.check("skipped numbers: asked for", back and exchange.expect(since, t35="2"))
    exchange.check_in_sync("skipped numbers")
    since, back = cut_and(lambda: session.setNextTargetMsgSeqNum(session.getExpectedTargetNum() - 4))
    exchange.check("forgotten orders: sent again", back and exchange.expect(since, t35="D", t43="Y"))
    exchange.check_in_sync("forgotten orders")
    check_filled_once("after all cuts", exchange, engine, place("cuts", exchange, engine, 3))


def restarts(exchange, engine):
    for name, end in (("stopped", engine_stop), ("killed", engine_kill)):
        since, logons = exchange.mark(), exchange.logons
        end(exchange, engine)
        exchange.wait_for_logoff()
        engine.start()
        exchange.check(f"{name}: back", exchange.wait_for_logon(logons + 1))
        logon = exchange.expect(since, t35="A")
        exchange.check(f"{name}: the numbers go on", logon and int(logon[34]) > ORDERS, logon)
        check_filled_once(name, exchange, engine, place(name, exchange, engine, 3))


def market_data(exchange, engine, folder):
    """The engine shows the prices of QuickFIX, and tells of the symbol that has none."""
    lines = ["symbol,startPrice,tick,step,halfSpread"]
    instruments = write(
        os.path.join(folder, "instruments.csv"), lines + [f"{name},1,0.01,0.01,0.01" for name in (SYMBOL, UNQUOTED)]
    )
    engine.process.stop()
    exchange.wait_for_logoff()
    text = open(engine.cfg).read()
    keys = f"[DEFAULT]\nInstruments={instruments}\nMarketData=subscribe\n"
    write(engine.cfg, [text.replace("[DEFAULT]\n", keys, 1)])
    since, logons = exchange.mark(), exchange.logons
    engine.start()
    exchange.check("market data: back", exchange.wait_for_logon(logons + 1))
    asked = exchange.expect(since, t35="V", t55=SYMBOL)
    exchange.check("market data: asked for", asked and asked[263] == "1" and asked[264] == "1", asked)

    def shown():
        code, text = engine.run("prices", "--once", "--format", "json")
        prices = json.loads(text) if code == 0 else {}
        return prices.get(SYMBOL, {}).get("bid") == float(BID) and prices

    prices = exchange.wait(shown)
    exchange.check("market data: shown as changed", prices and prices[SYMBOL]["ask"] == 98.6, prices)
    exchange.check("market data: is the counterparty's", prices and prices[SYMBOL]["source"] == "counterparty", prices)
    said = open(engine.log).read()
    exchange.check("market data: a refusal is told", f"no market data of {UNQUOTED}: unknown symbol (not quoted)" in said)
    check_filled_once("market data", exchange, engine, place("market-data", exchange, engine, 3))


def engine_stop(exchange, engine):
    since = exchange.mark()
    exchange.check("stopped: within its time", engine.process.stop() == 0)
    exchange.check("stopped: logs out first", exchange.expect(since, t35="5"))


def engine_kill(_exchange, engine):
    engine.process.kill()


def logout(exchange, engine):
    since, logons = exchange.mark(), exchange.logons
    exchange.session.logout()
    exchange.check("logout: answered", exchange.expect(since, t35="5"))
    exchange.wait_for_logoff()
    exchange.session.logon()
    exchange.check("logout: back", exchange.wait_for_logon(logons + 1))
    check_filled_once("logout", exchange, engine, place("logout", exchange, engine, 1))


def main(program, dictionary, folder):
    inner, api = free_port(), free_port()
    relay = Relay(inner, accepted="engine", connected="exchange")
    exchange = Exchange()
    accept = [f"SocketAcceptPort={inner}", "SocketReuseAddress=Y"]
    conf = settings(folder, dictionary, "acceptor", EXCHANGE, DESK, accept)
    acceptor = fix.SocketAcceptor(exchange, fix.FileStoreFactory(conf), conf, fix.FileLogFactory(conf))
    acceptor.start()
    engine = Engine(program, dictionary, folder, relay.port, api)
    if exchange.check("logon", exchange.wait_for_logon(1)):
        exchange.wait(engine.is_ready)
        commands(exchange, engine)
        stream(exchange, engine)
        losses(exchange, engine, relay)
        reconnects(exchange, engine, relay)
        logout(exchange, engine)
        restarts(exchange, engine)
        market_data(exchange, engine, folder)
        exchange.check_rejects(expected_of_theirs=0)
    engine.process.kill()
    exchange.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
