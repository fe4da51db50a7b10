"""cores.py PTOLOWER FOLDER: mixed kernels, each core a few words, and what is said of their flags.

The words: `r` and `w` read and write the memory %x, `ri` and `wi` the rows of the round that a loop is in, `ro`
and `wo` other rows, `1` and `2` store that number at %p. `s:FIX:3` sets flag 3 between the cores when FIX has done
what it did before, `a:MTE2:3` waits for it. `P` pushes, `Q` pops and frees, `q` pops, `F` frees, and `U` and `O` take
what was popped last, by the vector pipe and to another memory. `f:MTE3:MTE2` lets MTE2 wait for MTE3 on this core.
`all` is a meeting of all cores. `[ ... ]` is a loop, `{ ... }` a branch on an argument, `0{ ... }` one of the first
vector core alone. Each case names what is said, and at which word of which core; nothing: both are proved."""

import json
import os
import re
import subprocess
import sys

SLOT = r"the (slot of the )?vec tile %q.*: no flag .* orders them(, and neither does the other core)?"
RACE = r"the memory of %x is (read|overwritten) here by \w+ of the \w+ core while \w+ of the \w+ core may still .*"
SAID = {"PTL260": RACE + "no push and pop, and no flag between the cores, orders them|" + SLOT,
        "PTL261": "the flag between the cores, which this waits for, .*",
        "PTL262": "the other core does not wait for the flag between the cores that this sets: .*"}

