"""Outputs of ptolower, broken by hand.

edits.py NAME INPUT OUTPUT: breaks one as EDITS[NAME] does."""

import re
import sys


def find(text, pattern, which=0):
    return [i for i, line in enumerate(text) if re.search(pattern, line)][which]


def drop(pattern, which, count=1):
    """Drops `count` of what matches, from `which` on."""
    def edit(text):
        for at in [find(text, pattern, which + i) for i in range(count)][::-1]:
            del text[at]
    return edit


def replace(pattern, which, old, new):
    def edit(text):
        at = find(text, pattern, which)
        changed = re.sub(old, new, text[at], count=1)
        assert changed != text[at], (pattern, old)
        text[at] = changed
    return edit


def replace_all(old, new):
    def edit(text):
        changed = [re.sub(old, new, line) for line in text]
        assert changed != text, old
        text[:] = changed
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
        while re.search(r"partition_view|arith.addi|alloc_tile", text[first - 1]):
            first -= 1
        lines = text[first:last + 1]
        del text[first:last + 1]
        at = find(text, before, which_before)
        text[at:at] = lines
    return edit


# How the kernels that are broken here name what they compute.
GATE, UP = r"%(?:gate_w|w_gate)\w*", r"%(?:up_w|w_up)\w*"
# The weights take turns in a ring of two Mat tiles.
FIRST_MAT, SECOND_MAT = r"%rhs_mat_0", r"%rhs_mat_1"
WEIGHT = r"tload .*outs\(%rhs_mat_"
OUTPUT = r"pto\.(?:tstore ins|tpush_to_aiv)\((%\w+)"
EDITS = {
    "mat tiles at one address": same_address(SECOND_MAT + r" = pto.alloc_tile", 0,
                                             FIRST_MAT + r" = pto.alloc_tile"),
    "accumulators 16 rows apart": address(UP + r"_acc = pto.alloc_tile", 0, 16384),
    "accumulators that are read at another pitch": replace_all(
        r"(loc=acc, dtype=\w+, rows=)16", r"\g<1>32"),
    "lhs under the first weight": same_address(FIRST_MAT + r" = pto.alloc_tile", 0,
                                               r"= pto.alloc_tile .*loc=mat"),
    "a product that is missing": drop(r"pto.tmatmul.acc", -1),
    "a chunk of K that is missing": drop(r"pto.tmatmul.acc", -2, 2),
    "a weight that is not loaded again": drop(WEIGHT, 2),
    "a stale left tile": drop(r"textract .*loc=left", -1),
    "a stale right tile": drop(r"textract .*loc=right", -1),
    "weights exchanged": swap_operand(r"(?:%s|%s)_view = pto.make_tensor_view" % (GATE, UP), 0, 1,
                                      r"view (%\w+)"),
    "outputs exchanged": swap_operand(OUTPUT, 0, 1, OUTPUT),
    "a sum that starts in the middle": replace(
        r"pto.tmatmul.acc", 0, r"tmatmul.acc ins\(%\w+, (%\w+, %\w+ : )!pto.tile_buf<[^>]*>, ",
        r"tmatmul ins(\1"),
    "the wrong chunk": replace(GATE + r"_part_[12] = ", 0, r"offsets = \[%\w+",
                               "offsets = [%c0_index"),
    "a store before the last product": move(OUTPUT, 0, r"pto.tmatmul.acc", -2),
    "a weight loaded before the last one was read": move(r"tload .*outs\(%rhs_mat_0(?:_\d+)?\b", 1,
                                                         r"textract .*loc=right", 0),
}


def broken(text, name):
    """The lines of `text`, broken as `name` says."""
    text = list(text)
    EDITS[name](text)
    return text


if __name__ == "__main__":
    with open(sys.argv[2]) as source, open(sys.argv[3], "w") as target:
        target.write("\n".join(broken(source.read().splitlines(), sys.argv[1])) + "\n")
