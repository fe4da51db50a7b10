"""limits.py KERNEL OUT: kernels with more of a thing than there was room for once.

KERNEL is the pair of products with stores; OUT is a directory."""

import os
import re
import sys

MANY = 100
BRANCH = """func.func @branches() {
    "cf.br"()[^end] : () -> ()
  ^end:
    return
  }
  """


def many_stores(text):
    """Both results leave MANY times."""
    lines = text.splitlines(keepends=True)
    return "".join(line * (MANY if "pto.tstore" in line else 1) for line in lines)


def in_front(text, what):
    """Text before the first function."""
    at = text.index("func.func")
    return text[:at] + what + text[at:]


def last_return(text, what):
    at = text.rindex("return")
    return text[:at] + what + text[at + len("return"):]


def unreadable(count):
    return "".join("func.func @f%d(%%a: i32) {\n    %%0 = arith.addi %%a, %%b : i32\n    return\n  }\n  "
                   % i for i in range(count))


def far_offsets(text, number):
    """Every offset of a part of a view that is a constant or an argument is this number."""
    text = re.sub(r"(offsets = \[)[^\]]*", lambda m: m.group(1) + "%far, %far", text)
    at = text.index("\n", text.index("func.func")) + 1
    return text[:at] + "    %%far = arith.constant %d : index\n" % number + text[at:]


def clamped(text):
    """The rows of the activation begin at a sum of MANY arguments, none below zero."""
    names = ["%%many%d" % i for i in range(MANY)]
    text = re.sub(r"(func\.func @\w+\()", r"\1" + "".join("%s: index, " % name for name in names), text, 1)
    at = text.index("\n", text.index("func.func")) + 1
    body = "    %many = arith.constant 0 : index\n    %sum = arith.constant 0 : index\n"
    last = "%sum"
    for name in names:
        body += "    %s_c = arith.maxsi %s, %%many : index\n" % (name, name)
        body += "    %s_s = arith.addi %s, %s_c : index\n" % (name, last, name)
        last = name + "_s"
    text = text[:at] + body + text[at:]
    return re.sub(r"(partition_view %x\w+, offsets = \[)[^,]*", lambda m: m.group(1) + last, text)


def main():
    kernel, out = sys.argv[1:]
    with open(kernel) as file:
        text = file.read()
    files = {
        "stores.pto": many_stores(text),
        "clamped.pto": clamped(text),
        "beside_branch.pto": in_front(text, BRANCH),
        "with_branch.pto": last_return(text, '"cf.br"()[^end] : () -> ()\n  ^end:\n    return'),
        "new\nline.pto": text,
        "quote\"\\\t.pto": text,
        "no_bits.pto": last_return(text, "%z0 = arith.constant 0 : i0\n    "
                                         "%z1 = arith.addi %z0, %z0 : i0\n    return"),
        "unreadable.pto": in_front(text, unreadable(MANY)),
        "too_unreadable.pto": in_front(text, unreadable(257)),
    }
    for number in (2 ** 63 - 1, -2 ** 63, 2 ** 62, 2 ** 63 - 16):
        files["far%d.pto" % number] = far_offsets(text, number)
    for name, content in files.items():
        with open(os.path.join(out, name), "w") as file:
            file.write(content)


if __name__ == "__main__":
    main()
