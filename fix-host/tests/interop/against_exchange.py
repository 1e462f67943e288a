"""`fix-host exchange` against QuickFIX as the initiator.

Usage: against_exchange.py FIX_HOST DICTIONARY FOLDER
"""

import os
import sys

import quickfix as fix

from peer import DESK, EXCHANGE, SYMBOL, Heard, Peer, free_port, settings, start_exchange, utc_now
from relay import Relay

ORDERS = 100


class Desk(Peer):
    """The desk on QuickFIX."""

    def __init__(self):
        super().__init__()
        self.ids = 0

    def new_id(self):
        self.ids += 1
        return f"Q{self.ids}"

    def request(self, kind, cl_ord_id, *more):
        order = [(11, cl_ord_id), (55, SYMBOL), (54, "1")]
        if kind != "H":
            order.append((60, utc_now()))
        self.send(kind, order + list(more))

    def order(self, price=None):
        cl_ord_id = self.new_id()
        limit = [(40, "1")] if price is None else [(40, "2"), (44, price)]
        self.request("D", cl_ord_id, (38, 100), *limit)
        return cl_ord_id

    def check_filled_once(self, name, ids, since):
        def executions(cl_ord_id):
            reports = self.find(since, t35="8", t11=cl_ord_id)
            return list({report[17]: report[150] for report in reports}.values())

        done = self.wait(lambda: all(executions(cl_ord_id)[1:] for cl_ord_id in ids))
        wrong = {i: executions(i) for i in ids if executions(i) != ["0", "F"]}
        self.check(f"{name}: each acknowledged and filled once", done and not wrong, wrong)


def orders(desk):
    since = desk.mark()
    ids = [desk.order() for _ in range(ORDERS)]
    desk.check_filled_once("orders", ids, since)
    fills = desk.find(since, t35="8", t150="F")
    right = [f for f in fills if (f[39], f[14], f[151], f[32]) == ("2", "100", "0", "100") and f[31] == f[6]]
    desk.check("orders: quantities and prices of the fills", len(right) == ORDERS, fills[:2])
    exec_ids = {report[17] for report in desk.find(since, t35="8")}
    desk.check("orders: every ExecID once", len(exec_ids) == 2 * ORDERS, len(exec_ids))


def changes(desk):
    since = desk.mark()
    rests = desk.order(price=1)
    desk.check("changes: a limit order rests", desk.expect(since, t35="8", t11=rests, t150="0"))
    desk.request("H", rests, (790, "S1"))
    status = desk.expect(since, t35="8", t150="I", t790="S1")
    desk.check("changes: status of an order", status and (status[39], status[151]) == ("0", "100"), status)
    replaced = desk.new_id()
    desk.request("G", replaced, (41, rests), (38, 200), (40, "2"), (44, 2))
    report = desk.expect(since, t35="8", t11=replaced, t150="5")
    desk.check("changes: replaced", report and (report[41], report[38], report[44]) == (rests, "200", "2"), report)
    canceled = desk.new_id()
    desk.request("F", canceled, (41, replaced), (38, 200))
    report = desk.expect(since, t35="8", t11=canceled, t150="4")
    desk.check("changes: canceled", report and (report[41], report[39], report[151]) == (replaced, "4", "0"), report)
    for kind, response_to, fields in (("F", "1", []), ("G", "2", [(40, "2"), (44, 2)])):
        unknown = desk.new_id()
        desk.request(kind, unknown, (41, "NOSUCH"), (38, 1), *fields)
        refused = desk.expect(since, t35="9", t11=unknown)
        ok = refused and (refused[434], refused[102], refused[37]) == (response_to, "1", "NONE")
        desk.check(f"changes: {kind} for an unknown order is refused", ok, refused)
    desk.request("H", "NOSUCH")
    status = desk.expect(since, t35="8", t150="I", t11="NOSUCH")
    desk.check("changes: status of an unknown order", status and status[39] == "8", status)


def market_data(desk):
    since = desk.mark()

    def request(md_req_id, kind, symbol=SYMBOL):
        groups = [(267, 269, [[(269, "0")], [(269, "1")]]), (146, 55, [[(55, symbol)]])]
        desk.send("V", [(262, md_req_id), (263, kind), (264, 1), (265, 1)], groups)

    request("M1", "1")
    snapshot = desk.expect(since, t35="W", t262="M1")
    desk.check("market data: snapshot", snapshot and snapshot[55] == SYMBOL, snapshot)
    desk.check("market data: changes follow", desk.expect(since, t35="X", t262="M1"))
    request("M1", "2")
    desk.check_in_sync("market data")
    request("M2", "0", symbol="NOSUCH")
    refused = desk.expect(since, t35="Y", t262="M2")
    desk.check("market data: unknown symbol", refused and refused[281] == "0", refused)


def rejects(desk):
    """The only messages of this run that fix-host may reject: two."""
    since = desk.mark()
    desk.send("BE", [(923, "U1"), (924, 1), (553, "somebody")])
    reject = desk.expect(since, t35="j", t372="BE")
    desk.check("rejects: unsupported type", reject and reject[380] == "3", reject)
    desk.send("D", [(11, desk.new_id()), (55, SYMBOL), (54, "Z"), (38, 1), (40, "1"), (60, utc_now())])
    reject = desk.expect(since, t35="3")
    desk.check("rejects: bad value", reject and (reject[371], reject[373]) == ("54", "5"), reject)
    desk.check_in_sync("rejects")


