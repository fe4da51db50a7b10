"""json_rows.py FILE: a report of one fused kernel has its fields, and its reasons add up."""

import json
import sys

with open(sys.argv[1]) as file:
    report = json.load(file)
(kernel,) = report["kernels"]
wanted = {"name": "pair", "products": 2, "groups": "2", "outcome": "fused", "code": "PTL120", "rule": "fused"}
got = {key: kernel.get(key) for key in wanted}
if got != wanted or not kernel["reason"].startswith("modelled at") or kernel["cube_ops"] < 2:
    sys.exit("the kernel: %r" % kernel)
if sum(reason["kernels"] for reason in report["reasons"]) != 1 or report["no_module"]:
    sys.exit("the summary: %r" % report)
