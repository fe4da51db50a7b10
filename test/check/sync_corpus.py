"""sync_corpus.py PTOLOWER PTOAS CORPUS SCRATCH: has ptoas synchronise what ptolower writes for each kernel of the
corpus that has addresses, and the kernels that are known to race on some versions, and proves the flags."""

import pathlib
import re
import subprocess
import sys

# The kernels that race on ptoas before 0.48: more loop-carried tiles than it has event ids for.
RACE_BEFORE_48 = ["kv_proj.pto", "q_proj.pto", "kv_score_proj.pto", "qproj_matmul.pto", "sh_gate_mm.pto",
                  "sh_up_mm.pto", "aic__down_dual_proj.pto"]
RACING_FOLDERS = ["qwen3_32b_decode_a3", "deepseek_v4_decode_a3", "qwen3_14b_a8w8_decode_a3"]


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def minor_version(ptoas):
    found = re.search(r"0\.(\d+)", run(ptoas, "--version").stdout)
    return int(found.group(1)) if found else 0


class Prover:
    def __init__(self, ptolower, ptoas, scratch):
        self.ptolower, self.ptoas, self.scratch = ptolower, ptoas, pathlib.Path(scratch)
        self.version = minor_version(ptoas)
        self.failures = self.written = self.refused = 0

    def synchronised(self, path):
        """What a check says of the flags; None if ptoas does not compile the file."""
        result = run(self.ptolower, "check", "--remarks", "--sync=" + self.ptoas, str(path))
        return None if "does not compile" in result.stdout else result.stdout

    def fail(self, path, why, text):
        print("%s: %s\n%s" % (path, why, text))
        self.failures += 1

    def prove_output(self, path):
        output = self.scratch / (path.parent.name + "." + path.name)
        lowered = run(self.ptolower, str(path), "--fuse=always", "-o", str(output))
        if lowered.returncode != 0 or not output.exists() or output.read_bytes() == path.read_bytes():
            return
        text = self.synchronised(output)
        self.written += 1
        if text is None:
            self.refused += 1
        elif re.search(r"\[PTL26[0-24]\]|not proved: its flags", text):
            self.fail(output, "not proved", text)

    def judge_own(self, path, races):
        text = self.synchronised(path)
        if text is not None and ("[PTL260]" in text) != races:
            self.fail(path, "no race is told" if races else "a race is told", text)


def main():
    ptolower, ptoas, corpus, scratch = sys.argv[1:]
    prover = Prover(ptolower, ptoas, scratch)
    for path in sorted(pathlib.Path(corpus).rglob("*.pto")):
        if b"addr =" not in path.read_bytes():
            continue
        prover.prove_output(path)
        if path.parent.name in RACING_FOLDERS and path.name in RACE_BEFORE_48:
            is_old = prover.version < 48
            prover.judge_own(path, is_old and not (path.name == "q_proj.pto" and "14b" in path.parent.name))
    print("%d kernels written, of which ptoas refuses %d, %d failures" %
          (prover.written, prover.refused, prover.failures))
    return 1 if prover.failures or not prover.written else 0


if __name__ == "__main__":
    sys.exit(main())
