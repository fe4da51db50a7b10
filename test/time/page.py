"""page.py PAGE JSON: the page is whole and asks for nothing; its instructions add up to the cycles of
the JSON report, and each waits for one that ends when it begins."""

import json
import re
import sys

ROOM, DATA, ISSUE, FLAG, BARRIER = 3, 2, 1, 4, 5

with open(sys.argv[1]) as file:
    page = file.read()
with open(sys.argv[2]) as file:
    report = {kernel["name"]: kernel for kernel in json.load(file)["kernels"]}
for word in ("http:", "https:", "src=", "@import", "<link", "fetch(", "@DATA@"):
    assert word not in page, word
assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n")
assert page.count("<script") == 2 and page.count("</script>") == 2
kernels = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1))["kernels"]
assert {kernel["name"] for kernel in kernels} == set(report), kernels


def check_form(form, wanted):
    cost = wanted["costs"][0]
    assert abs(form["cycles"] - cost["cycles"]) < 0.06, (form["cycles"], cost)
    items = [form["items"][i:i + 8] for i in range(0, len(form["items"]), 8)]
    ends, busy = [0] * 4, [0] * 4
    for pipe, free, begin, end, wait, waits_for, op, size in items:
        assert free == ends[pipe] and free <= begin <= end, (free, begin, end)
        assert (wait == 0) == (begin == free) or abs(begin - free) < 0.11, (wait, free, begin)
        assert (waits_for >= 0) == (wait in (ROOM, DATA, FLAG, BARRIER))
        assert waits_for < 0 or items[waits_for][3] == begin, items[waits_for]
        assert form["ops"][op]["line"] > 0 and size >= 0
        ends[pipe], busy[pipe] = end, busy[pipe] + end - begin
    for pipe, name in enumerate(("MTE2", "MTE1", "M", "FIX")):
        assert abs(busy[pipe] - cost["busy_cycles"][name]) < 0.1 * len(items), (name, busy)
    return items


for kernel in kernels:
    for form in ("before", "after"):
        assert (kernel[form] is None) == (report[kernel["name"]][form] is None)
        if kernel[form]:
            items = check_form(kernel[form], report[kernel["name"]][form])
            assert len(items) > 4
pair = next(kernel for kernel in kernels if kernel["name"] == "mlp_gate_up")
held_up = [item for item in check_form(pair["before"], report["mlp_gate_up"]["before"])
           if item[0] == 0 and item[4] in (ROOM, FLAG)]
assert held_up, "no load waits until there is room"
with open(pair["file"]) as file:
    lines = file.read().split("\n")
for op in pair["before"]["ops"]:
    assert "pto." + op["name"] + " " in lines[op["line"] - 1], op
    for name in re.findall(r"%[\w$.]+", op["what"].split(" -> ")[-1]):
        assert name in lines[op["line"] - 1], op
