"""Orders of two QuickFIX desks, A and B, in one book: types, times in force, changes, and what is refused."""

from datetime import datetime, timedelta, timezone

from peer import SYMBOL
from trader import BUY, SELL

# An order by type and time in force: what B has in the book first (side, quantity, price), what A sends (quantity, price,
# more fields), and what A is told of it.
BUYS = {
    "limit, rests": ([], (10, 100), ["0/0 0 10"]),
    "limit, trades in part": ([(SELL, 4, 99)], (10, 100), ["0/0 0 10", "F/1 4 6"]),
    "market": ([(SELL, 6, 100), (SELL, 6, 101)], (10, None), ["0/0 0 10", "F/1 6 4", "F/2 10 0"]),
    "market, nobody there": ([], (10, None), ["0/0 0 10", "4/4 0 0"]),
    "market, the rest as limit": ([(SELL, 4, 100)], (10, None, (40, "K")), ["0/0 0 10", "F/1 4 6"]),
    "good till cancelled": ([], (10, 100, (59, 1)), ["0/0 0 10"]),
    "immediate or cancel": ([(SELL, 4, 100)], (10, 100, (59, 3)), ["0/0 0 10", "F/1 4 6", "4/4 4 0"]),
    "fill or kill, killed": ([(SELL, 4, 100)], (10, 100, (59, 4)), ["0/0 0 10", "4/4 0 0"]),
    "fill or kill, filled": ([(SELL, 10, 100)], (10, 100, (59, 4)), ["0/0 0 10", "F/2 10 0"]),
    "good till a day": ([], (10, 100, (59, 6), (432, "20991231")), ["0/0 0 10"]),
    "good till a time": ([], (10, 100, (59, 6), (126, "20991231-12:00:00")), ["0/0 0 10"]),
    "at the close": ([], (10, 100, (59, 7)), ["0/0 0 10"]),
    "minimum quantity, not there": ([(SELL, 4, 100)], (10, 100, (110, 5)), ["0/0 0 10", "4/4 0 0"]),
    "minimum quantity, there": ([(SELL, 6, 100)], (10, 100, (110, 5)), ["0/0 0 10", "F/1 6 4"]),
    "iceberg": ([], (100, 100, (111, 10)), ["0/0 0 100"]),
    "stop, waits": ([], (10, None, (40, 3), (99, 105)), ["0/0 0 10"]),
    "stop limit, waits": ([], (10, 106, (40, 4), (99, 105)), ["0/0 0 10"]),
}

# An order that is refused: its symbol, its fields beside those of a limit order to buy 10 at 100, and OrdRejReason(103).
REFUSED = {
    "at the opening, which is over": ("ACME", [(59, 2)], "2"),
    "an order type that is not taken": ("ACME", [(40, "P")], "11"),
    "a time in force that is not taken": ("ACME", [(59, 5)], "11"),
    "good till a date without a date": ("ACME", [(59, 6)], "99"),
    "a price between ticks": (SYMBOL, [(44, "98.5001")], "99"),
    "no price above zero": ("ACME", [(44, 0)], "99"),
    "no quantity": ("ACME", [(38, 0)], "13"),
    "more to show than there is": ("ACME", [(111, 11)], "13"),
    "a stop without its price": ("ACME", [(40, 4)], "99"),
    "all or none": ("ACME", [(18, "G")], "11"),
    "an amount of cash": ("ACME", [(152, 1000)], "11"),
}


def order_types(a, b):
    for at, (name, (others, (qty, price, *more), expected)) in enumerate(BUYS.items()):
        symbol = f"TYPE{at}"
        for side, other_qty, other_price in others:
            rests = b.order(symbol, side, other_qty, other_price)
            b.expect(0, t35="8", t11=rests)
        since = a.mark()
        cl_ord_id = a.order(symbol, BUY, qty, price, *more)
        a.check_said(f"order types: {name}", since, cl_ord_id, expected)


def triggers(a, b):
    """Stop orders wait for a trade at their price."""
    since = a.mark()
    stop = a.order("STOPS", BUY, 10, None, (40, 3), (99, 105))
    limit = a.order("STOPS", SELL, 10, 94, (40, 4), (99, 95))
    a.check_said("stops: accepted", since, [stop, limit], ["0/0 0 10", "0/0 0 10"])
    b.order("STOPS", SELL, 11, 105)
    b.order("STOPS", BUY, 1, 105)
    a.check_said("stops: a trade at the price buys", since, stop, ["0/0 0 10", "F/2 10 0"])
    b.order("STOPS", BUY, 1, 95)
    b.order("STOPS", SELL, 1, 95)
    b.order("STOPS", BUY, 4, 94)
    a.check_said("stops: and sells down to the limit", since, limit, ["0/0 0 10", "F/1 4 6"])


