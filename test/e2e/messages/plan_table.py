"""plan_table.py PTOLOWER KERNEL: on a terminal --plan=- shows a table of what it writes to a pipe as JSON."""

import json
import re
import subprocess
import sys

from terminal import run

words = [sys.argv[2], "-o", "/dev/null", "--plan=-"]
piped = subprocess.run([sys.argv[1]] + words, stdout=subprocess.PIPE, check=True).stdout
kernel = json.loads(piped)["kernels"][0]
table = run(words, {"TERM": "dumb"})
rows = [line.split() for line in table.splitlines()]
for buffer in kernel["buffers"]:
    row = [buffer["space"], buffer["holds"]]
    row += ["{:,}".format(buffer[name]) for name in ("slot", "address_bytes", "size_bytes")]
    assert row in rows, (row, table)
for cycles in kernel["modelled_cycles"]:
    shown = "  {:<26}{:>11,.0f}  {:<5} busy ".format(cycles["calibration"], cycles["plan"], cycles["bound"])
    assert shown in table and "{:,.0f}".format(cycles["input_function"]) in table, (shown, table)
    assert all(round(cycles[name], 1) == cycles[name] for name in ("plan", "input_function")), cycles
assert max(map(len, table.splitlines())) <= 120 and not re.search(r" $", table, re.M), table
