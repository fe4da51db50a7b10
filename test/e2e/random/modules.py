"""Random functions on tensors, lowered, validated and proved; or refused with a code.

    modules.py PTOLOWER FIRST COUNT     seeds FIRST to FIRST + COUNT - 1, on both chips
    modules.py --print SEED             the module of one seed

A module has one to six products of one or two left operands: named ops, linalg.generic, batches, results in narrower
types, operands that lie transposed, N and K of any number. One line for each module that fails; exit status 1 if there is one.
"""

import os
import random
import re
import subprocess
import sys
import tempfile

ACCUMULATORS = {"i8": "i32", "bf16": "f32", "f16": "f32", "f32": "f32"}
ROWS = (1, 3, 8, 16, 17, 32, 33, 64, 96, 100, 128, 130, 192, 257, 384, 511, 512)
BLOCKS = (1, 2, 3, 4, 5, 8, 12)
MOST_WORK = 6_000_000  # multiplications of a module


def tensor(*words):
    return f"tensor<{'x'.join(map(str, words))}>"


class Module:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.arguments, self.body, self.results, self.work = {}, [], [], 0

    def extent(self, elem):
        """K or N: in whole boxes of Mat, and sometimes not."""
        box = 32 if elem == "i8" else 16
        extent = box * self.random.choice(BLOCKS)
        return extent if self.random.random() < 0.8 else extent + self.random.randrange(1, box)

    def zeros(self, type, elem):
        name = f"%z{len(self.body)}"
        value = "0" if elem == "i32" else "0.0"
        self.body.append(f"  {name} = arith.constant dense<{value}> : {type}")
        return name

    def named(self, name, operands, types):
        inputs, result = ", ".join(types[:2]), types[2]
        return (f"{name} ins({operands[0]}, {operands[1]} : {inputs}) "
                f"outs({operands[2]} : {result}) -> {result}")

    def generic(self, elem, turned, transposed, operands, types):
        loops = list("mnk")
        self.random.shuffle(loops)
        maps = ", ".join(f"affine_map<({', '.join(loops)}) -> ({axes})>"
                         for axes in ("k, m" if turned else "m, k", "n, k" if transposed else "k, n",
                                      "m, n"))
        kinds = ", ".join('"reduction"' if loop == "k" else '"parallel"' for loop in loops)
        acc = ACCUMULATORS[elem]
        letter = "i" if acc == "i32" else "f"
        factors, widened = ["%x", "%y"], ""
        if elem != acc:
            cast = "arith.extsi" if acc == "i32" else "arith.extf"
            widened = "".join(f"    {v}w = {cast} {v} : {elem} to {acc}\n" for v in factors)
            factors = ["%xw", "%yw"]
        self.random.shuffle(factors)
        return (f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}\n"
                f"      ins({operands[0]}, {operands[1]} : {types[0]}, {types[1]}) outs({operands[2]} : {types[2]}) {{\n"
                f"  ^bb0(%x: {elem}, %y: {elem}, %sum: {acc}):\n{widened}"
                f"    %product = arith.mul{letter} {', '.join(factors)} : {acc}\n"
                f"    %added = arith.add{letter} %sum, %product : {acc}\n"
                f"    linalg.yield %added : {acc}\n  }} -> {types[2]}")

    def product(self, number, lhs, m, k, n, elem):
        batches = self.random.choice((2, 3)) if self.random.random() < 0.15 else None
        if batches:
            lhs, m = f"{lhs}_{batches}", min(m, 48)
        leading = (batches,) if batches else ()
        turned, transposed = self.random.random() < 0.2, self.random.random() < 0.3
        is_generic = not batches and (turned and transposed or self.random.random() < 0.3)
        transposed = transposed and (is_generic or not turned)
        lhs = lhs + "_t" if turned else lhs
        acc = ACCUMULATORS[elem]
        types = [tensor(*leading, *((k, m) if turned else (m, k)), elem),
                 tensor(*leading, *((n, k) if transposed else (k, n)), elem),
                 tensor(*leading, m, n, acc)]
        self.arguments[lhs], self.arguments[f"%w{number}"] = types[0], types[1]
        operands = (lhs, f"%w{number}", self.zeros(types[2], acc))
        if is_generic:
            text = self.generic(elem, turned, transposed, operands, types)
        else:
            suffix = "_transpose_a" if turned else "_transpose_b" if transposed else ""
            text = self.named(f"linalg.{'batch_' if batches else ''}matmul{suffix}", operands, types)
        value, type = f"%r{number}", types[2]
        self.body.append(f"  {value} = {text}")
        if acc == "f32" and self.random.random() < 0.2:
            narrow = tensor(*leading, m, n, self.random.choice(("f16", "bf16")))
            self.body.append(f"  %t{number} = arith.truncf {value} : {type} to {narrow}")
            value, type = f"%t{number}", narrow
        self.results.append((value, type))
        self.work += m * k * n * (batches or 1)

    def text(self):
        lefts = []
        for i in range(self.random.choice((1, 1, 2))):
            elem = self.random.choice(list(ACCUMULATORS))
            lefts.append((f"%a{i}", self.random.choice(ROWS), self.extent(elem), elem, self.extent(elem)))
        for number in range(self.random.randrange(1, 7)):
            lhs, m, k, elem, n = self.random.choice(lefts)
            if self.random.random() < 0.3:
                n = self.extent(elem)
            if number == 0 or self.work + m * k * n <= MOST_WORK:
                self.product(number, lhs, m, k, n, elem)
        arguments = ", ".join(f"{name}: {type}" for name, type in self.arguments.items())
        values, types = (", ".join(column) for column in zip(*self.results))
        return "\n".join([f"func.func @random({arguments}) -> ({types}) {{", *self.body,
                          f"  return {values} : {types}", "}", ""])


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def fault(ptolower, source, output, target):
    """What is wrong with what becomes of a module; empty if nothing is."""
    status, said = run(ptolower, "--validate", source, f"--target={target}", "--remarks", "-o", output)
    if status == 1:
        return "" if re.search(r"error: .*\[PTL\d+\]", said) else "refused without a code"
    if status != 0:
        return f"exit status {status}: {said.strip()[-200:]}"
    if said.count("do the same") != 3:
        return f"not validated: {said.strip()[-200:]}"
    status, said = run(ptolower, "check", "--require-proof", f"--target={target}", output)
    return f"check: {said.strip()[-200:]}" if status else ""


def main(words):
    if words[0] == "--print":
        print(Module(int(words[1])).text(), end="")
        return 0
    ptolower, first, count = words[0], int(words[1]), int(words[2])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        source, output = os.path.join(folder, "in.mlir"), os.path.join(folder, "out.pto")
        for seed in range(first, first + count):
            with open(source, "w") as file:
                file.write(Module(seed).text())
            for target in ("a2a3", "a5"):
                what = fault(ptolower, source, output, target)
                failed += bool(what)
                if what:
                    print(f"seed {seed}, {target}: {what}")
    print(f"{count} modules, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