def expiry(a):
    since = a.mark()
    soon = (datetime.now(timezone.utc) + timedelta(seconds=1)).strftime("%Y%m%d-%H:%M:%S")
    a.check_said("expiry", since, a.order("ENDS", BUY, 10, 100, (59, 6), (126, soon)), ["0/0 0 10", "C/C 0 0"])


def refused(a):
    for name, (symbol, more, reason) in REFUSED.items():
        since = a.mark()
        cl_ord_id = a.order(symbol, BUY, 10, 100, *more)
        a.check_said(f"refused: {name}", since, cl_ord_id, ["8/8 0 0"])
        report = a.expect(since, t35="8", t11=cl_ord_id)
        a.check(f"refused: {name}: why", report and report[103] == reason and report[58], report)
    since = a.mark()
    first = a.order("TWICE", BUY, 10, 100)
    a.order("TWICE", BUY, 7, 100, (11, first))
    a.check_said("refused: a ClOrdID that was used before", since, first, ["0/0 0 10", "8/0 0 10"])
    a.check("refused: as a duplicate", a.find(since, t11=first, t150="8", t103="6"), a.find(since))
    a.order("TWICE", BUY, 10, 100, (11, first), header=[(97, "Y")])
    resent = a.expect(since, t35="8", t11=first, t150="I")
    a.check("a possible resend is answered with the state of the order", resent and resent[151] == "10", resent)


def two_desks(a, b):
    """Both trade with each other; who was there first names the price."""
    since_a, since_b = a.mark(), b.mark()
    buys = a.order("BOTH", BUY, 10, 101)
    a.check_said("two desks: A's order rests", since_a, buys, ["0/0 0 10"])
    sells = b.order("BOTH", SELL, 4, 100)
    b.check_said("two desks: B trades at once", since_b, sells, ["0/0 0 4", "F/2 4 0"])
    rest = b.order("BOTH", SELL, 10, 101)
    b.check_said("two desks: B's rest stays", since_b, rest, ["0/0 0 10", "F/1 6 4"])
    a.check_said("two desks: A hears of both", since_a, buys, ["0/0 0 10", "F/1 4 6", "F/2 10 0"])
    prices = {fill[31] for fill in a.find(since_a, t35="8", t150="F") + b.find(since_b, t35="8", t150="F")}
    a.check("two desks: at the price of who was first", prices == {"101"}, prices)
    since_a, since_b = a.mark(), b.mark()
    late = a.cancel("BOTH", BUY, buys)
    a.check_said("two desks: a cancellation that loses to a fill", since_a, late, ["9/2 0"])
    # Price goes before time.
    first = b.order("QUEUE", SELL, 5, 102)
    second = b.order("QUEUE", SELL, 5, 102)
    best = b.order("QUEUE", SELL, 5, 101)
    b.check_said("two desks: three wait", since_b, [first, second, best], ["0/0 0 5"] * 3)
    since_b = b.mark()
    a.order("QUEUE", BUY, 11, 102)
    b.wait(lambda: len(b.find(since_b, t150="F")) == 3)
    order = [(fill[11], fill[32]) for fill in b.find(since_b, t150="F")]
    b.check("two desks: price before time", order == [(best, "5"), (first, "5"), (second, "1")], order)


