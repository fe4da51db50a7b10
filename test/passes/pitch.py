"""pitch.py PTOLOWER SCRATCH: pairs of products are lowered so that what one op writes at a pitch is
read at that.

Every pair must be fused, and its output do the same as the input for each M it is for; the output
has compact tiles where nothing else would be right, and nowhere else."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sim"))
from kernels import K_BLOCK, Kernel, up, write  # noqa: E402

ptolower, scratch = sys.argv[1:]


def pair(chip, elem, level, m, box, k, n, compact=0, taken=None, push=False):
    """Two products of one A. `m`: a number or "%m"; box: rows of the tiles; compact: of Acc, and on
    a5 of Left; taken: rows that are stored."""
    kernel = Kernel(chip, elem, level)
    rows, depth = box if m == "%m" else m, up(k, K_BLOCK[elem])
    kernel.view("%a", rows, k, elem)
    kernel.tile("%a_mat", "mat", elem, (box, up(k, 32)), (m, k), 0)
    kernel.load("%a_mat", "%a", 0, 0, m, k)
    kernel.tile("%left", "left", elem, (box, depth), (m, k), 0,
                compact if chip == "a5" else 0)
    if push:
        kernel.op('%c2v = pto.import_reserved_buffer {name = "slots", peer_func = @pair_aiv} -> i32')
        kernel.op("pto.aic_initialize_pipe {dir_mask = 1, slot_size = %d, slot_num = 2} "
                  "(gm_slot_buffer = %%gm : !pto.ptr<f32>, c2v_consumer_buf = %%c2v : i32, "
                  "v2c_consumer_buf = %s : i32)" % (box * n * 4, kernel.index(0, "i32")))
    kernel.do("tmov", ["%a_mat"], ["%left"])
    for stream, (weight, out) in enumerate((("%b", "%out"), ("%c", "%out2"))):
        acc, at = "%%acc_%d" % stream, 65536 * stream
        kernel.view(weight, k, n, elem)
        kernel.tile(weight + "_mat", "mat", elem, (up(k, 32), n), (k, n), 131072 + at)
        kernel.load(weight + "_mat", weight, 0, 0, k, n)
        kernel.tile(weight + "_right", "right", elem, (depth, n), (k, n), 16384 * stream)
        kernel.do("tmov", [weight + "_mat"], [weight + "_right"])
        kernel.tile(acc, "acc", kernel.sum, (box, n), (m, n), at, compact)
        kernel.do("tmatmul", ["%left", weight + "_right"], [acc])
        if push:
            kernel.op("pto.tpush_to_aiv(%s : %s) {split = 0}" % (acc, kernel.types[acc]))
            continue
        if taken:
            kernel.op("pto.set_validshape %s, %s, %s : %s" % (
                acc, kernel.index(taken), kernel.index(n), kernel.types[acc]))
        kernel.view(out, rows, n, kernel.sum)
        kernel.store(acc, 0, 0, taken or m, n, out)
    return kernel


def sim(path, kernel, m, box, k, n, options):
    kind = "random" if kernel.elem == "i8" else "small"
    rows = box if m == "%m" else m
    shapes = (("a", rows, k, 1), ("b", k, n, 2), ("c", k, n, 3))
    data = ["--arg=%s=%s:%dx%dx%s,seed=%d" % (name, kind, rows, cols, kernel.elem, seed)
            for name, rows, cols, seed in shapes]
    data += ["--arg=%s=zeros:%dx%dx%s" % (out, rows, n, kernel.sum) for out in ("out", "out2")]
    run = subprocess.run([ptolower, "sim", path] + data + options, stderr=subprocess.PIPE, text=True)
    return run.returncode, run.stderr


def try_pair(number, kernel, m, box, k, n, expected, push):
    source, output = (os.path.join(scratch, "%d.%s" % (number, end)) for end in ("pto", "out.pto"))
    write(kernel, source)
    run = subprocess.run([ptolower, source, "--fuse=always", "--remarks", "--validate", "-o", output],
                         stderr=subprocess.PIPE, text=True)
    if run.returncode != 0 or "PTL120" not in run.stderr or "PTL321" in run.stderr:
        return "exit status %d: %s" % (run.returncode, run.stderr)
    with open(output) as file:
        tiles = [line for line in file if "alloc_tile" in line]
    found = {space for space in ("left", "acc") for line in tiles
             if "loc=" + space in line and "compact=1" in line}
    if found != expected:
        return "compact are %s, expected %s" % (sorted(found), sorted(expected))
    for value in (1, box // 2, box - 1, box) if m == "%m" and not push else ():
        files = [os.path.join(scratch, "%d.%s.npy" % (number, out)) for out in ("out", "out2")]
        options = ["--scalar=m=%d" % value]
        names = list(zip(("out", "out2"), files))
        first = sim(source, kernel, m, box, k, n, options + ["--out=%s=%s" % at for at in names])
        second = sim(output, kernel, m, box, k, n, options + ["--expect=%s=%s" % at for at in names])
        if first[0] != 0 or second[0] != 0:
            return "M = %d: %s %s" % (value, first, second)
    return None


CASES = []


def case(expected, chip, elem, level, m, box, k, n, compact=0, taken=None, push=False):
    CASES.append((set(expected), push, m, box, k, n,
                  pair(chip, elem, level, m, box, k, n, compact, taken, push),
                  (chip, elem, level, m, box, k, n, compact, taken, push)))


for chip in ("a2a3", "a5"):
    for elem in ("i8", "f16", "bf16", "f32"):
        for level in (2, 3):
            # M as it is, in a box that is lower or higher than what the input had.
            padded = elem == "i8" and chip == "a2a3" and level == 2
            for m in (1, 16, 17, 40, 64):
                needs = ("acc",) if padded and up(m) % 32 else ()
                case(needs, chip, elem, level, m, up(m), 64, 32)
                case(needs, chip, elem, level, m, 64, 64, 32, compact=1)
            # M up to a bound.
            all_of = ("acc", "left") if chip == "a5" else ("acc",)
            case(all_of, chip, elem, level, "%m", 64, 64, 32, compact=1)
            case(all_of, chip, elem, level, "%m", 48, 64, 32, compact=1)
            case(("acc",) if padded else (), chip, elem, level, "%m", 16, 64, 32)
            case(("acc",) if padded else (), chip, elem, level, "%m", 16, 64, 32, compact=1)
            case(all_of, chip, elem, level, "%m", 64, 64, 32, compact=1, push=True)
            # K with a tail.
            case((), chip, elem, level, 32, 32, 49, 32)

os.makedirs(scratch, exist_ok=True)
failed = []
for number, (expected, push, m, box, k, n, kernel, name) in enumerate(CASES):
    error = try_pair(number, kernel, m, box, k, n, expected, push)
    if error:
        failed.append("%d: %s: %s" % (number, name, error))
assert not failed, "\n".join(failed)
print("%d pairs" % len(CASES))
