"""pitch.py PTOLOWER SCRATCH: accumulators and operands lie where one op puts them and are read
where another looks.

Each case is a product of M x K by K x N elements, in a box that may be higher than M, whose way
out is written in some form. It must give what the same product gives in a box of its own size if
the form is right on the chip, and must not if it is wrong (docs/sim.md)."""

import os
import subprocess
import sys

from kernels import K_BLOCK, Kernel, up, write

ptolower, scratch = sys.argv[1:]


def product(chip, elem, m, k, n, box=None, acc=None, **form):
    """A kernel up to its product. `box`: rows, K and columns of the tiles; `acc`: more of the
    accumulator's tile; left, right: 1 for compact ones; into: how the product is written."""
    rows, depth, cols = box or (up(m), up(k, K_BLOCK[elem]), up(n))
    kernel = Kernel(chip, elem)
    kernel.view("%a", m, k, elem)
    kernel.view("%b", k, n, elem)
    kernel.view("%out", m, n, kernel.sum)
    kernel.tile("%a_mat", "mat", elem, (rows, up(depth, 32)), (m, k), 0)
    kernel.load("%a_mat", "%a", 0, 0, m, k)
    kernel.tile("%b_mat", "mat", elem, (up(depth, 32), up(cols, 32)), (k, n), 131072)
    kernel.load("%b_mat", "%b", 0, 0, k, n)
    kernel.tile("%left", "left", elem, (rows, depth), (m, k), 0, form.get("left", chip == "a5"))
    kernel.do("tmov", ["%a_mat"], ["%left"])
    kernel.tile("%right", "right", elem, (depth, cols), (k, n), 0, form.get("right", 0))
    kernel.do("tmov", ["%b_mat"], ["%right"])
    kernel.tile("%acc", "acc", kernel.sum, (rows, cols), (m, n), 0, **(acc or {}))
    if "into" in form:
        form["into"](kernel)
    else:
        kernel.do("tmatmul", ["%left", "%right"], ["%acc"])
    return kernel


def stored(*args, **form):
    kernel = product(*args, **form)
    kernel.store("%acc", 0, 0, args[2], args[4])
    return kernel


def by_parts(m, n, rows, cols, use):
    for row in range(0, m, rows):
        for col in range(0, n, cols):
            use(row, col)


def stored_by_windows(chip, elem, m, k, n, rows, cols, **form):
    kernel = product(chip, elem, m, k, n, **form)

    def use(row, col):
        name = "%%w_%d_%d" % (row, col)
        kernel.window(name, "%acc", row, col, rows, cols)
        kernel.store(name, row, col, rows, cols)
    by_parts(m, n, rows, cols, use)
    return kernel


def made_by_windows(chip, elem, m, k, n, rows, cols, box):
    """Products of `rows` rows and `cols` columns, each written into its window."""
    def into(kernel):
        def use(row, col):
            at = "_%d_%d" % (row, col)
            kernel.tile("%l" + at, "left", elem, (rows, k), (rows, k), 0)
            kernel.do("textract", ["%a_mat", kernel.index(row), kernel.index(0)], ["%l" + at])
            kernel.tile("%r" + at, "right", elem, (k, cols), (k, cols), 0)
            kernel.do("textract", ["%b_mat", kernel.index(0), kernel.index(col)], ["%r" + at])
            kernel.window("%w" + at, "%acc", row, col, rows, cols)
            kernel.do("tmatmul", ["%l" + at, "%r" + at], ["%w" + at])
            kernel.store("%w" + at, row, col, rows, cols)
        by_parts(m, n, rows, cols, use)
    return product(chip, elem, m, k, n, box=box, into=into)


def stored_by_alias(chip, elem, m, k, n, rows, **form):
    kernel = product(chip, elem, m, k, n, **form)
    kernel.tile("%alias", "acc", kernel.sum, (rows, n), (rows, n), 0)
    kernel.store("%alias", 0, 0, rows, n)
    return kernel


def stored_reshaped(chip, elem, m, k, n, rows, **form):
    kernel = product(chip, elem, m, k, n, **form)
    kernel.op("pto.set_validshape %%acc, %s, %s : %s" % (
        kernel.index(rows), kernel.index(n), kernel.types["%acc"]))
    kernel.store("%acc", 0, 0, rows, n)
    return kernel