def changes(a, b):
    since = a.mark()
    ids = [a.order("CHANGE", BUY, 10, 100)]
    ids.append(a.replace("CHANGE", BUY, ids[-1], 12, 100))
    ids.append(a.replace("CHANGE", BUY, ids[-1], 12, 101))
    a.check_said("changes: up, then another price", since, ids, ["0/0 0 10", "5/0 0 12", "5/0 0 12"])
    b.order("CHANGE", SELL, 5, 101)
    a.expect(since, t35="8", t150="F", t11=ids[-1])
    since = a.mark()
    ids.append(a.replace("CHANGE", BUY, ids[-1], 8, 101))
    ids.append(a.replace("CHANGE", BUY, ids[-1], 3, 101))
    a.check_said("changes: down, and below what has traded", since, ids, ["5/1 5 3", "5/2 5 0"])
    report = a.find(since, t35="8", t11=ids[-1])[0]
    a.check("changes: OrigClOrdID, and OrderQty as has traded", (report[41], report[38]) == (ids[-2], "5"), report)

    since = a.mark()
    orig = a.order("CHANGE", BUY, 10, 100)
    refused = {
        a.replace("CHANGE", BUY, "NOSUCH", 10, 100): "9/8 1",
        a.cancel("CHANGE", BUY, "NOSUCH"): "9/8 1",
        a.replace("CHANGE", SELL, orig, 10, 100): "9/0 99",
        a.replace("CHANGE", BUY, orig, 10, 100, (40, 1)): "9/0 99",
        a.replace("CHANGE", BUY, orig, 0, 100): "9/0 99",
        a.replace("CHANGE", BUY, orig, 10, -1): "9/0 99",
        a.replace("CHANGE", BUY, orig, 10, 100, (11, ids[0])): "9/0 6",
    }
    for cl_ord_id, expected in refused.items():
        a.check_said(f"changes: refused {cl_ord_id}", since, cl_ord_id, [expected])
    since = a.mark()
    canceled = a.cancel("CHANGE", BUY, orig)
    a.check_said("changes: the order is as it was, and goes", since, canceled, ["4/4 0 0"])
    again = a.cancel("CHANGE", BUY, canceled)
    a.check_said("changes: it goes once", since, again, ["9/4 0"])


def questions(a):
    """OrderStatusRequest(H), OrderMassStatusRequest(AF), and OrderMassCancelRequest(q)."""
    since = a.mark()
    ids = [a.order("MASS", side, 10, price) for side, price in ((BUY, 90), (BUY, 91), (SELL, 110))]
    a.check_said("questions: three orders", since, ids, ["0/0 0 10"] * 3)
    a.send("H", [(11, ids[0]), (55, "MASS"), (54, BUY), (790, "ask")])
    status = a.expect(since, t35="8", t790="ask")
    a.check("questions: H", status and short_of(status) == "I/0 10" and status[11] == ids[0], status)
    a.send("H", [(11, "NOSUCH"), (55, "MASS"), (54, BUY)])
    status = a.expect(since, t35="8", t11="NOSUCH")
    a.check("questions: H about none", status and (status[39], status[37], status[103]) == ("8", "NONE", "5"), status)

    def mass_status(req_id, kind, *more):
        a.send("AF", [(584, req_id), (585, kind), *more])
        a.wait(lambda: a.find(since, t584=req_id, t912="Y"))
        return a.find(since, t35="8", t584=req_id)

    told = mass_status("AF1", 1, (55, "MASS"))
    a.check("questions: AF of an instrument", [report[11] for report in told] == ids, told)
    a.check("questions: each says how many", {report[911] for report in told} == {"3"}, told)
    told = mass_status("AF2", 1, (55, "MASS"), (54, SELL))
    a.check("questions: AF of a side", [report[11] for report in told] == ids[2:], told)
    told = mass_status("AF3", 7)
    a.check("questions: AF of all", len(told) > 3 and len({report[37] for report in told}) == len(told), len(told))
    told = mass_status("AF4", 1, (55, "NOSUCH"))
    a.check("questions: AF of none", len(told) == 1 and (told[0][39], told[0][911]) == ("8", "0"), told)

    def mass_cancel(kind, *more):
        cl_ord_id = a.new_id()
        a.send("q", [(11, cl_ord_id), (530, kind), ("60", "20260101-00:00:00"), *more])
        return a.expect(since, t35="r", t11=cl_ord_id)

    since = a.mark()
    report = mass_cancel(1, (55, "MASS"), (54, BUY))
    a.check("questions: q of a side", report and (report[531], report[533]) == ("1", "2"), report)
    a.check_said("questions: q: each order is reported", since, ids, ["4/4 0 0"] * 2)
    report = mass_cancel(1, (55, "NOSUCH"))
    a.check("questions: q of an unknown instrument", report and (report[531], report[532]) == ("0", "1"), report)
    report = mass_cancel(6)
    a.check("questions: q of a kind that is not taken", report and (report[531], report[532]) == ("0", "0"), report)
    report = mass_cancel(7)
    a.check("questions: q of all", report and report[531] == "7" and int(report[533]) >= 1, report)
    told = mass_status("AF5", 7)
    a.check("questions: then there is none", len(told) == 1 and told[0][911] == "0", told)


def short_of(report):
    return f"{report[150]}/{report[39]} {report[151]}"
