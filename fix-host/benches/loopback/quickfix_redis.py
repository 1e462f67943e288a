"""An engine as many write it: QuickFIX with its Python binding, and redis-py. Orders from the list
`outgoing_orders`, reports to the list `execution_reports`, one thread that waits for orders.

    quickfix_redis.py REDIS_PORT SETTINGS.cfg
"""

import json
import sys

import quickfix as fix
import redis

SIDES = {"BUY": fix.Side_BUY, "SELL": fix.Side_SELL}
TYPES = {"MARKET": fix.OrdType_MARKET, "LIMIT": fix.OrdType_LIMIT}
# What a report says, and where.
FIELDS = {
    "clOrdID": 11, "execID": 17, "execType": 150, "ordStatus": 39, "symbol": 55, "side": 54,
    "lastQty": 32, "lastPx": 31, "cumQty": 14, "leavesQty": 151,
}


class Engine(fix.Application):
    def __init__(self, bus):
        super().__init__()
        self.bus = bus
        self.session = None

    def onCreate(self, session):
        self.session = session

    def onLogon(self, session):
        self.bus.set("fix_session_status", "LOGGED_ON")

    def onLogout(self, session):
        self.bus.set("fix_session_status", "LOGGED_OFF")

    def toAdmin(self, message, session):
        pass

    def fromAdmin(self, message, session):
        pass

    def toApp(self, message, session):
        pass

    def fromApp(self, message, session):
        kind = fix.MsgType()
        message.getHeader().getField(kind)
        if kind.getValue() != fix.MsgType_ExecutionReport:
            return
        report = {name: message.getField(tag) for name, tag in FIELDS.items() if message.isSetField(tag)}
        with self.bus.pipeline(transaction=False) as pipe:
            pipe.lpush("execution_reports", json.dumps(report))
            pipe.ltrim("execution_reports", 0, 9_999)
            pipe.execute()

    def send(self, order):
        message = fix.Message()
        message.getHeader().setField(fix.MsgType(fix.MsgType_NewOrderSingle))
        message.setField(fix.ClOrdID(order["clOrdID"]))
        message.setField(fix.Symbol(order["symbol"]))
        message.setField(fix.Side(SIDES[order["side"]]))
        message.setField(fix.OrdType(TYPES[order["ordType"]]))
        message.setField(fix.OrderQty(order["qty"]))
        message.setField(fix.TransactTime())
        if "price" in order:
            message.setField(fix.Price(order["price"]))
        fix.Session.sendToTarget(message, self.session)


def main():
    port, settings = int(sys.argv[1]), fix.SessionSettings(sys.argv[2])
    engine = Engine(redis.Redis(port=port))
    initiator = fix.SocketInitiator(engine, fix.FileStoreFactory(settings), settings, fix.FileLogFactory(settings))
    initiator.start()
    orders = redis.Redis(port=port)
    while True:
        # Taken as safely as the other engine takes it: it is on a list of its own until it is sent.
        entry = orders.blmove("outgoing_orders", "outgoing_orders_processing", 1, "RIGHT", "LEFT")
        if entry is not None:
            engine.send(json.loads(entry))
            orders.lrem("outgoing_orders_processing", -1, entry)


main()