def moved_on(chip, m, k, n, op, **form):
    """The product of bf16 goes to Mat and is multiplied by a matrix, part by part of 32 columns."""
    kernel = product(chip, "bf16", m, k, n, **form)
    kernel.view("%e", 32, n, "bf16")
    for col in range(0, n, 32):
        at = "_%d" % col
        cols = n if op == "tmov" else 32
        kernel.tile("%p" + at, "mat", "bf16", (up(m), cols), (m, cols), 262144)
        offsets = [kernel.index(0), kernel.index(col)] if op == "textract" else []
        kernel.do(op, ["%acc"] + offsets, ["%p" + at])
        kernel.tile("%e_mat" + at, "mat", "bf16", (32, 32), (32, 32), 393216)
        kernel.load("%e_mat" + at, "%e", 0, col, 32, 32)
        kernel.tile("%l2" + at, "left", "bf16", (up(m), 32), (m, 32), 32768)
        kernel.do("textract", ["%p" + at, kernel.index(0),
                               kernel.index(col if op == "tmov" else 0)], ["%l2" + at])
        kernel.tile("%r2" + at, "right", "bf16", (32, 32), (32, 32), 32768)
        kernel.do("tmov", ["%e_mat" + at], ["%r2" + at])
        kernel.tile("%q" + at, "acc", "f32", (up(m), 32), (m, 32), 65536)
        kernel.do("tmatmul", ["%l2" + at, "%r2" + at], ["%q" + at])
        kernel.store("%q" + at, 0, col, m, 32)
    return kernel


def pushed(chip, elem, m, k, n, **form):
    """A pair: the text of the cube function, and of the one that pops."""
    kernel = product(chip, elem, m, k, n, **form)
    slot = m * n * 4
    pipe = ("initialize_pipe {dir_mask = 1, slot_size = %d, slot_num = 2} (gm_slot_buffer = %%gm : "
            "!pto.ptr<f32>, c2v_consumer_buf = %%c2v : i32, v2c_consumer_buf = %s : i32)" % (
                slot, kernel.index(0, "i32")))
    kernel.op('%c2v = pto.import_reserved_buffer {name = "slots", peer_func = @pair_aiv} -> i32')
    kernel.op("pto.aic_" + pipe)
    kernel.op("pto.tpush_to_aiv(%%acc : %s) {split = 0}" % kernel.types["%acc"])
    vector = Kernel(chip, elem)
    vector.index(0, "i32")
    vector.view("%out", m, n, vector.sum)
    vector.op('%%c2v = pto.reserve_buffer {name = "slots", size = %d, location = '
              '#pto.address_space<vec>, auto = false, base = 0} -> i32' % (2 * slot))
    vector.op("pto.aiv_" + pipe)
    vector.tile("%popped", "vec", vector.sum, (m, n), (m, n), 2 * slot, static=True)
    vector.lines[-1] = "%%popped = pto.tpop_from_aic {split = 0} -> %s" % vector.types["%popped"]
    vector.store("%popped", 0, 0, m, n)
    vector.op("pto.tfree_from_aic {split = 0}")
    return kernel, vector


def run(path, kernel, m, k, n, option):
    elem = kernel.elem
    kind = "random" if elem == "i8" else "small"
    shapes = [("a", m, k, elem, 1), ("b", k, n, elem, 2), ("e", 32, n, "bf16", 3)]
    data = ["--arg=%s=%s:%dx%dx%s,seed=%d" % (name, kind, rows, cols, of, seed)
            for name, rows, cols, of, seed in shapes]
    data += ["--arg=out=zeros:%dx%dx%s" % (m, n, kernel.sum)]
    return subprocess.run([ptolower, "sim", path] + data + ["--" + option],
                          stderr=subprocess.PIPE, text=True)


COMPACT, STATIC = {"compact": 1}, {"static": True}
CASES = []


def case(is_right, name, form, m, k, n, reference=None):
    CASES.append((is_right, name, form, m, k, n, reference))


