"""plan.py PLAN TIME: busy cycles, bound and efficiency of the plan are those of the rewritten kernel."""

import json
import sys

with open(sys.argv[1]) as file:
    plan = json.load(file)["kernels"][0]["modelled_cycles"]
with open(sys.argv[2]) as file:
    time = json.load(file)["kernels"][0]["after"]["costs"]
assert len(plan) == len(time) > 0
for planned, timed in zip(plan, time):
    assert planned["calibration"] == timed["calibration"]
    assert planned["bound"] == timed["bound"], (planned, timed)
    assert list(planned["busy_cycles"]) == list(timed["busy_cycles"])
    for name, cycles in planned["busy_cycles"].items():
        # Of flags the plan has a count, and the text the flags.
        share = 0.01 if name == "issue" else 0.001
        assert abs(cycles - timed["busy_cycles"][name]) <= share * cycles + 0.2, (name, planned, timed)
    assert planned["bound_cycles"] == planned["busy_cycles"][planned["bound"]]
    assert abs(planned["efficiency"] - timed["efficiency"]) < 0.005, (planned, timed)
    assert abs(planned["efficiency"] - planned["bound_cycles"] / planned["plan"]) < 0.001, planned
