"""Cancels an order: cancel.py MINE-1 SELL 10Y"""

import argparse
import sys

from desk import connect, new_id, send, wait

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("order", help="ClOrdID of the order")
parser.add_argument("side", choices=["BUY", "SELL"])
parser.add_argument("symbol")
args = parser.parse_args()

r = connect()
cancel = new_id()
send(r, type="CANCEL", origClOrdID=args.order, clOrdID=cancel, symbol=args.symbol, side=args.side)

# 4: canceled; 9 is an OrderCancelReject; 8 is the engine's own word that it was not sent.
answer = wait(r, cancel, lambda report: report["msgType"] == "9" or report.get("ordStatus") in {"4", "8"})
sys.exit(0 if answer and answer.get("execType") == "4" else 1)