# Chip, words of the cube, words of the vector core, what is said, and at which word: c0 is the cube's first.
CASES = [
    # By a flag between the cores; it tells what its pipe did, and the wait stops all pipes, or on a5 one.
    ("a2a3", "w s:FIX:3", "a:MTE2:3 r", None, None),
    ("a5", "w s:FIX:3", "a:MTE2:3 r", None, None),
    ("a2a3", "w s:FIX:3", "a:V:3 r", None, None),
    ("a5", "w s:FIX:3", "a:V:3 r", "PTL260", "v1"),
    ("a5", "w s:FIX:3", "a:V:3 f:V:MTE2 r", None, None),
    ("a2a3", "w s:MTE2:3", "a:MTE2:3 r", "PTL260", "v1"),
    ("a2a3", "w f:FIX:MTE2 s:MTE2:3", "a:MTE2:3 r", None, None),
    ("a2a3", "s:FIX:3 w", "a:MTE2:3 r", "PTL260", "v1"),
    ("a2a3", "w s:FIX:3", "r a:MTE2:3", "PTL260", "v0"),
    ("a2a3", "w", "r", "PTL260", "v0"),
    ("a2a3", "r", "r", None, None),
    ("a2a3", "w", "ro", None, None),
    ("a2a3", "w", "w", "PTL260", "v0"),
    ("a2a3", "a:MTE2:3 r", "w s:MTE3:3", None, None),
    ("a2a3", "r", "w", "PTL260", "c0|v0"),
    ("a2a3", "r a:MTE2:3", "w s:MTE3:3", "PTL260", "c0|v0"),
    ("a2a3", "a:MTE2:3 r", "s:MTE3:3 w", "PTL260", "c1|v1"),
    # Numbers that both store.
    ("a2a3", "1", "1", None, None),
    ("a2a3", "1", "2", "PTL260", "v0"),
    # Who waits for whom.
    ("a2a3", "w", "a:MTE2:3 r", "PTL261", "v0"),
    ("a2a3", "w s:FIX:4", "a:MTE2:3 r", "PTL261", "v0"),
    ("a2a3", "w s:FIX:3", "", "PTL262", "c1"),
    ("a2a3", "a:MTE2:4 s:FIX:3", "a:MTE2:3 s:MTE3:4", "PTL261", "c0"),
    ("a2a3", "s:FIX:3 a:MTE2:4", "a:MTE2:3 s:MTE3:4", None, None),
    # By pushes and pops.
    ("a2a3", "w P", "Q r", None, None),
    ("a2a3", "w P", "r Q", "PTL260", "v0"),
    ("a2a3", "P w", "Q r", "PTL260", "v1"),
    ("a5", "w P", "Q r", "PTL260", "v1"),
    ("a5", "w P", "Q f:V:MTE2 r", None, None),
    ("a2a3", "w P w P", "Q r Q r", "PTL260", "v1"),
    # Slots: on a2a3 the third pop copies to the slot of the first one; on a5 the other core writes there after the tfree,
    # and what comes is awaited by the vector pipe alone.
    ("a2a3", "P P", "q f:MTE2:MTE3 O F q f:MTE2:MTE3 O F", None, None),
    ("a2a3", "P P P", "q f:MTE2:MTE3 O F q f:MTE2:MTE3 O F q f:MTE2:MTE3 O F", "PTL260", "v6"),
    ("a2a3", "P P P", "q f:MTE2:MTE3 O f:MTE3:MTE2 F q f:MTE2:MTE3 O F q f:MTE2:MTE3 O F", None, None),
    ("a2a3", "P P P", "q f:MTE2:V U F q f:MTE2:V b:V U F q f:MTE2:V b:V U F", "PTL260", "v6"),
    ("a2a3", "[ P ]", "[ q f:MTE2:MTE3 O f:MTE3:MTE2 F ]", None, None),
    ("a2a3", "[ P ]", "[ q f:MTE2:MTE3 O F ]", "PTL260", "v0"),
    ("a5", "P", "q f:S:MTE3 O F", "PTL260", "v1"),
    ("a5", "P", "q f:S:MTE3 f:V:MTE3 O F", None, None),
    ("a5", "P", "q f:S:V U F", None, None),
    ("a5", "P P P", "q f:S:V U F q f:S:V U F q f:S:V U F", None, None),
    ("a5", "P P", "q f:S:MTE3 f:V:MTE3 O F q f:S:MTE3 f:V:MTE3 O F", None, None),
    ("a5", "P P P", "q f:S:MTE3 f:V:MTE3 O F q f:S:MTE3 f:V:MTE3 O F q f:S:MTE3 f:V:MTE3 O F", "PTL260", "v2|v5|v8"),
    ("a5", "P P P", "q f:S:MTE3 f:V:MTE3 O f:MTE3:V F q f:S:MTE3 f:V:MTE3 O f:MTE3:V F q f:S:MTE3 f:V:MTE3 O f:MTE3:V F",
     None, None),
    ("a5", "[ P ]", "[ q f:S:V U F f:V:S ]", None, None),
    ("a5", "[ P ]", "[ q f:S:MTE3 f:V:MTE3 O f:MTE3:V f:MTE3:S F ]", None, None),
    ("a5", "[ P ]", "[ q f:S:MTE3 f:V:MTE3 O F f:MTE3:S ]", "PTL260", "v2"),
    # In loops that both have; where the rounds touch the same rows, the next round's store waits for nobody.
    ("a2a3", "[ wi s:FIX:3 ]", "[ a:MTE2:3 ri ]", None, None),
    ("a2a3", "[ wi P ]", "[ Q ri ]", None, None),
    ("a2a3", "[ wi P ]", "[ ri Q ]", "PTL260", "v0"),
    ("a2a3", "[ w s:FIX:3 ]", "[ a:MTE2:3 r ]", "PTL260", "c0|v1"),
    ("a2a3", "[ w s:FIX:3 a:FIX:4 ]", "[ a:MTE2:3 r s:MTE2:4 ]", None, None),
    ("a2a3", "[ w s:FIX:3 a:FIX:4 ]", "[ a:MTE2:3 s:MTE2:4 r ]", "PTL260", "c0"),
    ("a2a3", "[ w P ]", "[ Q r ]", "PTL231", None),
    ("a2a3", "[ wi s:FIX:3 ] ", "a:MTE2:3 [ ri ]", "PTL231", None),
    ("a2a3", "[ wi ] s:FIX:3", "a:MTE2:3 [ ri ]", None, None),
    ("a2a3", "[ wi ]", "[ ri ]", "PTL260|PTL231", None),
    # In branches.
    ("a2a3", "{ w s:FIX:3 }", "{ a:MTE2:3 r }", None, None),
    ("a2a3", "{ w s:FIX:3 }", "a:MTE2:3 r", "PTL231", None),
    ("a2a3", "w s:FIX:3", "0{ a:MTE2:3 r }", "PTL262", "c1"),
    # Where all cores meet.
    ("a2a3", "w all", "all r", None, None),
    ("a2a3", "w all", "r all", "PTL260", "v0"),
    ("a5", "w all", "all r", None, None),
    # On a5 each vector core has ids of its own.
    ("a5", "w s:FIX:3 s:FIX:19", "a:MTE2:3 r", None, None),
    ("a5", "w s:FIX:3 s:FIX:20", "a:MTE2:3 r", "PTL261", "v0"),
]
TILE = ("!pto.tile_buf<loc=%s, dtype=f32, rows=16, cols=16, v_row=16, v_col=16, blayout=%s, slayout=%s, fractal=%d, "
        "pad=0>")
