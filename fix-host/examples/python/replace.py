"""Changes quantity and price of a limit order: replace.py MINE-1 SELL 5 10Y 121 [--id MINE-2]"""

import argparse
import sys

from desk import connect, new_id, send, wait

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("order", help="ClOrdID of the order")
parser.add_argument("side", choices=["BUY", "SELL"])
parser.add_argument("qty", type=int)
parser.add_argument("symbol")
parser.add_argument("price", type=float)
parser.add_argument("--id", help="ClOrdID that the order has from then on; a new one if not given")
args = parser.parse_args()

r = connect()
order = args.id or new_id()
send(r, type="REPLACE", origClOrdID=args.order, clOrdID=order, symbol=args.symbol, side=args.side, qty=args.qty,
     ordType="LIMIT", price=args.price)

answer = wait(r, order, lambda report: report["msgType"] == "9" or report.get("execType") in {"5", "8"})
sys.exit(0 if answer and answer.get("execType") == "5" else 1)
