"""ptoas.py PTOLOWER PTOAS INPUTS SCRATCH: lowers, and has ptoas judge the result."""

import os
import subprocess
import sys

# Element type of the operands, of the accumulators, and a zero of that.
TYPES = [("i8", "i32", "0"), ("f16", "f32", "0.0"), ("bf16", "f32", "0.0"), ("f32", "f32", "0.0")]
CHIPS = [("a2a3", "a3"), ("a5", "a5")]

MODULE = """\
func.func @gate_up(%a: tensor<16x512x{t}>, %gate_w: tensor<512x256x{t}>, %up_w: tensor<512x256x{t}>)
    -> (tensor<16x256x{acc}>, tensor<16x256x{acc}>) {{
  %zero = arith.constant {zero} : {acc}
  %empty = tensor.empty() : tensor<16x256x{acc}>
  %init = linalg.fill ins(%zero : {acc}) outs(%empty : tensor<16x256x{acc}>) -> tensor<16x256x{acc}>
  %gate = linalg.matmul ins(%a, %gate_w : tensor<16x512x{t}>, tensor<512x256x{t}>)
                        outs(%init : tensor<16x256x{acc}>) -> tensor<16x256x{acc}>
  %up = linalg.matmul ins(%a, %up_w : tensor<16x512x{t}>, tensor<512x256x{t}>)
                      outs(%init : tensor<16x256x{acc}>) -> tensor<16x256x{acc}>
  return %gate, %up : tensor<16x256x{acc}>, tensor<16x256x{acc}>
}}
"""


def succeeds(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        print("%s: exit status %d\n%s" % (" ".join(command), result.returncode, result.stdout))
    return result.returncode == 0


class Judge:
    def __init__(self, ptolower, ptoas, scratch):
        self.ptolower, self.ptoas, self.scratch = ptolower, ptoas, scratch
        self.failures = 0

    def check(self, name, source, chip, arch):
        pto = os.path.join(self.scratch, name + ".pto")
        lower = [self.ptolower, source, "--validate", "--target=" + chip, "-o", pto]
        assemble = [self.ptoas, pto, "-o", pto + ".cpp", "--pto-arch", arch, "--pto-level=level3",
                    "--enable-insert-sync"]
        ok = succeeds(lower) and succeeds(assemble)
        print("%s: %s" % (name, "ok" if ok else "FAILED"))
        self.failures += not ok


def main():
    ptolower, ptoas, inputs, scratch = sys.argv[1:]
    judge = Judge(ptolower, ptoas, scratch)
    for element, accumulator, zero in TYPES:
        source = os.path.join(scratch, "gate_up_%s.mlir" % element)
        with open(source, "w") as file:
            file.write(MODULE.format(t=element, acc=accumulator, zero=zero))
        for chip, arch in CHIPS:
            judge.check("gate_up_%s_%s" % (element, chip), source, chip, arch)
    judge.check("gate_up_store", os.path.join(inputs, "gate_up_store.pto"), "a2a3", "a3")
    return 1 if judge.failures else 0


if __name__ == "__main__":
    sys.exit(main())
