"""Lists of orders, requests for quotes, and what is said after a trade."""

from peer import utc_now
from trader import BUY, SELL

QUOTED_SYMBOL = "10Y"


def lists(a):
    """NewOrderList(E), ListExecute(L), ListStatusRequest(M), ListCancelRequest(K), all answered by ListStatus(N)."""

    def new_list(list_id, *more):
        ids = [a.new_id(), a.new_id()]
        orders = [
            [(11, ids[0]), (67, 1), (55, "LIST"), (54, BUY), (38, 10), (40, 2), (44, 90)],
            [(11, ids[1]), (67, 2), (55, "LIST"), (54, SELL), (38, 5), (40, 2), (44, 110)],
        ]
        a.send("E", [(66, list_id), (394, 3), (68, 2), *more], [(73, 11, orders)])
        return ids

    def status(since, list_id, status_type, order_status):
        told = a.expect(since, t35="N", t66=list_id, t429=status_type)
        a.check(f"lists: {list_id} {status_type}", told and (told[431], told[68]) == (order_status, "2"), told)

    since = a.mark()
    ids = new_list("AT ONCE")
    a.check_said("lists: its orders are entered", since, ids, ["0/0 0 10", "0/0 0 5"])
    status(since, "AT ONCE", "1", "3")
    since = a.mark()
    ids = new_list("WAITS", (433, 2))
    status(since, "WAITS", "1", "2")
    a.check("lists: one that waits enters none", not a.said(since, *ids), a.find(since))
    a.send("L", [(66, "WAITS"), (60, utc_now())])
    a.check_said("lists: until it is executed", since, ids, ["0/0 0 10", "0/0 0 5"])
    status(since, "WAITS", "4", "3")
    a.send("M", [(66, "AT ONCE")])
    status(since, "AT ONCE", "2", "3")
    for list_id in ("AT ONCE", "WAITS"):
        since = a.mark()
        a.send("K", [(66, list_id), (60, utc_now())])
        status(since, list_id, "2", "6")
        canceled = [report[39] for report in a.find(since, t35="8", t150="4")]
        a.check(f"lists: {list_id} is cancelled", canceled == ["4", "4"], a.find(since))


def quotes(a):
    """QuoteRequest(R), Quote(S), QuoteResponse(AJ), QuoteRequestReject(AG)."""

    def ask(req_id, symbol):
        a.send("R", [(131, req_id)], [(146, 55, [[(55, symbol), (38, 20)]])])

    since = a.mark()
    ask("rfq", QUOTED_SYMBOL)
    quote = a.expect(since, t35="S", t131="rfq")
    if not a.check("quotes: both prices", quote and quote[132] and quote[133] and quote[62], quote):
        return
    cl_ord_id = a.new_id()
    taken = [(693, "take"), (694, 1), (117, quote[117]), (11, cl_ord_id), (54, BUY), (38, 20), (55, QUOTED_SYMBOL)]
    a.send("AJ", [*taken, (60, utc_now())])
    a.check_said("quotes: taken", since, cl_ord_id, ["0/0 0 20", "F/2 20 0"])
    fill = a.find(since, t11=cl_ord_id, t150="F")
    a.check("quotes: at its price", fill and (fill[0][31], fill[0][693]) == (quote[133], "take"), fill)
    again = a.new_id()
    a.send("AJ", [*taken, (60, utc_now()), (11, again)])
    a.check_said("quotes: once", since, again, ["8/8 0 0"])
    since = a.mark()
    ask("unknown", "NOSUCH")
    refused = a.expect(since, t35="AG", t131="unknown")
    a.check("quotes: refused", refused and refused[658] == "1", refused)
    ask("pass", QUOTED_SYMBOL)
    quote = a.expect(since, t35="S", t131="pass")
    a.send("AJ", [(693, "pass"), (694, 6), (117, quote[117]), (55, QUOTED_SYMBOL)])
    a.check_in_sync("quotes: let go")


def after_a_trade(a, b):
    """DontKnowTrade(Q) is taken, AllocationInstruction(J) answered by AllocationInstructionAck(P)."""
    b.check_said("after a trade: an offer", b.mark(), b.order("AFTER", SELL, 10, 100), ["0/0 0 10"])
    since = a.mark()
    cl_ord_id = a.order("AFTER", BUY, 10, 100)
    fill = a.expect(since, t35="8", t11=cl_ord_id, t150="F")
    if not a.check("after a trade: it is made", fill):
        return
    trade = [(55, "AFTER"), (54, BUY)]
    a.send("Q", [(37, fill[37]), (17, fill[17]), (127, "D"), *trade, (38, 10), (32, 10), (31, 100)])
    a.check_in_sync("after a trade: not known")
    numbers = [(70, "ALLOC"), (71, 0), (626, 1), (857, 1), (53, 10), (6, 100), (75, utc_now()[:8])]
    orders = (73, 11, [[(11, cl_ord_id), (37, fill[37])]])
    accounts = (78, 79, [[(79, "ONE"), (80, 4)], [(79, "TWO"), (80, 6)]])
    a.send("J", [*numbers, *trade, (60, utc_now())], [orders, accounts])
    told = a.expect(since, t35="P", t70="ALLOC")
    a.check("after a trade: allocated", told and told[87] == "0", told)
