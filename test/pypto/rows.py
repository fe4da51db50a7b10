"""rows.py PTOLOWER SCRATCH: a kernel with transposed weights reads the rows from row0 + n0 on."""

import os
import struct
import subprocess
import sys

M, K, N, COLUMNS, ROWS, ROW0, N0 = 16, 64, 32, 64, 256, 128, 32


def read(path, letter):
    with open(path, "rb") as file:
        data = file.read()
    begin = 10 + struct.unpack_from("<H", data, 8)[0]
    return struct.unpack_from("<%d%s" % ((len(data) - begin) // struct.calcsize(letter), letter),
                              data, begin)


def run(ptolower, scratch):
    subprocess.run([ptolower, "pypto-kernel", "--m=%d" % M, "--k=%d" % K, "--n=%d" % N,
                    "--dtype=i8", "--transpose-b", "--b-rows=any", "--ldc=%d" % COLUMNS,
                    "--out-dir", scratch, "--ptoas=none"], check=True)
    shapes = {"x": "random:%dx%dxi8,seed=1" % (M, K), "w_gate": "random:%dx%dxi8,seed=2" % (ROWS, K),
              "w_up": "random:%dx%dxi8,seed=3" % (ROWS, K), "gate": "zeros:%dx%dxi32" % (M, COLUMNS),
              "up": "zeros:%dx%dxi32" % (M, COLUMNS)}
    words = ["--arg=%s=%s" % item for item in shapes.items()]
    words += ["--out=%s=%s" % (name, os.path.join(scratch, name + ".npy")) for name in shapes]
    words += ["--scalar=row0=%d" % ROW0, "--scalar=n0=%d" % N0]
    subprocess.run([ptolower, "sim", os.path.join(scratch, "gate_up_dual.pto")] + words, check=True)
    return {name: read(os.path.join(scratch, name + ".npy"), "i" if name in ("gate", "up") else "b")
            for name in shapes}


def expected(values, weight, m, column):
    if not N0 <= column < N0 + N:
        return 0
    row = ROW0 + column
    return sum(values["x"][m * K + k] * values[weight][row * K + k] for k in range(K))


def main(ptolower, scratch):
    values = run(ptolower, scratch)
    for result, weight in (("gate", "w_gate"), ("up", "w_up")):
        wanted = [expected(values, weight, m, column) for m in range(M) for column in range(COLUMNS)]
        if list(values[result]) != wanted or not any(wanted):
            sys.exit("%s is wrong" % result)


if __name__ == "__main__":
    main(*sys.argv[1:])
