"""A stand-in for ptoas: records its arguments and copies its input, with a line before it.

STANDIN_RECORD  file to which each call appends a JSON list: its path and arguments
STANDIN_EXIT    exit status of every call; `abort`: it ends by a signal
STANDIN_REJECT  fails on lowered files only
STANDIN_HANG    seconds that it takes for lowered files
STANDIN_PID     file to which each call writes its process id
STANDIN_WAIT    seconds between the first half of the output and the second
STANDIN_VERSION what it says to --version; without it, it takes that for any other word
STANDIN_CPP     of any file but k.pto writes C++ as ptoas does, with a barrier of all pipes before each op but those from this number up to
                the second one (`6-7`: not before the sixth)
STANDIN_AGAIN   runs `ptoas` from PATH, as a wrapper script would
"""

import json
import os
import re
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


def cpp_of(text, without):
    """The ops of a kernel in the form of C++ that ptoas writes."""
    first, end = (int(word) for word in without.split("-"))
    lines, ops = [], 0
    for line in text.splitlines():
        function = re.search(r"func.func @(\w+)", line)
        op = re.match(r"\s*pto\.(t[a-z.]+) ins", line)
        if function:
            lines.append("AICORE void %s() {" % function.group(1))
        elif op:
            ops += 1
            if not first <= ops < end:
                lines.append("pipe_barrier(PIPE_ALL);")
            lines.append("%s(v);" % op.group(1).upper().replace(".", "_"))
        elif "scf.for" in line:
            lines.append("for (;;) {")
        elif "scf.if" in line:
            lines.append("if (v) {")
        elif re.match(r"\s*} else {", line):
            lines.append("} else {")
        elif re.match(r"\s*}", line):
            lines.append("}")
    return "\n".join(lines) + "\n"


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
        text = file.read()
    if os.environ.get("STANDIN_CPP") and source != "k.pto":
        text = cpp_of(text, os.environ["STANDIN_CPP"])
    write(target, "// compiled\n" + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