def losses(desk, relay):
    since = desk.mark()
    relay.lose["desk"] = 2
    ids = [desk.order() for _ in range(4)]
    desk.check("lost orders: asked for", desk.expect(since, t35="2"))
    desk.check_filled_once("lost orders", ids, since)
    since = desk.mark()
    relay.lose["exchange"] = 2
    ids = [desk.order() for _ in range(4)]
    desk.check("lost reports: QuickFIX asks", desk.wait(lambda: desk.find(since, way="out", t35="2")))
    desk.check_filled_once("lost reports", ids, since)
    desk.check("lost reports: sent again", desk.find(since, t35="8", t43="Y"))
    desk.check_in_sync("losses")


def resend_all(desk, folder):
    """Every number from 1 on is covered once, in order."""
    desk.settle()
    last = desk.session.getExpectedTargetNum() - 1
    since = len(received(folder))
    desk.send("2", [(7, 1), (16, 0)])

    def covered():
        expected = 1
        for heard in received(folder)[since:]:
            if heard[43] != "Y":
                continue
            if int(heard[34]) != expected:
                return -1
            expected = int(heard[36]) if heard.kind == "4" else expected + 1
        return expected - 1

    desk.wait(lambda: covered() < 0 or covered() >= last)
    desk.check("resend of everything: each number once, in order", covered() == last, (covered(), last))
    desk.check_in_sync("resend of everything")


def received(folder):
    """What came in as QuickFIX's log has it: its callbacks hear nothing of messages it had before."""
    path = os.path.join(folder, f"quickfix-log/FIX.4.4-{DESK}-{EXCHANGE}.messages.current.log")
    with open(path, encoding="latin-1") as log:
        messages = [Heard("in", line.split(" : ", 1)[-1]) for line in log]
    return [message for message in messages if message[49] == EXCHANGE and message[10]]


def reconnects(desk, relay):
    since, logons = desk.mark(), desk.logons
    relay.cut()
    desk.check("cut: noticed", desk.wait_for_logoff())
    ids = [desk.order() for _ in range(3)]
    relay.join()
    desk.check("cut: back", desk.wait_for_logon(logons + 1))
    desk.check_filled_once("orders placed while cut", ids, since)
    forgotten = desk.session.getExpectedTargetNum() - 4
    relay.cut()
    desk.wait_for_logoff()
    desk.session.setNextTargetMsgSeqNum(forgotten)
    since = desk.mark()
    relay.join()
    desk.check("forgotten messages: back", desk.wait_for_logon(logons + 2))
    desk.check("forgotten messages: sent again", desk.wait(lambda: desk.find(since, t43="Y")))
    desk.check_in_sync("reconnects")


def reset(desk):
    desk.settle()
    since = desk.mark()
    desk.send("A", [(98, 0), (108, 30), (141, "Y")])
    logon = desk.expect(since, t35="A")
    desk.check("reset: answered", logon and (logon[34], logon[141]) == ("1", "Y"), logon)
    desk.check_in_sync("reset")
    since = desk.mark()
    desk.check_filled_once("reset", [desk.order()], since)


def restart(desk, initiator, exchange, start):
    """Both sides end and come back; the numbers go on."""
    since, logons, sent = desk.mark(), desk.logons, desk.session.getExpectedSenderNum()
    desk.check("restart: within its time", exchange.stop() == 0)
    desk.check("restart: logs out first", desk.expect(since, t35="5"))
    desk.wait_for_logoff()
    # An initiator of QuickFIX 1.16 does not connect again after it has answered a Logout, so it starts anew.
    initiator.stop(True)
    exchange = start()
    initiator.start()
    desk.check("restart: back", desk.wait_for_logon(logons + 1))
    desk.check("restart: the numbers go on", desk.session.getExpectedSenderNum() > sent, sent)
    since = desk.mark()
    desk.check_filled_once("restart", [desk.order()], since)
    desk.check_in_sync("restart")
    return exchange


def logout(desk):
    since = desk.mark()
    desk.session.logout()
    desk.check("logout: answered", desk.expect(since, t35="5"))
    desk.check("logout: the connection ends", desk.wait_for_logoff())


def main(program, dictionary, folder):
    port = free_port()

    def start():
        return start_exchange(program, dictionary, folder, port, [DESK])

    exchange = start()
    relay = Relay(port, accepted="desk", connected="exchange")
    desk = Desk()
    connect = ["SocketConnectHost=127.0.0.1", f"SocketConnectPort={relay.port}", "HeartBtInt=30", "ReconnectInterval=1"]
    conf = settings(folder, dictionary, "initiator", DESK, EXCHANGE, connect)
    initiator = fix.SocketInitiator(desk, fix.FileStoreFactory(conf), conf, fix.FileLogFactory(conf))
    initiator.start()
    if desk.check("logon", desk.wait_for_logon(1)):
        orders(desk)
        changes(desk)
        market_data(desk)
        rejects(desk)
        losses(desk, relay)
        resend_all(desk, folder)
        reconnects(desk, relay)
        reset(desk)
        exchange = restart(desk, initiator, exchange, start)
        logout(desk)
        desk.check_rejects(expected_of_theirs=2)
    exchange.kill()
    desk.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
