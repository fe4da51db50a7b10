"""miscompiled.py PTOLOWER INPUT SCRATCH: outputs that were broken by hand are noticed.

Lowers INPUT, breaks the output in a dozen ways, and requires that `ptolower validate` tells each
of them (exit status 3, PTL320) from the input, and not the output as it is."""

import os
import re
import subprocess
import sys

ptolower, source, scratch = sys.argv[1:]


def validate(text, name):
    path = os.path.join(scratch, name + ".pto")
    with open(path, "w") as file:
        file.write("\n".join(text) + "\n")
    run = subprocess.run([ptolower, "validate", source, path], stderr=subprocess.PIPE, text=True)
    return run.returncode, run.stderr


def find(text, pattern, which=0):
    return [i for i, line in enumerate(text) if re.search(pattern, line)][which]


def drop(pattern, which):
    def edit(text):
        del text[find(text, pattern, which)]
    return edit


def replace(pattern, which, old, new):
    def edit(text):
        at = find(text, pattern, which)
        changed = re.sub(old, new, text[at], count=1)
        assert changed != text[at], (pattern, old)
        text[at] = changed
    return edit


def constant(text, value, kind):
    """The name of a constant of the function; made if there is none."""
    for line in text:
        match = re.match(r"\s*(%%\w+) = arith.constant %d : %s" % (value, kind), line)
        if match:
            return match.group(1)
    name = "%%made_%d" % value
    text.insert(find(text, "func.func") + 1, "  %s = arith.constant %d : %s" % (name, value, kind))
    return name


def address(pattern, which, value):
    def edit(text):
        name = constant(text, value, "i64")
        at = find(text, pattern, which)
        text[at] = re.sub(r"addr = %\w+", "addr = " + name, text[at])
    return edit


def same_address(pattern, which, other):
    def edit(text):
        name = re.search(r"addr = (%\w+)", text[find(text, other)]).group(1)
        at = find(text, pattern, which)
        text[at] = re.sub(r"addr = %\w+", "addr = " + name, text[at])
    return edit


def swap_operand(pattern, first, second, operand):
    """Two ops exchange what `operand` matches in them."""
    def edit(text):
        a, b = find(text, pattern, first), find(text, pattern, second)
        x, y = (re.search(operand, text[i]).group(1) for i in (a, b))
        text[a] = re.sub(x + r"\b", y, text[a])
        text[b] = re.sub(y + r"\b", x, text[b])
    return edit


def move(pattern, which, before, which_before):
    """Moves an op in front of another, with the address computation right before it."""
    def edit(text):
        first = last = find(text, pattern, which)
        while re.search(r"partition_view|arith.addi", text[first - 1]):
            first -= 1
        lines = text[first:last + 1]
        del text[first:last + 1]
        at = find(text, before, which_before)
        text[at:at] = lines
    return edit


WEIGHT = r"tload .*outs\(%\w*(gate|up)_w\w*_mat"
EDITS = {
    "mat tiles at one address": same_address(r"%up_w\w*_mat = pto.alloc_tile", 0,
                                             r"%gate_w\w*_mat = pto.alloc_tile"),
    "accumulators 16 rows apart": address(r"%up_w\w*_acc = pto.alloc_tile", 0, 16384),
    "lhs under the first weight": same_address(r"%gate_w\w*_mat = pto.alloc_tile", 0,
                                               r"= pto.alloc_tile .*loc=mat"),
    "a product that is missing": drop(r"pto.tmatmul.acc", -1),
    "a weight that is not loaded again": drop(WEIGHT, 2),
    "a stale left tile": drop(r"textract .*loc=left", -1),
    "a stale right tile": drop(r"textract .*loc=right", -1),
    "weights exchanged": swap_operand(r"_w\w* = pto.make_tensor_view", 0, 1, r"view (%\w+)"),
    "outputs exchanged": swap_operand(r"pto.tstore", 0, 1, r"ins\((%\w+)"),
    "a sum that starts in the middle": replace(
        r"pto.tmatmul.acc", 0, r"tmatmul.acc ins\(%\w+, (%\w+, %\w+ : )!pto.tile_buf<[^>]*>, ",
        r"tmatmul ins(\1"),
    "the wrong chunk": replace(r"%gate_w\w*_part_1 = ", 0, r"offsets = \[%\w+",
                               "offsets = [%c0_index"),
    "a store before the last product": move(r"pto.tstore", 0, r"pto.tmatmul.acc", -2),
    "a weight loaded before the last one was read": move(WEIGHT, 2, r"textract .*loc=right", 0),
}

os.makedirs(scratch, exist_ok=True)
run = subprocess.run([ptolower, source, "--fuse=always", "--validate"], stdout=subprocess.PIPE,
                     text=True, check=True)
lowered = run.stdout.splitlines()
status, errors = validate(lowered, "unchanged")
assert status == 0, errors
missed = []
for name, edit in EDITS.items():
    text = list(lowered)
    edit(text)
    status, errors = validate(text, name.replace(" ", "_"))
    if status != 3 or "PTL320" not in errors:
        missed.append("%s: exit status %d: %s" % (name, status, errors.splitlines()[:1]))
assert not missed, "\n".join(missed)
print("%d broken outputs, all noticed" % len(EDITS))
