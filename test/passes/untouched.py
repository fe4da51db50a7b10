"""untouched.py INPUT OUTPUT FUNCTION MARK: outside of that function, which ends in front of the
line with the mark, both files hold the same bytes."""

import sys


def parts(path, function, mark):
    with open(path, "rb") as file:
        data = file.read()
    begin = data.index(b"func.func @" + function.encode())
    end = data.rindex(b"\n", 0, data.index(mark.encode()))
    return data[:begin], data[begin:end], data[end:]


before, old, behind = parts(sys.argv[1], *sys.argv[3:])
before_now, new, behind_now = parts(sys.argv[2], *sys.argv[3:])
assert before == before_now, "the bytes in front of the function differ"
assert behind == behind_now, "the bytes behind the function differ"
assert old != new, "the function is not another one"
