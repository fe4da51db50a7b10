"""demo.py SOURCE PTOLOWER OUT: lowers docs/examples/gate_up.pto and tells, before and after side by
side, what was gained. What it writes lies in OUT."""

import json
import os
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


def lower(demo):
    """The plan of the one kernel, and what --validate says."""
    _, said = demo.run(demo.before, "-o", demo.after, "--plan=" + demo.path("plan.json"), "--remarks",
                       "--validate")
    with open(demo.path("plan.json")) as file:
        return json.load(file)["kernels"][0], said


def check(demo, kernel, page):
    """The verdict, and the bytes of each space: (used, capacity)."""
    text, _ = demo.run("check", "--format=json", "--require-proof", "--map=" + demo.path(page), kernel)
    function = json.loads(text)["files"][0]["functions"][0]
    return function["verdict"], {space["space"]: (space["peak_bytes"], space["capacity_bytes"])
                                 for space in function["spaces"]}


def row(what, before, after, gained=""):
    print(("  %-44s %14s %14s  %s" % (what, before, after, gained)).rstrip())


def kib(size):
    return "%d KiB" % (size // 1024)


def cost(times, when, calibration):
    """The cycles under a calibration, and the share of them in which MTE2 loads."""
    costs = next(entry for entry in times[when]["costs"] if entry["calibration"] == calibration)
    return costs["cycles"], costs["busy_cycles"]["MTE2"] / costs["cycles"]


def time_rows(times, calibration, what):
    before, busy_before = cost(times, "before", calibration)
    after, busy_after = cost(times, "after", calibration)
    row("modelled cycles, " + what, "{:,.0f}".format(before), "{:,.0f}".format(after),
        "%+.0f %%" % (100 * after / before - 100))
    row("  of them weights are loaded (MTE2) in", "%.0f %%" % (100 * busy_before), "%.0f %%" % (100 * busy_after))


def tell_table(times, before, after):
    row("", "pypto's kernel", "ptolower's")
    for space, name in (("mat", "Mat"), ("acc", "Acc")):
        row("%s in use, of %s" % (name, kib(before[space][1])), kib(before[space][0]), kib(after[space][0]))
    time_rows(times, FLAT, "pto-isa's rates")
    time_rows(times, MEASURED, "rates measured by pypto")


def tell_schedule(plan):
    tiling = plan["tiling"]
    chunk = tiling["chunk_k"]
    print("The schedule:")
    print("  x is loaded %s." % ("once, whole, and stays in Mat" if tiling["lhs_resident"] else
                                 "in chunks of %d of K" % chunk))
    print("  %s have Mat tiles of their own, %d x %d, and %d chunks of K." %
          (" and ".join(plan["rhs_names"]), chunk, tiling["n_tile"],
           tiling["full_chunks"] + len(tiling["tail_k"])))
    print("  While one is multiplied the next chunk of the other is loaded; both sums stay in Acc.")


def tell_proofs(verdicts, said):
    runs = said.count("[PTL322]")
    print("proved         every address, before and after: %s (ptolower check)" % " and ".join(verdicts))
    print("the same bits  on %d inputs, of random and of extreme values (ptolower validate)" % runs)
    print("not shown      nothing of this has run on a device: the cycles are a model's")


def main():
    demo = Demo(*sys.argv[1:])
    plan, said = lower(demo)
    verdict_before, before = check(demo, demo.before, "before.html")
    verdict_after, after = check(demo, demo.after, "after.html")
    print("\nGate and up of Qwen3-14B A8W8, one of 68 tasks a layer (%s):" % KERNEL)
    print("x of 16 x 5120 times two weights, 5120 x 256 of their 17,408 columns, i8.\n")
    tell_table(json.loads(demo.run("time", "--format=json", demo.before)[0])["kernels"][0], before, after)
    print()
    tell_schedule(plan)
    print()
    tell_proofs((verdict_before, verdict_after), said)
    print("\npictures  %s, %s: what lies in each buffer when" % (demo.path("before.html"), demo.path("after.html")))
    print("kernel    %s; for ptoas: --pto-arch a3 --pto-level=level3 --enable-insert-sync" % demo.after)


if __name__ == "__main__":
    main()
