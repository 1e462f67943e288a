"""A desk on QuickFIX that trades: it tells its reports short, and holds them against what must be true of all of them."""

from collections import Counter
from decimal import Decimal

from peer import Peer, utc_now

LIVE = ("0", "1", "6", "7", "9", "A", "D", "E")
BUY, SELL = "1", "2"


class Trader(Peer):
    """One desk. `letter` makes its ClOrdIDs its own."""

    def __init__(self, letter):
        super().__init__()
        self.letter = letter
        self.ids = 0

    def new_id(self):
        self.ids += 1
        return f"{self.letter}{self.ids}"

    def order(self, symbol, side, qty, price=None, *more, header=()):
        """A limit order, or with no price one at the market; `more` fields come on top, and win."""
        fields = {11: self.new_id(), 55: symbol, 54: side, 60: utc_now(), 38: qty, 40: 1 if price is None else 2}
        if price is not None:
            fields[44] = price
        fields.update(more)
        self.send("D", fields.items(), header=header)
        return fields[11]

    def cancel(self, symbol, side, orig, *more):
        cl_ord_id = self.new_id()
        self.send("F", [(11, cl_ord_id), (41, orig), (55, symbol), (54, side), (60, utc_now()), (38, 1), *more])
        return cl_ord_id

    def replace(self, symbol, side, orig, qty, price, *more):
        fields = {11: self.new_id(), 41: orig, 55: symbol, 54: side, 60: utc_now(), 38: qty, 40: 2, 44: price}
        fields.update(more)
        self.send("G", fields.items())
        return fields[11]

    def said(self, since, *ids):
        """Reports and refusals of these ids, short: `ExecType/OrdStatus CumQty LeavesQty`, `9/OrdStatus CxlRejReason`."""
        return [short(heard) for heard in self.find(since) if heard.kind in ("8", "9") and heard[11] in ids]

    def check_said(self, name, since, ids, expected):
        ids = [ids] if isinstance(ids, str) else ids
        self.wait(lambda: len(self.said(since, *ids)) >= len(expected))
        said = self.said(since, *ids)
        self.check(name, said == expected, [heard for heard in self.find(since) if heard[11] in ids])

    def reports(self):
        return [heard for heard in self.find(0, t35="8") if heard[43] != "Y"]

    def check_reports(self):
        """What must be true of all reports of a session."""
        reports = self.reports()
        wrong = [r for r in reports if Decimal(r[151]) != (leaves(r) if r[39] in LIVE else 0)]
        self.check(f"{self.letter}: LeavesQty is OrderQty less CumQty while an order lives, else 0", not wrong, wrong)
        twice = [exec_id for exec_id, count in Counter(r[17] for r in reports).items() if count > 1]
        self.check(f"{self.letter}: every ExecID once", not twice, twice)
        executions, wrong = {}, []
        for report in reports:
            of_order = executions.setdefault(report[37], {})
            if report[150] in ("G", "H"):
                del of_order[report[19]]
            if report[150] in ("F", "G"):
                of_order[report[17]] = Decimal(report[32])
            if report[37] != "NONE" and Decimal(report[14]) != sum(of_order.values()):
                wrong.append(report)
        self.check(f"{self.letter}: CumQty is the sum of the executions that count", not wrong, wrong)

    def fills(self, side):
        """What it has traded on one side: quantity by symbol and price."""
        total = Counter()
        for report in self.reports():
            if report[150] == "F" and report[54] == side:
                total[report[55], Decimal(report[31])] += Decimal(report[32])
        return total


def leaves(report):
    return Decimal(report[38] or 0) - Decimal(report[14])


def short(heard):
    if heard.kind == "9":
        return f"9/{heard[39]} {heard[102]}"
    return f"{heard[150]}/{heard[39]} {heard[14]} {heard[151]}"
