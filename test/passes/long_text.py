"""long_text.py SINGLE COUNT: SINGLE (Inputs/single.pto) with so many products, each of the next 64 columns."""

import sys

single, count = open(sys.argv[1]).read(), int(sys.argv[2])
begin, end = single.index("  scf.for"), single.index("  return")
body = single[begin:end]
copies = ""
for i in range(count):
    copies += "  %%at%d = arith.constant %d : index\n  %%n%d = arith.addi %%n, %%at%d : index\n" % (i, 64 * i, i, i)
    copies += body.replace("%n]", "%%n%d]" % i).replace("%y ", "%%y%d " % i)
print(single[:begin].replace("constant 256 ", "constant %d " % (64 * count)) + copies + single[end:], end="")
