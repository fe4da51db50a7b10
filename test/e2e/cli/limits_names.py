"""limits_names.py PTOLOWER DIRECTORY [far]: runs ptolower on the files whose names no shell likes, or
on those with offsets that are far away."""

import glob
import os
import subprocess
import sys


def run(program, *words):
    done = subprocess.run([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    return done.returncode, done.stderr


def main():
    program, directory = sys.argv[1:3]
    paths = [path for path in glob.glob(os.path.join(directory, "*.pto"))
             if ("far" in os.path.basename(path) if sys.argv[3:] else
                 set(os.path.basename(path)) & set('\n"'))]
    assert len(paths) == (4 if sys.argv[3:] else 2), paths
    for path in paths:
        for words in (["--validate", "--fuse=always", "--remarks"], ["check"], ["sim"]):
            status, text = run(program, *words, path)
            assert status in ((0, 1) if sys.argv[3:] else (0,)), (path, words, status, text)
            assert "output:" not in text, text


if __name__ == "__main__":
    main()
