"""real.py DROPIN SOURCE SCRATCH PTOAS INPUT...: with the real ptoas. Inputs are files and folders of
.pto files; the gate/up kernels among them change, with flags that are proved, and the others do not."""

import concurrent.futures
import glob
import json
import os
import subprocess
import sys

OPTIONS = ["--enable-insert-sync", "--pto-level=level3", "--pto-arch", "a3"]
# What the QWEN flag may change.
GATE_UP = {"gate_up_dual_proj", "gate_up_store", "mlp_gate_up"}


def kernels(inputs):
    for path in inputs:
        found = glob.glob(os.path.join(path, "**", "*.pto"), recursive=True)
        yield from (sorted(found) if os.path.isdir(path) else [path])


def compile_with(program, source, target, **environment):
    """Exit status, C++ (None without), and what was said."""
    result = subprocess.run([program, source, "-o", target] + OPTIONS, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=dict(os.environ, **environment))
    text = None
    if os.path.exists(target):
        with open(target, "rb") as file:
            text = file.read()
    return result.returncode, text, result.stdout


def check(dropin, ptoas, source, scratch):
    """What is wrong with the drop-in on this file, or None."""
    name = os.path.splitext(os.path.basename(source))[0]
    base = os.path.join(scratch, source.strip(os.sep).replace(os.sep, "_"))
    real = {"PTOLOWER_PTOAS": ptoas}
    alone = compile_with(ptoas, source, base + ".alone.cpp")
    off = compile_with(dropin, source, base + ".off.cpp", **real)
    if off != alone:
        return "off: not what ptoas alone gives"
    on = compile_with(dropin, source, base + ".on.cpp", QWEN_A8W8_DUAL_GATE_UP_PROJ="1",
                      PTOLOWER_LOG=base + ".log", **real)
    if name not in GATE_UP:
        return None if on[:2] == alone[:2] else "on: changed"
    if alone[0] != 0:
        print("%s: this ptoas does not read it" % name)
        return None
    if on[0] != 0 or on[1] == alone[1] or b"PTL" in on[2]:
        return "on: not fused: %s" % on[2].decode()[-300:]
    with open(base + ".log") as file:
        proofs = [line["sync"] for line in map(json.loads, file) if line["fused"]]
    return None if proofs and all(proof == {"verdict": "proved"} for proof in proofs) else "on: %s" % proofs


def main():
    dropin, source, scratch, ptoas = sys.argv[1:5]
    os.makedirs(scratch)
    sources = list(kernels(sys.argv[5:]))
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: check(dropin, ptoas, path, scratch), sources)
        for path, problem in zip(sources, results):
            if problem:
                failures += 1
                print("%s: %s" % (path, problem))
    print("%d of %d files failed" % (failures, len(sources)))
    return 1 if failures or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
