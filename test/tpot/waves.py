"""waves.py ESTIMATE TIMES: 25 tasks on 10 cores are 3 waves, in each of 2 layers, at 2 GHz; no less than 25 x 4000
bytes at 1 GB/s take."""

import json
import sys

with open(sys.argv[1]) as file:
    estimates = json.load(file)["estimates"]
with open(sys.argv[2]) as file:
    kernel = json.load(file)["kernels"][0]


def step_ms(when, index, least):
    return 2 * max(3 * kernel[when]["costs"][index]["cycles"] / 2e6, least)


assert len(estimates) == len(kernel["before"]["costs"])
for index, estimate in enumerate(estimates):
    for field, least in (("ms_per_step", 0), ("ms_per_step_if_memory_is_the_limit", 25 * 4000 / 1e6)):
        expected = 1 - step_ms("before", index, least) + step_ms("after", index, least)
        assert abs(estimate[field] - expected) < 1e-3, (estimate, expected)
