"""Places an order and shows its reports: order.py BUY 100 5Y [--price 99.5] [--id MINE-1]"""

import argparse
import sys

from desk import FINAL, connect, new_id, send, wait

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("side", choices=["BUY", "SELL"])
parser.add_argument("qty", type=int)
parser.add_argument("symbol")
parser.add_argument("--price", type=float, help="of a limit order; without it the order is a market order")
parser.add_argument("--id", help="ClOrdID; a new one if not given")
parser.add_argument("--timeout", type=float, default=5.0, help="seconds to wait for the order to end")
args = parser.parse_args()

r = connect()
order = {"clOrdID": args.id or new_id(), "symbol": args.symbol, "side": args.side, "qty": args.qty}
if args.price is None:
    order["ordType"] = "MARKET"
else:
    order.update(ordType="LIMIT", price=args.price)
send(r, **order)

last = wait(r, order["clOrdID"], lambda report: report.get("ordStatus") in FINAL, args.timeout)
if last is None:
    print(f"{order['clOrdID']}: not finished after {args.timeout:g} s; it may be working")
elif last["ordStatus"] == "8":
    sys.exit(1)
