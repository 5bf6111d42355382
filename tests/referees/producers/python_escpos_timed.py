"""Encodes the receipt on standard input again and again, and says how long python-escpos takes for one and how many bytes it makes."""

import json
import statistics
import sys
import time

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy

asked = json.load(sys.stdin)
columns = asked["columns"]
printer = Dummy(profile="TM-T88V")


def encode():
    printer.clear()
    printer.hw("INIT")
    # Told which page to write in, it need not look for one letter by letter.
    printer.charcode("CP858")
    for kind, left, right in asked["receipt"]:
        if kind == "title":
            printer.set(align="center", custom_size=True, width=2, height=2)
            printer.textln(left)
            printer.set(align="left", normal_textsize=True)
        elif kind == "center":
            printer.set(align="center")
            printer.textln(left)
            printer.set(align="left")
        elif kind == "total":
            printer.set(bold=True)
            printer.textln(left + right.rjust(columns - len(left)))
            printer.set(bold=False)
        elif kind == "row":
            printer.textln(left + right.rjust(columns - len(left)))
        elif kind == "rule":
            printer.textln("-" * columns)
        elif kind == "qr":
            printer.set(align="center")
            printer.qr(left, ec=QR_ECLEVEL_M, size=6, native=True)
            printer.set(align="left")
        elif kind == "cut":
            printer.cut()
    return printer.output


times = []
for _ in range(asked["repeats"]):
    began = time.perf_counter_ns()
    encoded = encode()
    times.append(time.perf_counter_ns() - began)
json.dump({"median_ns": int(statistics.median(times)), "bytes": len(encoded)}, sys.stdout)
