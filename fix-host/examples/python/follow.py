"""Shows every execution report, those of before and those to come, once each: follow.py [--count 10]"""

import argparse
import time

from desk import connect, describe, reports

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--count", type=int, help="end after so many reports")
args = parser.parse_args()

r, seen = connect(), set()
while args.count is None or len(seen) < args.count:
    for report in reports(r):
        # The engine delivers each report at least once: one that comes again has the same reportId.
        key = report.get("reportId") or str(report)
        if key not in seen and (args.count is None or len(seen) < args.count):
            seen.add(key)
            print(describe(report), flush=True)
    time.sleep(0.2)
