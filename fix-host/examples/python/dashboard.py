"""A dashboard in the shape of Dash callbacks, without Dash: an interval calls them, and what they return is shown.

With Dash each function is a @app.callback(Output(...), Input("interval", "n_intervals")), and its result the
`children` or `data` of a component. dashboard.py [--ticks 10]
"""

import argparse
import json
import time

from desk import connect, describe

r = connect()


def session_status(_n):
    """The key expires if no engine refreshes it: then there is none, or it hangs."""
    return r.get("fix_session_status") or "NO ENGINE"


def price_table(_n):
    """Rows of a DataTable. A counterparty that told of one side only leaves the other None."""
    prices = json.loads(r.get("market_data_snapshot") or "{}")
    return [
        {"symbol": symbol, "bid": price["bid"], "ask": price["ask"], "change": price["change"],
         "source": "STALE" if price["stale"] else price["source"]}
        for symbol, price in prices.items()
    ]


def blotter(_n, rows=10):
    """The newest reports, newest first, as the list has them."""
    return [describe(json.loads(line)) for line in r.lrange("execution_reports", 0, rows - 1)]


class Chart:
    """The figure that grows: takes what the stream brought since the last tick, and never waits."""

    def __init__(self, symbol):
        self.symbol, self.points = symbol, []
        self.channel = r.pubsub(ignore_subscribe_messages=True)
        self.channel.subscribe("market_data_stream")

    def __call__(self, _n):
        # The answer to the subscription is passed over; None only where nothing is there.
        while (message := self.channel.get_message(ignore_subscribe_messages=False)) is not None:
            if message["type"] == "message":
                price = json.loads(message["data"]).get(self.symbol)
                if price and price["mid"] is not None:
                    self.points.append((price["ts"], price["mid"]))
        return self.points


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, help="end after so many seconds")
    parser.add_argument("--symbol", default="5Y", help="of the chart")
    args = parser.parse_args()
    chart, n = Chart(args.symbol), 0
    while args.ticks is None or n < args.ticks:
        n += 1
        time.sleep(1)
        print(f"--- {session_status(n)}")
        for row in price_table(n):
            print(f"{row['symbol']:8} {row['bid']} / {row['ask']}  {row['change']}  {row['source']}")
        print(f"chart of {args.symbol}: {len(chart(n))} points")
        for line in blotter(n):
            print(line)
        print(end="", flush=True)
