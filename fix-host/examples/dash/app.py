"""A page in Dash over Redis: prices, a chart, a ticket, reports. app.py [--port 8051]; REDIS_URL says where Redis is."""

import argparse, json, logging, os, time, uuid
from collections import defaultdict, deque
import redis
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

r = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://localhost:6379"), decode_responses=True, socket_timeout=2)
STATES = dict(zip("0123456789ABCDE", ("NEW", "PARTIALLY FILLED", "FILLED", "DONE FOR DAY", "CANCELED", "REPLACED",
              "PENDING CANCEL", "STOPPED", "REJECTED", "SUSPENDED", "PENDING NEW", "CALCULATED", "EXPIRED",
              "ACCEPTED FOR BIDDING", "PENDING REPLACE")))
points = defaultdict(lambda: deque(maxlen=900))  # of each symbol's chart: (time, mid), while this program runs
app = Dash(title="Desk", update_title=None)
app.server.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]  # no other site reaches it by a name of its own
app.layout = html.Main([
    html.H1(["Desk ", html.Small(id="status")]),
    html.Div(className="panes", children=[
        html.Section([html.H2("Prices"), html.Table(id="prices")]),
        html.Section(dcc.Graph(id="chart", style={"height": "22rem"}, config={"displayModeBar": False})),
        html.Section(className="ticket", children=[
            html.H2("Ticket"), html.Label("Symbol", htmlFor="symbol"), dcc.Dropdown(id="symbol", clearable=False),
            html.Label("Quantity", htmlFor="qty"), dcc.Input(id="qty", type="number", value=10, min=1, step=1),
            html.Label("Limit (none: at the market)", htmlFor="price"), dcc.Input(id="price", type="number", step="any"),
            html.Button("BUY", id="buy"), html.Button("SELL", id="sell"), html.Div(id="sent", role="status")])]),
    html.H2("Reports"), html.Table(id="reports"), dcc.Interval(id="interval", interval=500)])


def table(head, rows):
    """What comes from outside stays text: Dash makes no HTML of it."""
    return [html.Thead(html.Tr([html.Th(name) for name in head])),
            html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])]


@app.callback(Output("status", "children"), Output("prices", "children"), Output("symbol", "options"),
              Output("chart", "figure"), Output("reports", "children"),
              Input("interval", "n_intervals"), Input("symbol", "value"))
def refresh(_n, symbol):
    try:  # The first two keys expire unless an engine that lives refreshes them.
        status, prices = r.get("fix_session_status"), json.loads(r.get("market_data_snapshot") or "{}")
        lines = r.lrange("execution_reports", 0, 199)
    except redis.RedisError as error:
        return f"NO REDIS: {error}", *[no_update] * 4
    for name, price in prices.items():
        if price["mid"] is not None and (not points[name] or points[name][-1][0] != price["ts"]):
            points[name].append((price["ts"], price["mid"]))
    shown = list(points[symbol]) if symbol in points else []
    line = {"x": [int(ts * 1000) for ts, _ in shown], "y": [mid for _, mid in shown], "mode": "lines"}
    layout = {"title": {"text": symbol or "Choose a symbol in the ticket"}, "xaxis": {"type": "date"}, "uirevision": symbol,
              "margin": {"l": 60, "r": 10, "t": 50, "b": 50}}
    quotes = [(name, price["bid"], price["ask"], price["change"], "STALE" if price["stale"] else price["source"])
              for name, price in prices.items()]
    # Each report comes once at least: one that came again has the same reportId.
    reports = {report.get("reportId", line): report for line in lines for report in [json.loads(line)]}.values()
    said = [(report.get("clOrdID"), "REFUSED" if report.get("msgType") == "9" else STATES.get(report.get("ordStatus")),
             *map(report.get, ("side", "qty", "symbol", "price", "lastQty", "lastPx", "text"))) for report in reports]
    return (status or "NO ENGINE", table(["Symbol", "Bid", "Ask", "Change", "Source"], quotes), list(prices),
            {"data": [line], "layout": layout},
            table(["ClOrdID", "State", "Side", "Qty", "Symbol", "Limit", "Last qty", "Last price", "Text"], said))


@app.callback(Output("sent", "children"), Input("buy", "n_clicks"), Input("sell", "n_clicks"), State("symbol", "value"),
              State("qty", "value"), State("price", "value"), prevent_initial_call=True)
def send(_buy, _sell, symbol, qty, price):
    if not symbol or not qty:
        return "Not sent: an order needs a symbol and a whole quantity"
    order = {"clOrdID": f"DASH-{uuid.uuid4().hex[:12]}", "symbol": symbol, "side": ctx.triggered_id.upper(), "qty": qty,
             "timestamp": time.time(), **({"ordType": "LIMIT", "price": price} if price is not None else {"ordType": "MARKET"})}
    try:
        r.lpush("outgoing_orders", json.dumps(order))
    except redis.RedisError as error:
        return f"{order['clOrdID']}: nobody knows whether Redis has it: {error}"
    return f"{order['clOrdID']} is in Redis; what becomes of it stands in the reports"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8051)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each tick of each page
    app.run(host="127.0.0.1", port=parser.parse_args().port)
