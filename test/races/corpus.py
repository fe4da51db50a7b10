"""corpus.py RACES_TEST PTOAS,PTOAS... DIRECTORY [OPTION...]: what versions of ptoas make of all kernels with addresses below a directory.

Each is synchronised, its flags are put into the file (weave.py), and races_test judges it with these options:
--originals for what they made, without any for every change of every flag, which takes hours. Prints what is not as it
should be, and the sums."""
import pathlib
import re
import subprocess
import sys
import tempfile

from weave import Mismatch, weave

MOST_SECONDS = 600


def synchronised(ptoas, path, directory):
    """The text with its flags; None: ptoas refuses it."""
    cpp = directory / "kernel.cpp"
    text = path.read_text()
    arch = "a5" if 'target_arch = "a5"' in text else "a3"
    run = subprocess.run([ptoas, path, "-o", cpp, "--enable-insert-sync", "--pto-level=level3", "--pto-arch=" + arch],
                         capture_output=True, check=False)
    return weave(text, cpp.read_text()) if run.returncode == 0 else None


def judged(program, options, path):
    try:
        run = subprocess.run([program, *options, path], capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "SKIPPED: it takes too long\n"
    return run.stdout


def add(sums, text):
    for line in text.splitlines():
        words = re.match(r"(\D+?) +((?:\d+ *)+)$", line)
        if words:
            old = sums.get(words.group(1), [])
            new = [int(word) for word in words.group(2).split()]
            sums[words.group(1)] = [a + b for a, b in zip(old or [0] * len(new), new)]
        elif re.match(r"\d+ kernels", line):
            new = [int(word) for word in re.findall(r"\d+", line)]
            sums["kernels"] = [a + b for a, b in zip(sums.get("kernels", [0] * len(new)), new)]
        elif not line.startswith(" "):
            print(line)


def main():
    program, versions, root, *options = sys.argv[1:]
    sums, refused, unmatched = {}, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        for path in sorted(pathlib.Path(root).rglob("*.pto")):
            for ptoas in versions.split(","):
                try:
                    text = synchronised(ptoas, path, directory)
                except Mismatch as why:
                    unmatched += 1
                    print("%s: %s" % (path, why))
                    continue
                if text is None:
                    refused += 1
                    continue
                woven = directory / ("%s.%s.pto" % (path.stem, pathlib.Path(ptoas).name))
                woven.write_text(text)
                add(sums, judged(program, options, woven))
                woven.unlink()
    print("%d refused by ptoas, %d not matched" % (refused, unmatched))
    print("columns: sites, counting, told, not followed, missed, unseen; kernels: all, proved, racing, skipped, wrong")
    for name, values in sums.items():
        print("%-12s %s" % (name, " ".join("%7d" % value for value in values)))


if __name__ == "__main__":
    main()
