"""widths.py PTOLOWER KERNEL SCRATCH: integers wrap at the width of their type, everywhere.

An offset of KERNEL is computed in ways that differ if a width or a sign is not kept. Each must be
the same kernel as one with the constant that MLIR's semantics give (the simulator's part), and
still be so when it is lowered (the walk's part)."""

import os
import subprocess
import sys

ptolower, kernel, scratch = sys.argv[1:]

# What %z is, and how it is computed.
CASES = {
    "extui of true": (256, ["%t = arith.constant true", "%e = arith.extui %t : i1 to i64",
                            "%i = arith.index_cast %e : i64 to index",
                            "%z = arith.muli %i, %c256_index : index"]),
    "extsi of true": (256, ["%t = arith.constant true", "%e = arith.extsi %t : i1 to i64",
                            "%i = arith.index_cast %e : i64 to index",
                            "%m = arith.muli %i, %c256_index : index",
                            "%z = arith.addi %m, %c512_index : index"]),
    "extsi of a comparison": (256, ["%t = arith.cmpi eq, %c0_index, %c0_index : index",
                                    "%e = arith.extsi %t : i1 to i64",
                                    "%i = arith.index_cast %e : i64 to index",
                                    "%m = arith.muli %i, %c256_index : index",
                                    "%z = arith.addi %m, %c512_index : index"]),
    "not": (512, ["%t = arith.cmpi eq, %c0_index, %c0_index : index", "%o = arith.constant true",
                  "%n = arith.xori %t, %o : i1",
                  "%z = arith.select %n, %c256_index, %c512_index : index"]),
    "true is a comparison that holds": (256, [
        "%t = arith.constant true", "%u = arith.cmpi eq, %c0_index, %c0_index : index",
        "%x = arith.cmpi eq, %t, %u : i1",
        "%z = arith.select %x, %c256_index, %c512_index : index"]),
    "true is less than false": (256, [
        "%t = arith.constant true", "%f = arith.constant false",
        "%x = arith.cmpi slt, %t, %f : i1",
        "%z = arith.select %x, %c256_index, %c512_index : index"]),
    "i1 sum": (0, ["%t = arith.cmpi eq, %c0_index, %c0_index : index",
                   "%x = arith.addi %t, %t : i1", "%e = arith.extui %x : i1 to i64",
                   "%i = arith.index_cast %e : i64 to index",
                   "%z = arith.muli %i, %c256_index : index"]),
    "i8 sum": (384, ["%a = arith.constant 127 : i8", "%b = arith.constant 1 : i8",
                     "%x = arith.addi %a, %b : i8", "%e = arith.index_cast %x : i8 to index",
                     "%z = arith.addi %e, %c512_index : index"]),
    "i32 product": (510, ["%a = arith.constant 2147483647 : i32", "%b = arith.constant 2 : i32",
                          "%x = arith.muli %a, %b : i32",
                          "%e = arith.index_cast %x : i32 to index",
                          "%z = arith.addi %e, %c512_index : index"]),
    "index to i32": (512, ["%a = arith.constant 4294967296 : index",
                           "%x = arith.index_cast %a : index to i32",
                           "%e = arith.index_cast %x : i32 to index",
                           "%z = arith.addi %e, %c512_index : index"]),
    "trunci": (256, ["%a = arith.constant 4294967552 : i64", "%x = arith.trunci %a : i64 to i32",
                     "%z = arith.index_cast %x : i32 to index"]),
    "extui": (240, ["%a = arith.constant -16 : i8", "%x = arith.extui %a : i8 to i32",
                    "%z = arith.index_cast %x : i32 to index"]),
    "index_castui": (240, ["%a = arith.constant -16 : i8",
                           "%z = arith.index_castui %a : i8 to index"]),
    "unsigned order": (512, ["%a = arith.constant -1 : i8", "%b = arith.constant 1 : i8",
                             "%x = arith.cmpi ult, %a, %b : i8",
                             "%z = arith.select %x, %c256_index, %c512_index : index"]),
    "division": (509, ["%a = arith.constant -7 : index", "%b = arith.constant 2 : index",
                       "%q = arith.divsi %a, %b : index",
                       "%z = arith.addi %q, %c512_index : index"]),
}


def with_offset(text, name, statements):
    """The kernel with %z added to its column offset, %arg6."""
    lines = []
    for line in text:
        if "func.func" not in line and "%c6144_index = arith" not in line:
            line = line.replace("%arg6", "%moved")
        lines.append(line)
        if "%c6144_index = arith" in line:
            lines += statements + ["%moved = arith.addi %arg6, %z : index"]
    path = os.path.join(scratch, name.replace(" ", "_") + ".pto")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


os.makedirs(scratch, exist_ok=True)
with open(kernel) as file:
    text = file.read().splitlines()
failed = []
for name, (value, statements) in CASES.items():
    path = with_offset(text, name, statements)
    expected = with_offset(text, name + " expected", ["%%z = arith.constant %d : index" % value])
    for command in (["validate", expected, path],
                    [path, "-o", path + ".out", "--fuse=always", "--validate", "--remarks"],
                    ["validate", expected, path + ".out"]):
        run = subprocess.run([ptolower] + command, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0 or ("--remarks" in command and "PTL120" not in run.stderr):
            failed.append("%s: %s: exit status %d: %s" % (name, command, run.returncode,
                                                          run.stderr.splitlines()[:2]))
assert not failed, "\n".join(failed)
print("%d computations" % len(CASES))
