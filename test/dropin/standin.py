"""A stand-in for ptoas: records its arguments and copies its input, with a line before it.

STANDIN_RECORD  file to which each call appends a JSON list: its path and arguments
STANDIN_EXIT    exit status of every call; `abort`: it ends by a signal
STANDIN_REJECT  fails on lowered files only
STANDIN_HANG    seconds that it takes for lowered files
STANDIN_PID     file to which each call writes its process id
STANDIN_WAIT    seconds between the first half of the output and the second
STANDIN_VERSION what it says to --version; without it, it takes that for any other word
STANDIN_AGAIN   runs `ptoas` from PATH, as a wrapper script would
"""

import json
import os
import sys
import time

FLAGS = {"--enable-insert-sync", "--flag"}


def parse(words):
    """(input, output) of the command line."""
    source = target = None
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-o", "--pto-arch", "--pto-level", "--unknown"):
            at += 1
            target = words[at] if word == "-o" else target
        elif word.startswith("-o="):
            target = word[3:]
        elif word == "-" or word not in FLAGS and not word.startswith("-"):
            source = word
        at += 1
    return source, target


def write(target, text):
    if target is None:
        sys.stdout.write(text)
        return
    with open(target, "w") as file:
        file.write(text[:len(text) // 2])
        file.flush()
        time.sleep(float(os.environ.get("STANDIN_WAIT", "0")))
        file.write(text[len(text) // 2:])


def main():
    with open(os.environ["STANDIN_RECORD"], "a") as file:
        file.write(json.dumps(sys.argv) + "\n")
    if os.environ.get("STANDIN_AGAIN"):
        os.execvp("ptoas", ["ptoas"] + sys.argv[1:])
    if os.environ.get("STANDIN_PID"):
        with open(os.environ["STANDIN_PID"], "w") as file:
            file.write(str(os.getpid()))
    if sys.argv[1:] == ["--version"] and "STANDIN_VERSION" in os.environ:
        print(os.environ["STANDIN_VERSION"])
        return 0
    source, target = parse(sys.argv[1:])
    print("said by the stand-in")
    print("warned by the stand-in", file=sys.stderr)
    sys.stdout.flush()
    status = os.environ.get("STANDIN_EXIT", "0")
    if status == "abort":
        os.abort()
    if source is None or status != "0":
        return int(status)
    if os.environ.get("STANDIN_REJECT") and ".ptolower" in source:
        print("%s: error: not for me" % source, file=sys.stderr)
        write(target, "half of it")
        return 1
    if os.environ.get("STANDIN_HANG") and ".ptolower" in source:
        time.sleep(float(os.environ["STANDIN_HANG"]))
    with open("/dev/stdin" if source == "-" else source) as file:
        write(target, "// compiled\n" + file.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
