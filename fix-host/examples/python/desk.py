"""What the examples share: the connection, and how the reports of an order are read."""

import json
import os
import time
import uuid

import redis

ORDERS, REPORTS = "outgoing_orders", "execution_reports"
STATUS = {"0": "NEW", "1": "PARTIALLY FILLED", "2": "FILLED", "4": "CANCELED", "5": "REPLACED",
          "6": "PENDING CANCEL", "8": "REJECTED", "C": "EXPIRED", "E": "PENDING REPLACE"}
FINAL = {"2", "4", "8", "C"}


def connect():
    """REDIS_URL says where Redis is, redis://localhost:6379 if it is not set."""
    url = os.environ.get("REDIS_URL", "redis://localhost:6379")
    return redis.Redis.from_url(url, decode_responses=True)


def new_id():
    return f"PY-{uuid.uuid4().hex[:12]}"


def send(r, **order):
    """Hands an order, cancel or replace to the engine."""
    r.lpush(ORDERS, json.dumps({**order, "timestamp": time.time()}))


def reports(r, cl_ord_id=None):
    """The reports that are kept, oldest first; only those of one request if asked. One that came again is left out."""
    seen = set()
    for line in reversed(r.lrange(REPORTS, 0, -1)):
        report = json.loads(line)
        key = report.get("reportId", line)
        if key not in seen and cl_ord_id in (None, report.get("clOrdID")):
            seen.add(key)
            yield report


def describe(report):
    """A report in one line."""
    if report.get("msgType") == "9":
        return f"{report.get('clOrdID')}: REFUSED: {report.get('text')}"
    status = STATUS.get(report.get("ordStatus"), report.get("ordStatus"))
    if report.get("execType") == "5":
        status = "REPLACED"
    words = [f"{report.get('clOrdID')}: {status}", report.get("side"), report.get("qty"), report.get("symbol")]
    if report.get("lastPx"):
        words.append(f"{report.get('lastQty')} at {report['lastPx']}")
    if report.get("text"):
        words.append(f"({report['text']})")
    return " ".join(str(word) for word in words if word is not None)


def wait(r, cl_ord_id, is_done, timeout=5.0):
    """Prints what is reported of a request until one report is as wanted; gives that one, or None."""
    shown, end = 0, time.monotonic() + timeout
    while time.monotonic() < end:
        for report in list(reports(r, cl_ord_id))[shown:]:
            shown += 1
            print(describe(report), flush=True)
            if is_done(report):
                return report
        time.sleep(0.05)
    return None
