"""rows.py JSON CSV: both have the same kernels and cycles; busy cycles, bound and efficiency agree."""

import csv
import json
import sys

UNITS = ["MTE2", "MTE1", "M", "FIX", "issue"]


def check_cost(cost):
    busy = cost["busy_cycles"]
    assert list(busy) == UNITS, busy
    assert cost["bound_cycles"] == busy[cost["bound"]] == max(busy.values()), cost
    assert 0 < cost["bound_cycles"] <= cost["cycles"], cost
    assert abs(cost["efficiency"] - cost["bound_cycles"] / cost["cycles"]) < 1e-3, cost


def check_row(kernel, form, index, row):
    prefix = "rewritten_" if form == "after" else ""
    cost = kernel[form]["costs"][index] if kernel[form] else None
    wanted = [cost["cycles"]] + list(cost["busy_cycles"].values()) if cost else []
    got = [row[prefix + name] for name in ["cycles"] + [unit.lower() for unit in UNITS]]
    assert [float(text) for text in got if text] == wanted, (got, wanted)
    assert row[prefix + "bound"] == (cost["bound"] if cost else ""), row
    assert not cost or row["calibration"] == cost["calibration"], row


with open(sys.argv[1]) as file:
    kernels = json.load(file)["kernels"]
with open(sys.argv[2], newline="") as file:
    rows = list(csv.DictReader(file))
assert [kernel["name"] for kernel in kernels] == ["mlp_gate_up", "halves"], kernels
assert kernels[0]["after"] and kernels[0]["rule"] == "fused" and not kernels[1]["after"], kernels
assert all(kernel["can_run"] and kernel["before"]["complete"] for kernel in kernels), kernels
assert len(rows) == sum(len(kernel["before"]["costs"]) for kernel in kernels), rows
for kernel in kernels:
    for index, cost in enumerate(kernel["before"]["costs"]):
        row = rows.pop(0)
        assert (row["file"], int(row["line"]), row["kernel"], row["code"]) == \
            (kernel["file"], kernel["line"], kernel["name"], kernel["code"]), row
        check_row(kernel, "before", index, row)
        check_row(kernel, "after", index, row)
        check_cost(cost)
    for cost in kernel["after"]["costs"] if kernel["after"] else []:
        check_cost(cost)
