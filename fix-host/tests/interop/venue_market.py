"""What a QuickFIX desk is told of the market and of what is listed."""

from peer import SYMBOL
from trader import BUY, SELL

CUSIP = "912999AC3"
BIDS_AND_OFFERS = [[(269, "0")], [(269, "1")]]
ALL_ENTRIES = [[(269, kind)] for kind in "0124578B9"]


def ask(desk, md_req_id, kind, symbol, *more, entries=BIDS_AND_OFFERS):
    fields = {262: md_req_id, 263: kind, 264: 0, **dict(more)}
    desk.send("V", fields.items(), [(267, 269, entries), (146, 55, [[(55, symbol)]])])


def market_data(a, b):
    since = a.mark()
    b.order("DATA", BUY, 10, 99)
    b.order("DATA", SELL, 10, 101)
    b.order("DATA", BUY, 1, 101)
    b.wait(lambda: b.find(0, t55="DATA", t150="F"))
    for name, more, entries in (
        ("the whole book", [], BIDS_AND_OFFERS),
        ("the best price", [(264, 1)], BIDS_AND_OFFERS),
        ("by order", [(266, "N")], BIDS_AND_OFFERS),
        ("all there is", [], ALL_ENTRIES),
    ):
        ask(a, name, "0", "DATA", *more, entries=entries)
        snapshot = a.expect(since, t35="W", t262=name)
        a.check(f"market data: {name}", snapshot and snapshot[55] == "DATA" and int(snapshot[268]) >= 2, snapshot)
    for name, update in (("full", 0), ("changes", 1)):
        ask(a, name, "1", "DATA", (265, update), entries=BIDS_AND_OFFERS + [[(269, "2")]])
        a.check(f"market data: {name}: begins", a.expect(since, t35="W", t262=name), a.find(since))
    since = a.mark()
    b.order("DATA", BUY, 5, 98)
    b.order("DATA", BUY, 2, 101)
    a.check("market data: a whole book again", a.expect(since, t35="W", t262="full"), a.find(since))
    a.check("market data: what has changed", a.expect(since, t35="X", t262="changes"), a.find(since))
    for name, update in (("full", 0), ("changes", 1)):
        ask(a, name, "2", "DATA", (265, update))
    a.check_in_sync("market data: no longer")
    since = a.mark()
    b.check_said("market data: more trades", b.mark(), b.order("DATA", BUY, 5, 97), ["0/0 0 5"])
    a.check_in_sync("market data: still")
    a.check("market data: nobody is told who has left", not a.find(since, t55="DATA"), a.find(since))


def refused_market_data(a):
    since = a.mark()
    ask(a, "twice", "1", SYMBOL, (265, 1), (264, 1))
    a.expect(since, t35="W", t262="twice")
    for name, reason, kind, symbol, more, entries in (
        ("unknown", "0", "0", "NOSUCH", [], BIDS_AND_OFFERS),
        ("twice", "1", "1", SYMBOL, [(265, 1)], BIDS_AND_OFFERS),
        ("depth", "5", "0", SYMBOL, [(264, -1)], BIDS_AND_OFFERS),
        ("entries", "8", "0", SYMBOL, [], [[(269, "A")]]),
    ):
        since = a.mark()
        ask(a, name, kind, symbol, *more, entries=entries)
        refused = a.expect(since, t35="Y", t262=name)
        a.check(f"market data refused: {name}", refused and refused[281] == reason, refused)
    ask(a, "twice", "2", SYMBOL, (265, 1))


def securities(a):
    since = a.mark()
    a.send("x", [(320, "all"), (559, 4)])
    last = a.wait(lambda: a.find(since, t35="y", t320="all", t893="Y"))
    told = a.find(since, t35="y", t320="all")
    listed = [value for message in told for tag, value in message.fields if tag == 55]
    a.check("securities: list", last and SYMBOL in listed and str(len(listed)) == told[0][393], told)
    a.send("x", [(320, "none"), (559, 0), (55, "NOSUCH")])
    none = a.expect(since, t35="y", t320="none")
    a.check("securities: an unknown one", none and none[560] == "2", none)
    a.send("c", [(320, "one"), (321, 0), (55, "[N/A]"), (48, CUSIP), (22, 1)])
    told = a.expect(since, t35="d", t320="one")
    a.check("securities: definition by CUSIP", told and (told[55], told[223], told[323]) == (SYMBOL, "0.03625", "1"), told)
    a.send("c", [(320, "no"), (321, 0), (55, "NOSUCH")])
    told = a.expect(since, t35="d", t320="no")
    a.check("securities: no definition", told and told[323] != "1", told)
    for name, symbol, status in (("listed", SYMBOL, "17"), ("not listed", "NOSUCH", "20")):
        a.send("e", [(324, name), (263, 0), (55, symbol)])
        told = a.expect(since, t35="f", t324=name)
        a.check(f"securities: status, {name}", told and told[326] == status, told)
    a.send("g", [(335, "day"), (263, 0)])
    told = a.expect(since, t35="h", t335="day")
    a.check("securities: the day is open", told and (told[336], told[340]) == ("DAY", "2"), told)


def by_cusip(a):
    """An order whose instrument is named by its CUSIP meets the venue's own quote."""
    since = a.mark()
    cl_ord_id = a.order("[N/A]", BUY, 10, None, (48, CUSIP), (22, 1))
    a.check_said("an order by CUSIP", since, cl_ord_id, ["0/0 0 10", "F/2 10 0"])
    report = a.expect(since, t35="8", t11=cl_ord_id)
    a.check("an order by CUSIP: named in full", report and (report[55], report[48]) == (SYMBOL, CUSIP), report)
