"""`fix-host exchange` against two QuickFIX initiators, which trade with each other in its books.

Usage: against_venue.py FIX_HOST DICTIONARY FOLDER

Both sides check every message by the dictionary, and neither may reject one (but those of `rejects`).
"""

import os
import sys

import quickfix as fix

import venue_by_hand
import venue_lists_and_quotes
import venue_market
import venue_orders
from peer import EXCHANGE, SYMBOL, free_port, settings, start_exchange
from trader import BUY, SELL, Trader

# Instruments in which the venue itself trades.
QUOTED = (SYMBOL, venue_lists_and_quotes.QUOTED_SYMBOL, venue_by_hand.FILLED_BY_HAND)
DESKS = {"A": "DESKA", "B": "DESKB"}


def connect(letter, dictionary, folder, port):
    """A desk, and its initiator, which must not be dropped before the end."""
    desk = Trader(letter)
    folder = os.path.join(folder, DESKS[letter])
    os.makedirs(folder)
    to = ["SocketConnectHost=127.0.0.1", f"SocketConnectPort={port}", "HeartBtInt=30", "ReconnectInterval=1"]
    conf = settings(folder, dictionary, "initiator", DESKS[letter], EXCHANGE, to)
    factories = fix.FileStoreFactory(conf), fix.FileLogFactory(conf)
    initiator = fix.SocketInitiator(desk, factories[0], conf, factories[1])
    initiator.start()
    return desk, (conf, factories, initiator)


def check_both_sides(a, b):
    """What buyers have bought is what sellers have sold, where nobody else trades."""
    for desk in (a, b):
        desk.check_reports()
        desk.check_rejects(expected_of_theirs=0)

    def of_ours(side):
        fills = a.fills(side) + b.fills(side)
        return {key: qty for key, qty in fills.items() if key[0] not in QUOTED}

    bought, sold = of_ours(BUY), of_ours(SELL)
    a.check("what was bought was sold, at the same prices", bought and bought == sold, (bought, sold))


def main(program, dictionary, folder):
    port, http = free_port(), f"127.0.0.1:{free_port()}"
    exchange = start_exchange(program, dictionary, folder, port, DESKS.values(), "--http", http)
    person = venue_by_hand.Person(program, f"http://{http}")
    (a, kept_a), (b, kept_b) = [connect(letter, dictionary, folder, port) for letter in DESKS]
    if all([desk.check(f"logon of {desk.letter}", desk.wait_for_logon(1)) for desk in (a, b)]):
        venue_orders.order_types(a, b)
        venue_orders.triggers(a, b)
        venue_orders.expiry(a)
        venue_orders.refused(a)
        venue_orders.two_desks(a, b)
        venue_orders.changes(a, b)
        venue_market.market_data(a, b)
        venue_market.refused_market_data(a)
        venue_market.securities(a)
        venue_market.by_cusip(a)
        venue_lists_and_quotes.lists(a)
        venue_lists_and_quotes.quotes(a)
        venue_lists_and_quotes.after_a_trade(a, b)
        venue_by_hand.phases(a, b, person)
        venue_by_hand.executions(a, b, person)
        venue_by_hand.held(a, person)
        venue_orders.questions(a)
        check_both_sides(a, b)
    exchange.kill()
    a.passed, a.failed = a.passed + b.passed, a.failed + b.failed
    a.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