TILES = {"mat": TILE % ("mat", "col_major", "row_major", 512), "acc": TILE % ("acc", "col_major", "row_major", 1024),
         "vec": TILE % ("vec", "row_major", "none_box", 512)}
PART = "!pto.partition_tensor_view<16x16xf32>"
FLAG = "[<PIPE_%s>, <PIPE_%s>, <EVENT_ID%d>]"
PIPE = """    %%ring = pto.%s
    pto.%s_initialize_pipe {dir_mask = 1, slot_size = 1024, slot_num = 2} (%sc2v_consumer_buf = %%ring : i32, v2c_consumer_buf = %%none : i32)
"""


class Half:
    """One core's function: its text, and the line of each word."""

    def __init__(self, core, words):
        self.core, self.count, self.ids, self.popped = core, 0, {}, ""
        self.lines, self.words = [], []
        for word in words.split():
            self.add(word)

    def emit(self, line):
        self.lines.append("    " + line)

    def add(self, word):
        if word not in ("[", "]", "{", "}", "0{") and not word.startswith(("f:", "b:")):
            self.words.append(len(self.lines) + (word[0] in "rwO"))
        name, *rest = word.split(":")
        if name in ("s", "a"):
            self.emit("pto.sync.%s <PIPE_%s>, %s" % ("set" if name == "s" else "wait", *rest))
        elif name == "f":
            number = self.ids.get(name + word, 0)
            self.ids[name + word] = number + 1
            for what in ("set", "wait"):
                self.emit("pto.%s_flag%s" % (what, FLAG % (*rest, number)))
        elif name == "b":
            self.emit("pto.barrier <PIPE_%s>" % rest[0])
        elif name in ("1", "2"):
            self.emit("pto.store_scalar %%number%s, %%p[%%c0] : !pto.ptr<i32>, i32" % name)
        elif name[0] in "rw":
            self.access(name)
        elif name in "qFUO":
            self.slot(name)
        else:
            self.structure(name)

    def access(self, word):
        self.count += 1
        row = {"": "%c0", "i": "%row", "o": "%c16"}[word[1:]]
        self.emit("%%x%d = pto.partition_view %%view, offsets = [%s, %%c0], sizes = [%%c16, %%c16] : "
                  "!pto.tensor_view<?x?xf32> -> %s" % (self.count, row, PART))
        loc = "vec" if self.core == "aiv" else "mat" if word[0] == "r" else "acc"
        if word[0] == "r":
            self.emit("pto.tload ins(%%x%d : %s) outs(%%%s : %s)" % (self.count, PART, loc, TILES[loc]))
        else:
            self.emit("pto.tstore ins(%%%s : %s) outs(%%x%d : %s)" % (loc, TILES[loc], self.count, PART))

    def slot(self, word):
        self.count += 1
        vec = TILES["vec"]
        if word == "q":
            self.popped = "%%q%d" % self.count
            self.emit("%s = pto.tpop_from_aic {split = 0} -> %s" % (self.popped, vec))
        elif word == "F":
            self.emit("pto.tfree_from_aic {split = 0}")
        elif word == "U":
            self.emit("pto.tadds ins(%s, %%one : %s, f32) outs(%%vec : %s)" % (self.popped, vec, vec))
        else:
            self.emit("%%x%d = pto.partition_view %%away, offsets = [%%c0, %%c0], sizes = [%%c16, %%c16] : "
                      "!pto.tensor_view<?x?xf32> -> %s" % (self.count, PART))
            self.emit("pto.tstore ins(%s : %s) outs(%%x%d : %s)" % (self.popped, vec, self.count, PART))

    def structure(self, word):
        self.emit({"P": "pto.tpush_to_aiv(%%acc : %s) {split = 0}" % TILES["acc"],
                   "Q": "%%q%d = pto.tpop_from_aic {split = 0} -> %s" % (self.count, TILES["vec"]),
                   "all": "pto.syncall() mode = #pto.sync_all_mode<hard>, core_type = #pto.sync_core_type<mix>",
                   "[": "scf.for %i = %c0 to %n step %c1 {", "{": "scf.if %is {", "0{": "scf.if %is_first {",
                   "]": "}", "}": "}"}[word])
        if word == "[":
            self.emit("%row = arith.muli %i, %c16 : index")
        if word == "Q":
            self.count += 1
            self.emit("pto.tfree_from_aic {split = 0}")


