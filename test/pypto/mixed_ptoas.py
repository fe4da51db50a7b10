"""mixed_ptoas.py PTOLOWER PTOAS KERNEL SCRATCH: a mixed kernel of pypto's, lowered, and both files of C++.

Old versions of ptoas do not read such kernels at all; there is nothing to see with them then."""

import os
import subprocess
import sys


def main(ptolower, ptoas, kernel, scratch):
    os.makedirs(scratch, exist_ok=True)
    lowered = os.path.join(scratch, "lowered.pto")
    options = ["--enable-insert-sync", "--pto-level=level3", "--pto-arch", "a3"]
    original = subprocess.run([ptoas, kernel, "-o", os.path.join(scratch, "k.cpp")] + options,
                              capture_output=True)
    if original.returncode != 0:
        print("this ptoas does not read the kernel")
        return
    subprocess.run([ptolower, kernel, "-o", lowered], check=True)
    subprocess.run([ptolower, "pypto-kernel", lowered, "--out-dir", scratch, "--ptoas", ptoas],
                   check=True)
    for core, mark in (("aic", "TPUSH<"), ("aiv", "TPOP<")):
        with open(os.path.join(scratch, "gate_up_dual_proj_%s.cpp" % core)) as file:
            text = file.read()
        call = "    gate_up_dual_proj_%s(mlp_norm_i8, w_gate, w_up, " % core
        if mark not in text or call not in text:
            sys.exit("gate_up_dual_proj_%s.cpp is wrong" % core)


if __name__ == "__main__":
    main(*sys.argv[1:])
