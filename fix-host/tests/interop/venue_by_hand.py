"""What a person does as the venue, as two QuickFIX desks are told of it."""

import subprocess

from trader import BUY, SELL

# Filled by hand, which is to trade with the venue itself.
FILLED_BY_HAND = "HELD"


class Person:
    """Plays the venue by the program's own commands."""

    def __init__(self, program, api):
        self.program, self.api = program, api

    def __call__(self, *words):
        arguments = [self.program, "exchange", *map(str, words), "--api", self.api]
        subprocess.run(arguments, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=20)


def phases(a, b, person):
    """Nothing trades in a halt; what was collected trades at one price; the end of a day ends its orders."""
    since = a.mark()
    buys, sells = a.order("PHASE", BUY, 10, 100), b.order("PHASE", SELL, 1, 105)
    a.check_said("phases: an order", since, buys, ["0/0 0 10"])
    b.expect(0, t35="8", t11=sells)
    person("halt", "PHASE")
    since_b = b.mark()
    crosses = b.order("PHASE", SELL, 4, 99)
    b.check_said("phases: halted, nothing trades", since_b, crosses, ["0/0 0 4"])
    person("phase", "pre-open", "PHASE")
    opening = b.order("PHASE", SELL, 3, 98, (59, 2))
    b.check_said("phases: an order for the opening", since_b, opening, ["0/0 0 3"])
    person("phase", "open", "PHASE")
    a.check_said("phases: the uncross", since, buys, ["0/0 0 10", "F/1 3 7", "F/1 7 3"])
    fills = a.find(since, t11=buys, t150="F") + b.find(since_b, t150="F")
    a.check("phases: at one price", len({fill[31] for fill in fills}) == 1 and len(fills) == 4, fills)
    person("phase", "close", "PHASE")
    a.check_said("phases: the day ends", since, buys, ["0/0 0 10", "F/1 3 7", "F/1 7 3", "3/3 7 0"])
    late = a.order("PHASE", BUY, 1, 100)
    a.check_said("phases: closed", since, late, ["8/8 0 0"])


def executions(a, b, person):
    """Stopped, taken back, corrected, cancelled unasked."""
    since = a.mark()
    stopped = a.order("HAND", BUY, 10, 100)
    report = a.expect(since, t35="8", t11=stopped)
    if not a.check("by hand: an order", report):
        return
    person("stop", report[37])
    b.order("HAND", SELL, 10, 100)
    fill = a.expect(since, t35="8", t11=stopped, t150="F")
    person("bust", fill[17])
    told = ["0/0 0 10", "7/7 0 10", "F/2 10 0", "H/7 0 10"]
    a.check_said("by hand: stopped, filled, taken back", since, stopped, told)
    b.order("HAND", SELL, 6, 100)
    a.check_said("by hand: filled again", since, stopped, [*told, "F/7 6 4"])
    fill = a.find(since, t11=stopped, t150="F")[-1]
    person("correct", fill[17], "--qty", 5, "--price", 99)
    a.check_said("by hand: corrected", since, stopped, [*told, "F/7 6 4", "G/7 5 5"])
    corrected = a.find(since, t11=stopped, t150="G")
    a.check("by hand: AvgPx", corrected and (corrected[0][6], corrected[0][19]) == ("99", fill[17]), corrected)
    person("cancel", report[37])
    a.check_said("by hand: cancelled", since, stopped, [*told, "F/7 6 4", "G/7 5 5", "4/4 5 0"])


def held(a, person):
    """Requests wait for a person, and are acknowledged as pending."""
    person("hold", "on")
    since = a.mark()
    order = a.order(FILLED_BY_HAND, BUY, 10, 100)
    report = a.expect(since, t35="8", t11=order)
    if not a.check("held: pending", report and report[39] == "A", report):
        return
    person("accept", report[37])
    a.check_said("held: accepted", since, order, ["A/A 0 10", "0/0 0 10"])
    person("fill", report[37], "--qty", 4, "--price", 99)
    a.check_said("held: filled in part", since, order, ["A/A 0 10", "0/0 0 10", "F/1 4 6"])
    replaced = a.replace(FILLED_BY_HAND, BUY, order, 20, 100)
    a.check_said("held: pending replace", since, replaced, ["E/E 4 6"])
    person("accept", report[37])
    a.check_said("held: replaced", since, replaced, ["E/E 4 6", "5/1 4 16"])
    refused = a.cancel(FILLED_BY_HAND, BUY, replaced)
    a.check_said("held: pending cancel", since, refused, ["6/6 4 16"])
    person("reject", report[37])
    a.check_said("held: refused", since, refused, ["6/6 4 16", "9/1 2"])
    rejected = a.order(FILLED_BY_HAND, BUY, 10, 100)
    report = a.expect(since, t35="8", t11=rejected)
    person("reject", report[37])
    a.check_said("held: an order is rejected", since, rejected, ["A/A 0 10", "8/8 0 0"])
    person("hold", "off")
