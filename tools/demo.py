"""demo.py SOURCE PTOLOWER OUT: lowers docs/examples/gate_up.pto and tells, before and after side by side,
what was gained. What it writes lies in OUT."""

import json
import os
import re
import subprocess
import sys

KERNEL = os.path.join("docs", "examples", "gate_up.pto")
FLAT = "pto-isa model"     # the rates of pto-isa's own model
MEASURED = "pypto device"  # the rates that pypto measured on a device


class Demo:
    def __init__(self, source, program, out):
        self.source, self.program, self.out = source, program, out
        self.before = os.path.join(source, KERNEL)
        self.after = self.path("gate_up.pto")

    def path(self, name):
        return os.path.join(self.out, name)

    def run(self, *words):
        """What ptolower says to standard output, and to standard error."""
        done = subprocess.run([self.program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit("ptolower %s\n%s%s" % (" ".join(words), done.stdout, done.stderr))
        return done.stdout, done.stderr


# ---- what ptolower says ---------------------------------------------------------------------------


def check(demo, kernel, page):
    """The verdict, and the bytes of each space: (used, capacity)."""
    text, _ = demo.run("check", "--format=json", "--require-proof", "--map=" + demo.path(page), kernel)
    function = json.loads(text)["files"][0]["functions"][0]
    return function["verdict"], {space["space"]: (space["peak_bytes"], space["capacity_bytes"])
                                 for space in function["spaces"]}


class Load:
    """A load of a trace: what it loads, where to, and until when it is needed there."""

    def __init__(self, event):
        words = re.match(r"tload %(\w+?)_part\w* -> %(\w+)", event["name"])
        self.what, self.tile = words.group(1), words.group(2)
        self.shape, self.bytes = event["args"]["shape"], event["args"]["bytes"]
        self.begin, self.end = event["ts"], event["ts"] + event["dur"]


def loads_of(trace, process):
    """The loads of one form of the kernel, in their order."""
    work = [event for event in trace["traceEvents"]
            if event["ph"] == "X" and event["pid"] == process and event["cat"] == "work"]
    in_tile, loads = {}, []
    for event in sorted(work, key=lambda event: event["ts"]):
        if event["name"].startswith("tload"):
            loads.append(Load(event))
            in_tile[loads[-1].tile] = loads[-1]
        reads = re.match(r"t(?:extract|mov) %(\w+)", event["name"])
        if reads and reads.group(1) in in_tile:
            in_tile[reads.group(1)].end = event["ts"] + event["dur"]
    return loads


def most_in_flight(loads):
    """The most bytes that are loaded, or wait to be multiplied, at one time."""
    return max(sum(other.bytes for other in loads if other.begin <= load.begin < other.end) for load in loads)


# ---- what is told of it -----------------------------------------------------------------------------


def row(what, before, after, gained=""):
    print(("  %-44s %14s %14s  %s" % (what, before, after, gained)).rstrip())


def kib(size):
    return "%d KiB" % (size // 1024)


def cost(times, when, calibration):
    """The cycles under a calibration, and the share of them in which MTE2 loads."""
    costs = next(entry for entry in times[when]["costs"] if entry["calibration"] == calibration)
    return costs["cycles"], costs["busy_cycles"]["MTE2"] / costs["cycles"]


def tell_times(times, calibration, what):
    before, busy_before = cost(times, "before", calibration)
    after, busy_after = cost(times, "after", calibration)
    row("modelled cycles, " + what, "{:,d}".format(int(before)), "{:,d}".format(int(after)),
        "%+.0f %%" % (100 * after / before - 100))
    row("  share in which weights are loaded (MTE2)", "%.0f %%" % (100 * busy_before), "%.0f %%" % (100 * busy_after))


def tell_loads(before, after):
    row("loads of x", *(sum(load.what == "x" for load in loads) for loads in (before, after)))
    row("weights on their way or waiting, at most",
        *(kib(most_in_flight([load for load in loads if load.what != "x"])) for loads in (before, after)))


def tell_spaces(before, after):
    for space, name in (("mat", "Mat"), ("acc", "Acc")):
        row("%s in use, of %s" % (name, kib(before[space][1])), kib(before[space][0]), kib(after[space][0]))


def tell_schedule(loads, times):
    x = [load for load in loads if load.what == "x"]
    weights = [load for load in loads if load.what != "x"]
    waits = [cycles * (1 - busy) for cycles, busy in (cost(times, when, FLAT) for when in ("after", "before"))]
    print("The schedule of ptolower's:")
    print("  load x, %s%s" % (x[0].shape, ", once" if len(x) == 1 else ", and so on: %d loads" % len(x)))
    print("  load %s, %s, and so on in turn: %d loads, each weight in tiles of its own" %
          (", then ".join(dict.fromkeys(load.what for load in weights)), weights[0].shape, len(weights)))
    print("  multiply one while the next are loaded: MTE2 stands still for {:,.0f} cycles, not {:,.0f}".format(*waits))


def tell_proofs(verdicts, said):
    print("proved         every address, before and after: %s (ptolower check)" % " and ".join(verdicts))
    print("the same bits  on %d inputs, of random and of extreme values (ptolower validate)" % said.count("[PTL322]"))
    print("not shown      nothing of this has run on a device: the cycles are a model's")


def main():
    demo = Demo(*sys.argv[1:])
    _, said = demo.run(demo.before, "-o", demo.after, "--plan=" + demo.path("plan.json"), "--remarks", "--validate")
    verdict_before, before = check(demo, demo.before, "before.html")
    verdict_after, after = check(demo, demo.after, "after.html")
    demo.run("time", "--timeline=" + demo.path("timeline.json"), demo.before)
    demo.run("time", "--timeline=" + demo.path("timeline.html"), demo.before)
    times = json.loads(demo.run("time", "--format=json", demo.before)[0])["kernels"][0]
    with open(demo.path("timeline.json")) as file:
        trace = json.load(file)
    loads_before, loads_after = loads_of(trace, 1), loads_of(trace, 2)

    print("\nGate and up of Qwen3-14B A8W8, one of 68 tasks a layer (%s):" % KERNEL)
    print("x of 16 x 5120 times two weights, 5120 x 256 of their 17,408 columns, i8.\n")
    row("", "pypto's kernel", "ptolower's")
    tell_loads(loads_before, loads_after)
    tell_spaces(before, after)
    tell_times(times, FLAT, "pto-isa's rates")
    tell_times(times, MEASURED, "rates measured by pypto")
    print()
    tell_schedule(loads_after, times)
    print()
    tell_proofs((verdict_before, verdict_after), said)
    print("\npictures  %s: what runs when" % demo.path("timeline.html"))
    print("          %s, after.html: what lies where" % demo.path("before.html"))
    print("kernel    %s; for ptoas: --pto-arch a3 --pto-level=level3 --enable-insert-sync" % demo.after)


if __name__ == "__main__":
    main()