for chip in ("a2a3", "a5"):
    for elem in ("i8", "f16", "bf16", "f32"):
        for m in (1, 16, 17, 65, 128) if elem == "i8" else (5, 33):
            args, box = (chip, elem, m, 64, 64), (128, 64, 64)
            fits = up(m) == 128
            case(True, "box of its own", stored(*args), m, 64, 64)
            case(fits, "higher box", stored(*args, box=box), m, 64, 64)
            case(True, "higher box, compact", stored(*args, box=box, acc=COMPACT), m, 64, 64)
            case(True, "16 columns", stored(chip, elem, m, 64, 16, box=(128, 64, 16)), m, 64, 16)
            pairs = [pushed(*args), pushed(*args, box=box), pushed(*args, box=box, acc=COMPACT),
                     pushed(*args, box=box, acc=STATIC)]
            is_a5 = chip == "a5"
            for right, pair in zip((True, fits or is_a5, True, fits), pairs):
                case(right, "push %d" % pairs.index(pair), pair, m, 64, 64, stored(*args))
        args, whole = (chip, elem, 32, 64, 64), (32, 64, 64)
        case(True, "row windows", stored_by_windows(*args, 16, 64), 32, 64, 64)
        case(False, "compact row windows", stored_by_windows(*args, 16, 64, acc=COMPACT), 32, 64, 64)
        case(True, "low compact row windows", stored_by_windows(*args, 16, 16, acc=COMPACT),
             32, 64, 64)
        case(True, "column windows", stored_by_windows(*args, 32, 16), 32, 64, 64)
        args = (chip, elem, 16, 64, 64)
        for extra in ({}, COMPACT):
            case(False, "column windows of a higher box",
                 stored_by_windows(*args, 16, 32, box=(64, 64, 64), acc=extra), 16, 64, 64)
        case(True, "windows made one by one", made_by_windows(*args, 16, 32, box=(16, 64, 64)),
             16, 64, 64)
        args = (chip, elem, 64, 64, 64)
        case(False, "row windows made one by one", made_by_windows(*args, 16, 32, box=(64, 64, 64)),
             64, 64, 64)
        case(True, "windows of 16 columns", made_by_windows(*args, 16, 16, box=(64, 64, 64)),
             64, 64, 64)
        args = (chip, elem, 16, 64, 64)
        case(True, "alias", stored_by_alias(*args, 16), 16, 64, 64)
        case(True, "alias of a higher box", stored_by_alias(*args, 16, box=(64, 64, 64)), 16, 64, 64)
        low = (chip, elem, 32, 64, 64)
        case(False, "lower alias", stored_by_alias(*low, 16), 32, 64, 64,
             stored_reshaped(*low, 16))
        case(True, "fewer rows", stored_reshaped(*low, 5), 32, 64, 64,
             stored_by_windows(*low, 5, 64).lines and stored_reshaped(*low, 5))
        case(False, "fewer rows, compact", stored_reshaped(*low, 16, acc=COMPACT), 32, 64, 64,
             stored_reshaped(*low, 16))
        case(True, "a few rows fewer, compact", stored_reshaped(*low, 20, acc=COMPACT), 32, 64, 64,
             stored_reshaped(*low, 20))
        # Left and Right.
        block = K_BLOCK[elem]
        for left in (0, 1):
            case(left or chip == "a2a3", "left of a higher box, compact %d" % left,
                 stored(chip, elem, 16, 64, 64, box=(64, 64, 64), left=left, acc=COMPACT),
                 16, 64, 64)
            case(True, "left of one block of K, compact %d" % left,
                 stored(chip, elem, 16, block, 64, box=(64, block, 64), left=left, acc=COMPACT),
                 16, block, 64)
            for m in (16, 32):
                case(left or chip == "a5" or m == 16, "left of a longer box, compact %d" % left,
                     stored(chip, elem, m, block, 64, box=(m, 64, 64), left=left), m, block, 64)
        for right in (0, 1):
            case(right or elem == "i8", "right of a wider box, compact %d" % right,
                 stored(chip, elem, 16, 64, 32, box=(16, 64, 64), right=right), 16, 64, 32)
            case(True, "right of one block of K, compact %d" % right,
                 stored(chip, elem, 16, block, 32, box=(16, block, 64), right=right), 16, block, 32)
    for op in ("tmov", "textract"):
        args, box = (chip, 16, 64, 64, op), (64, 64, 64)
        plain = moved_on(*args)
        for right, form in ((True, plain), (False, moved_on(*args, box=box)),
                            (False, moved_on(*args, box=box, acc=COMPACT))):
            case(right, op + " to mat", form, 16, 64, 64, plain)

os.makedirs(scratch, exist_ok=True)
failed = []
for number, (is_right, name, form, m, k, n, reference) in enumerate(CASES):
    kernel = form[0] if isinstance(form, tuple) else form
    plain = reference or stored(kernel.chip, kernel.elem, m, k, n)
    paths = [os.path.join(scratch, "%d.%s" % (number, end)) for end in ("plain.pto", "pto", "npy")]
    write(plain, paths[0])
    write(form, paths[1])
    first = run(paths[0], kernel, m, k, n, "out=out=" + paths[2])
    second = run(paths[1], kernel, m, k, n, "expect=out=" + paths[2])
    seen = second.returncode == 0 or ("expected" in second.stderr or "PTL304" in second.stderr)
    if first.returncode != 0 or not seen or (second.returncode == 0) != bool(is_right):
        failed.append("%d: %s, %s, M = %d: %s: %s %s" % (
            number, kernel.chip, kernel.elem, m, name, first.stderr, second.stderr))
assert not failed, "\n".join(failed)
print("%d forms" % len(CASES))
