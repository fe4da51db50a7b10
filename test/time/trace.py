"""trace.py TRACE JSON: the trace is one that Perfetto takes: spans of a thread do not overlap, arrows
begin and end inside of one; busy cycles are those of the report."""

import collections
import json
import sys

with open(sys.argv[1]) as file:
    events = json.load(file)["traceEvents"]
with open(sys.argv[2]) as file:
    report = json.load(file)["kernels"]
names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
threads = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
assert threads == {"MTE2", "MTE1", "M", "FIX"}, threads
forms = [(kernel, form) for kernel in report for form in ("before", "after") if kernel[form]]
assert len(names) == len(forms) and all(
    names[i + 1].startswith(kernel["name"]) for i, (kernel, _) in enumerate(forms)), names

spans = collections.defaultdict(list)
for event in events:
    if event["ph"] == "X":
        spans[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"], event["cat"]))
for lane in spans.values():
    for (_, end, _), (begin, _, _) in zip(lane, lane[1:]):
        assert abs(begin - end) < 1e-6, (end, begin)
for i, (kernel, form) in enumerate(forms):
    busy = sum(end - begin for begin, end, kind in spans[i + 1, 1] if kind == "work") * 1000
    wanted = kernel[form]["costs"][0]["busy_cycles"]["MTE2"]
    assert abs(busy - wanted) < len(spans[i + 1, 1]), (busy, wanted)

arrows = collections.Counter()
for event in events:
    if event["ph"] in "sf":
        arrows[event["id"]] += 1 if event["ph"] == "s" else 2
        assert any(begin - 1e-3 <= event["ts"] <= end + 1e-3
                   for begin, end, _ in spans[event["pid"], event["tid"]]), event
assert arrows and set(arrows.values()) == {3}
