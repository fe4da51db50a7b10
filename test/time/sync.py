"""sync.py TRACE: with a barrier before each instruction, no two overlap, and arrows lead from one to the next."""

import json
import sys

with open(sys.argv[1]) as file:
    events = json.load(file)["traceEvents"]
for process in {event["pid"] for event in events}:
    work = sorted((event["ts"], event["dur"]) for event in events
                  if event["pid"] == process and event["ph"] == "X" and event["cat"] == "work")
    for (begin, length), (after, _) in zip(work, work[1:]):
        assert begin + length <= after + 1e-6, (process, begin, length, after)
    names = {event["name"].split(":")[0] for event in events
             if event["pid"] == process and event["ph"] == "X" and event["cat"] == "wait"}
    assert "waits at a barrier" in names, names
    assert sum(event["ph"] == "s" and event["pid"] == process for event in events) > len(work) / 4
