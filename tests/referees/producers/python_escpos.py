"""Writes the sample receipt as python-escpos encodes it: python_escpos.py <picture command>"""

import contextlib
import json
import pathlib
import sys

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from PIL import Image

sample = json.loads((pathlib.Path(__file__).parent / "sample.json").read_text(encoding="utf-8"))
width, height = sample["picture"]["width"], sample["picture"]["height"]
picture = Image.new("1", (width, height), 1)
# A triangle: black below the falling diagonal.
picture.putdata([0 if x * height < y * width else 255 for y in range(height) for x in range(width)])

printer = Dummy(profile="TM-T88V")
printer.hw("INIT")
printer.set(align="center", custom_size=True, width=2, height=2)
printer.textln(sample["title"])
printer.set_with_default(align="center")
printer.image(picture, impl=sys.argv[1])
printer.set_with_default()
for text in sample["texts"]:
    printer.textln(text)
for left, right in sample["rows"]:
    printer.textln(f"{left:<30}{right:>12}")
printer.set_with_default(align="center")
printer.qr(sample["qr"], ec=QR_ECLEVEL_M, size=6, native=True)
# It prints remarks about bar codes.
with contextlib.redirect_stdout(sys.stderr):
    printer.barcode(sample["ean"], "EAN13", height=72, width=3, pos="BELOW")
printer.set_with_default()
printer.cashdraw(2)
printer.cut()
sys.stdout.buffer.write(printer.output)
