"""Shows the prices as they are published, each second: prices.py [SYMBOL ...] [--count 5]"""

import argparse
import itertools
import json

from desk import connect

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("symbols", nargs="*")
parser.add_argument("--count", type=int, help="end after so many times")
args = parser.parse_args()

with connect().pubsub(ignore_subscribe_messages=True) as channel:
    channel.subscribe("market_data")
    for message in itertools.islice(channel.listen(), args.count):
        prices = json.loads(message["data"])
        for symbol in args.symbols or prices:
            price = prices.get(symbol)
            if price is None:
                print(f"{symbol}: no price")
                continue
            # Nobody trades at a simulated price, and a stale one may not hold any more.
            mark = "STALE" if price["stale"] else price["source"]
            print(f"{symbol:8} {price['bid']} / {price['ask']}  {mark}", flush=True)