def head(half, chip, has_pipe):
    core = half.core
    constants = "".join("    %%c%d = arith.constant %d : index\n" % (i, i) for i in (0, 1, 16))
    constants += "".join("    %%number%d = arith.constant %d : i32\n" % (i, i) for i in (1, 2))
    constants += "".join("    %%at%d = arith.constant %d : i64\n" % (i, i) for i in (0, 8192))
    ring = ('reserve_buffer {name = "ring", size = 2048, location = #pto.address_space<vec>, auto = false, base = 0} '
            "-> i32" if core == "aiv" else
            'import_reserved_buffer {name = "ring", peer_func = @kernel_aiv} -> i32')
    pipe = PIPE % (ring, core, "gm_slot_buffer = %gm : !pto.ptr<f32>, " if chip == "a2a3" else "")
    tiles = "".join("    %%%s = pto.alloc_tile addr = %%at%s : %s\n" % (loc, place, TILES[loc])
                    for loc, place in (("vec", "8192"),) if core == "aiv")
    tiles += "".join("    %%%s = pto.alloc_tile addr = %%at0 : %s\n" % (loc, TILES[loc])
                     for loc in ("mat", "acc") if core == "aic")
    view = ("    %%%s = pto.make_tensor_view %%%s, shape = [%%c16, %%c16], strides = [%%c16, %%c1] "
            "{layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf32>\n")
    return ("  func.func @kernel_%s(%%x: !pto.ptr<f32>, %%y: !pto.ptr<f32>, %%gm: !pto.ptr<f32>, %%p: !pto.ptr<i32>, %%n: index, %%is: i1) "
            "attributes {pto.kernel_kind = #pto.kernel_kind<%s>} {\n" % (core, "vector" if core == "aiv" else "cube")
            + constants + "    %none = arith.constant 0 : i32\n"
            + "    %lane = pto.get_subblock_idx\n    %zero = arith.constant 0 : i64\n"
            + "    %is_first = arith.cmpi eq, %lane, %zero : i64\n" + (pipe if has_pipe else "") + tiles
            + "    %one = arith.constant 1.0 : f32\n" + view % ("view", "x") + view % ("away", "y")
            + "".join("    pto.%s_flag%s\n" % (what, FLAG % ("MTE2", "S", 7)) for what in ("set", "wait")))


def text_of(case):
    chip, cube, vector = case[:3]
    halves = [Half("aic", cube), Half("aiv", vector)]
    text = 'module attributes {pto.target_arch = "%s"} {\n' % chip
    lines = {}
    for half in halves:
        text += head(half, chip, "P" in cube.split())
        begin = text.count("\n") + 1
        for number, line in enumerate(half.words):
            lines["%s%d" % ("c" if half.core == "aic" else "v", number)] = begin + line
        text += "\n".join(half.lines) + "\n    pto.barrier <PIPE_ALL>\n    return\n  }\n"
    return text + "}\n", lines


def told(ptolower, path):
    ran = subprocess.run([ptolower, "check", "--format=json", path], capture_output=True, text=True, check=False)
    file = json.loads(ran.stdout)["files"][0]
    assert file["read"], ran.stderr
    flags = [function["flags"]["verdict"] for function in file["functions"]]
    found = [f for f in file["findings"] if f["code"] in SAID]
    return flags, found


def check(ptolower, folder, case):
    text, lines = text_of(case)
    path = os.path.join(folder, "kernel.pto")
    with open(path, "w") as file:
        file.write(text)
    flags, found = told(ptolower, path)
    code, place = case[3:]
    said = "%s: %s, %s" % (case, flags, found)
    if not code:
        assert flags == ["proved", "proved"] and not found, said
    elif code == "PTL231":
        assert "not followed" in flags and not found, said
    elif "|" not in code:
        assert "wrong" in flags and {f["code"] for f in found} == {code}, said
        assert {f["line"] for f in found} <= {lines[word] for word in place.split("|")}, said
        assert all(re.fullmatch(SAID[code].replace("%x", "%[xp]"), f["message"]) for f in found), said
    else:
        assert "proved" not in (flags[1],), said


def main():
    ptolower, folder = sys.argv[1:]
    for case in CASES:
        check(ptolower, folder, case)


if __name__ == "__main__":
    main()
