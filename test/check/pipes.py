"""pipes.py PTOLOWER FOLDER: mixed kernels, made from a few lines for each core, and what is said of them.

In the lines of a core, `P0` pushes on pipe 0 and `Q0` pops from it and frees the tile; `P0/1` does so
with split = 1, `Q0/0!1` with the tile that split = 1 takes. Each case names the code that is expected,
or none: then both functions are proved."""

import json
import os
import re
import subprocess
import sys

# The op that a finding is told at, and what is said.
FINDINGS = {
    "PTL240": ("tpop_", r".*[1-9]\d* pops?.* against \d+ push.*: the core waits here for ever"),
    "PTL241": ("tpush_", r".*[1-9]\d* push.* against \d+ pops?.*: nobody takes this tile"),
    "PTL242": ("tpop_", r".* is read from memory by each core on its own; .*"),
    "PTL243": ("tp(op|ush)_", r".*this (push|pop) .* waits for .*, but the other core waits .*"),
    "PTL244": ("initialize_pipe|tpop_", r"slot_num of pipe 0 is 4, but 2 in the cube function|"
               r"this pops with split = 1 what is pushed with split = 0|"
               r"pipe 1 has its slots 4096 bytes into GM, but the cube's end 2048"),
    "PTL245": ("reserve_buffer|tp(op|ush)_", r"1024 bytes are reserved, but .* 2 slots of 1024 take 2048|"
               r"a tile of 1024 bytes goes through slots of 512; make slot_size 1024"),
    "PTL246": ("reserve_buffer|initialize_pipe", r"the slots of pipe 1, bytes 1024 to 3072, lie on .*|"
               r"pipe 1 takes 2048 bytes of GM, 1024 bytes behind the begin of pipe 0, .*"),
    "PTL247": ("initialize_pipe", r"pto-isa before d2b30a84 .* 2 x 2 x 1024 = 4096 bytes"),
    "PTL248": ("tpop_", r"a tile of 8 x 16 is popped, but one of 16 x 16 is pushed .split = 0."),
    "PTL249": ("initialize_pipe", r".* take 18 flags, of 16.*"),
}


def tile(name, loc, rows, cols, blayout, slayout, fractal=512):
    return ("!%s = !pto.tile_buf<loc=%s, dtype=f32, rows=%d, cols=%d, v_row=%d, v_col=%d, blayout=%s, "
            "slayout=%s, fractal=%d, pad=0>\n"
            % (name, loc, rows, cols, rows, cols, blayout, slayout, fractal))


TYPES = (tile("acc", "acc", 16, 16, "col_major", "row_major", 1024)
         + tile("mat", "mat", 16, 16, "col_major", "row_major")
         + tile("right", "right", 16, 16, "row_major", "col_major")
         + tile("vec0", "vec", 16, 16, "row_major", "none_box")
         + tile("vec1", "vec", 8, 16, "row_major", "none_box")
         + tile("vec2", "vec", 16, 8, "row_major", "none_box"))
CONSTANTS = ("".join("    %%c%d = arith.constant %d : index\n" % (i, i)
                     for i in (0, 1, 2, 3, 4, 5, 6, 8, 16, 24))
             + "".join("    %%at%d = arith.constant %d : i64\n" % (i, i)
                       for i in (0, 65536, 131072, 139264))
             + "    %zero = arith.constant 0.0 : f32\n    %none = arith.constant 0 : i32\n"
               "    %true = arith.constant true\n")
PRODUCT = """    %a_view = pto.make_tensor_view %a, shape = [%c16, %c16], strides = [%c16, %c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf32>
    %a_part = pto.partition_view %a_view, offsets = [%c0, %c0], sizes = [%c16, %c16] : !pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<16x16xf32>
    %a_mat = pto.alloc_tile addr = %at65536 : !mat
    pto.tload ins(%a_part : !pto.partition_tensor_view<16x16xf32>) outs(%a_mat : !mat)
    %a_left = pto.alloc_tile addr = %at0 : !left
    %a_right = pto.alloc_tile addr = %at0 : !right
    pto.tmov ins(%a_mat : !mat) outs(%a_left : !left)
    pto.tmov ins(%a_mat : !mat) outs(%a_right : !right)
    %acc = pto.alloc_tile addr = %at0 : !acc
    pto.tmatmul ins(%a_left, %a_right : !left, !right) outs(%acc : !acc)
"""
ARGUMENTS = ("%a: !pto.ptr<f32>, %gm: !pto.ptr<f32>, %n: index, %p: !pto.ptr<i32>, %q: !pto.ptr<i32>, "
             "%__pypto_spmd_block_idx: i32")
SLOT = 1024


class Kernel:
    """One mixed kernel. `pipes`: (id, dir_mask, slot_num); `ends`: what an end has otherwise."""

    def __init__(self, chip, pipes, cube, vector, level=3, ends=None, slot=SLOT):
        self.chip, self.pipes, self.level, self.slot = chip, pipes, level, slot
        self.ends = ends or {}
        left = "row_major" if chip == "a2a3" else "col_major"
        self.text = (TYPES + tile("left", "left", 16, 16, left, "row_major")
                     + 'module attributes {pto.target_arch = "%s"} {\n' % chip
                     + self.function("cube", cube) + self.function("vector", vector) + "}\n")
        if level == 2:
            self.text = re.sub(r" addr = %at\d+", "", self.text)

    def function(self, core, lines):
        short = "aic" if core == "cube" else "aiv"
        lane = "" if core == "cube" else ", %__pypto_spmd_subblock_idx: i32"
        text = ("  func.func @k_%s(%s%s) attributes {pto.kernel_kind = #pto.kernel_kind<%s>} {\n"
                % (short, ARGUMENTS, lane, core) + CONSTANTS + self.ends_of(core)
                + "    %block = arith.index_cast %__pypto_spmd_block_idx : i32 to index\n")
        if core == "vector":
            text += "    %lane = arith.index_cast %__pypto_spmd_subblock_idx : i32 to index\n"
            text += self.vector_tiles(lines)
        elif "P" in lines:
            text += PRODUCT
        return text + self.body(core, lines) + "    return\n  }\n"

    def vector_tiles(self, lines):
        text = ""
        for split, address in (("0", 65536), ("1", 131072), ("2", 139264)):
            if re.search(r"P\d%s$" % ("" if split == "0" else "/" + split), lines, re.MULTILINE):
                text += ("    %%t%s = pto.alloc_tile addr = %%at%d : !vec%s\n"
                         "    pto.texpands ins(%%zero : f32) outs(%%t%s : !vec%s)\n"
                         % (split, address, split, split, split))
        return text

    def ends_of(self, core):
        text, bases, gm = "", {"vec": 0, "mat": 0}, 0
        for pipe, mask, slots in self.pipes:
            end = self.ends.get((core, pipe), {})
            buffers = {"c2v": "%none", "v2c": "%none"}
            for way, bit, consumer, loc in (("c2v", 1, "vector", "vec"), ("v2c", 2, "cube", "mat")):
                if not mask & bit:
                    continue
                buffers[way] = "%%%s%d" % (way, pipe)
                if core == consumer:
                    size = end.get("ring", self.slot * slots)
                    place = ("auto = false, base = %d" % end.get("base", bases[loc])
                             if self.level == 3 else "auto = true")
                    text += ('    %s = pto.reserve_buffer {name = "%s%d", size = %d, location = '
                             "#pto.address_space<%s>, %s} -> i32\n"
                             % (buffers[way], way, pipe, size, loc, place))
                    bases[loc] += size
                else:
                    text += ('    %s = pto.import_reserved_buffer {name = "%s%d", peer_func = @k_%s} '
                             "-> i32\n" % (buffers[way], way, pipe,
                                           "aiv" if core == "cube" else "aic"))
            place = end.get("gm", gm)
            text += ("    %%o%d = arith.constant %d : index\n    %%g%d = pto.addptr %%gm, %%o%d : "
                     "!pto.ptr<f32> -> !pto.ptr<f32>\n" % (pipe, place // 4, pipe, pipe))
            gm += self.slot * slots * (2 if mask == 3 else 1)
            text += ("    pto.%s_initialize_pipe {id = %d, dir_mask = %d, slot_size = %d, slot_num = "
                     "%d} (%sc2v_consumer_buf = %s : i32, v2c_consumer_buf = %s : i32)\n"
                     % ("aic" if core == "cube" else "aiv", pipe, mask,
                        end.get("slot_size", self.slot), end.get("slot_num", slots),
                        "gm_slot_buffer = %%g%d : !pto.ptr<f32>, " % pipe
                        if self.chip == "a2a3" else "", buffers["c2v"], buffers["v2c"]))
        return text

    def body(self, core, lines):
        text = ""
        for number, line in enumerate(lines.split("\n")):
            use = re.match(r"( *)([PQ])(\d)(?:/(\d))?(?:!(\d))?$", line)
            if not use:
                text += "    %s\n" % line
                continue
            indent, act, pipe, split, _ = use.groups("0")
            attributes = "{id = %s, split = %s}" % (pipe, split)
            indent = "    " + use.group(1)
            if act == "P":
                text += ("%spto.tpush_to_aiv(%%acc : !acc) %s\n" % (indent, attributes)
                         if core == "cube" else
                         "%spto.tpush_to_aic(%%t%s : !vec%s) %s\n" % (indent, split, split, attributes))
            else:
                other, kind = ("aiv", "mat") if core == "cube" else ("aic", "vec" + (use.group(5) or split))
                text += ("%s%%x%d = pto.tpop_from_%s %s -> !%s\n%spto.tfree_from_%s %s\n"
                         % (indent, number, other, attributes, kind, indent, other, attributes))
        return text


def inside(head, body, tail=""):
    return head + " {\n" + "\n".join("  " + line for line in body.split("\n")) + "\n}" + tail


def loop(bound, body, begin="%c0", step="%c1", name="%i"):
    return inside("scf.for %s = %s to %s step %s" % (name, begin, bound, step), body)


def when(condition, body, otherwise=None):
    text = inside("scf.if " + condition, body)
    return text if otherwise is None else text + inside(" else", otherwise)


def compare(name, predicate, a, b):
    return "%s = arith.cmpi %s, %s, %s : index\n" % (name, predicate, a, b)


def load(pointer="%p", place="%c0"):
    return ("%%w = pto.load_scalar %s[%s] : !pto.ptr<i32> -> i32\n"
            "%%k = arith.index_cast %%w : i32 to index\n" % (pointer, place))


DOWN, UP, BOTH, TWO = ((0, 1, 2),), ((0, 2, 2),), ((0, 3, 4),), ((0, 1, 2), (1, 1, 2))
FIRST = compare("%first", "eq", "%lane", "%c0")
FEW, NOT_FEW = compare("%few", "slt", "%n", "%c4"), compare("%few", "sge", "%n", "%c4")
MORE = "%m = arith.addi %n, %c1 : index\n"


def counts():
    yield "const", "", UP, loop("%c3", "Q0"), loop("%c3", "P0")
    yield "const, more pops", "PTL240", UP, loop("%c4", "Q0"), loop("%c3", "P0")
    yield "const, more pushes", "PTL241", UP, loop("%c3", "Q0"), loop("%c4", "P0")
    yield "unrolled", "", DOWN, "P0\nP0\nP0", loop("%c3", "Q0")
    yield "unrolled, more pushes", "PTL241", DOWN, "P0\nP0\nP0\nP0", loop("%c3", "Q0")
    yield "bound", "", DOWN, loop("%n", "P0"), loop("%n", "Q0")
    yield "bound, more pops", "PTL240", DOWN, loop("%n", "P0"), MORE + loop("%m", "Q0")
    yield "bound, later begin", "PTL241", DOWN, loop("%n", "P0"), loop("%n", "Q0", begin="%c1")
    yield "bound, shifted", "", DOWN, loop("%n", "P0"), MORE + loop("%m", "Q0", begin="%c1")
    yield "bound, two an iteration", "", DOWN, loop("%n", "P0\nP0"), (
        "%m = arith.muli %n, %c2 : index\n" + loop("%m", "Q0"))
    yield "two loops", "", DOWN, loop("%n", "P0") + "\n" + loop("%n", "P0"), loop("%n", "Q0\nQ0")
    yield "steps", "", DOWN, loop("%n", "P0", step="%c2"), loop("%n", "Q0", step="%c2")
    yield "steps that differ", "PTL241", DOWN, loop("%n", "P0"), loop("%n", "Q0", step="%c2")
    yield "from the block on", "", DOWN, loop("%n", "P0", "%block", "%c24"), (
        loop("%n", "Q0", "%block", "%c24"))
    yield "nested", "", DOWN, loop("%n", loop("%c3", "P0", name="%j")), loop("%n", "Q0\nQ0\nQ0")
    yield "triangle", "", DOWN, loop("%n", loop("%i", "P0", name="%j")), (
        loop("%n", loop("%i", "Q0", name="%j")))
    yield "triangle, more pops", "PTL240", DOWN, loop("%n", loop("%i", "P0", name="%j")), (
        loop("%n", "%m = arith.addi %i, %c1 : index\n" + loop("%m", "Q0", name="%j")))


def branches():
    yield "if", "", DOWN, FEW + when("%few", "P0"), FEW + when("%few", "Q0")
    yield "else", "", DOWN, FEW + when("%few", "P0"), NOT_FEW + when("%few", "", "Q0")
    yield "swapped operands", "", DOWN, FEW + when("%few", "P0"), (
        compare("%few", "sgt", "%c4", "%n") + when("%few", "Q0"))
    yield "the other branch", "PTL241", DOWN, FEW + when("%few", "P0"), NOT_FEW + when("%few", "Q0")
    yield "only under a condition", "PTL241", DOWN, "P0", FEW + when("%few", "Q0")
    yield "in both branches", "", DOWN, FEW + when("%few", "P0", "P0"), "Q0"
    yield "two in one branch", "PTL241", DOWN, FEW + when("%few", "P0\nP0", "P0"), "Q0"
    inner, other = compare("%few", "slt", "%i", "%c4"), compare("%few", "slt", "%i", "%c5")
    yield "of the iteration", "", DOWN, loop("%n", inner + when("%few", "P0")), (
        loop("%n", inner + when("%few", "Q0")))
    yield "of another iteration", "PTL240", DOWN, loop("%n", inner + when("%few", "P0")), (
        loop("%n", other + when("%few", "Q0")))
    begun = compare("%few", "eq", "%i", "%c0")
    yield "of the first iteration", "", DOWN, loop("%n", begun + when("%few", "P0\nP0", "P0")), (
        loop("%n", begun + when("%few", "Q0\nQ0", "Q0")))
    yield "of the first iteration, else", "", DOWN, loop("%n", begun + when("%few", "P0", "P0\nP0")), (
        loop("%n", begun + when("%few", "Q0", "Q0\nQ0")))
    yield "only of the first iteration", "PTL241", DOWN, (
        loop("%n", begun + when("%few", "P0\nP0", "P0"))), loop("%n", "Q0")
    yield "not of the first iteration", "PTL240", DOWN, (
        loop("%n", begun + when("%few", "", "P0"))), loop("%n", "Q0")
    yield "first iteration of the outer loop", "", DOWN, (
        loop("%n", begun + loop("%n", when("%few", "P0\nP0", "P0"), name="%j"))), (
        loop("%n", begun + loop("%n", when("%few", "Q0\nQ0", "Q0"), name="%j")))
    later = loop("%n", compare("%few", "slt", "%j", "%i") + when("%few", "P0"), name="%j")
    yield "below the outer iteration", "", DOWN, loop("%n", later), loop("%n", later.replace("P0", "Q0"))
    mixed = compare("%few", "slt", "%i", "%n")
    yield "in a constant loop", "", DOWN, loop("%c8", mixed + when("%few", "P0")), (
        loop("%c8", mixed + when("%few", "Q0")))
    second = compare("%one", "eq", "%block", "%c1")
    yield "and", "", DOWN, (
        FEW + second + "%and = arith.andi %few, %one : i1\n" + when("%and", "P0")), (
        FEW + second + when("%few", when("%one", "Q0")))
    yield "not", "", DOWN, FEW + "%not = arith.xori %few, %true : i1\n" + when("%not", "P0"), (
        NOT_FEW + when("%few", "Q0"))


def loads():
    few = compare("%few", "slt", "%k", "%c4")
    yield "read twice", "PTL242", DOWN, load() + loop("%k", "P0"), load() + loop("%k", "Q0")
    yield "read twice, condition", "PTL242", DOWN, load() + few + when("%few", "P0"), (
        load() + few + when("%few", "Q0"))
    yield "read twice, in a loop", "PTL242", DOWN, (
        loop("%n", load(place="%i") + loop("%k", "P0", name="%j"))), (
        loop("%n", load(place="%i") + loop("%k", "Q0", name="%j")))
    yield "read elsewhere", "PTL24[01]", DOWN, load() + loop("%k", "P0"), (
        load(place="%c1") + loop("%k", "Q0"))
    yield "read of another", "PTL24[01]", DOWN, load() + loop("%k", "P0"), (
        load("%q") + loop("%k", "Q0"))
    yield "read for nothing", "", DOWN, load() + loop("%n", "P0"), loop("%n", "Q0")


def order(chip):
    yield "there and back", "", BOTH, loop("%n", "P0\nQ0"), loop("%n", "Q0\nP0")
    yield "both pop first", "PTL243", BOTH, loop("%n", "Q0\nP0"), loop("%n", "Q0\nP0")
    yield "both pop first, const", "PTL243", BOTH, loop("%c3", "Q0\nP0"), loop("%c3", "Q0\nP0")
    yield "never answered", "PTL240", BOTH, loop("%n", "P0\nQ0"), loop("%n", "Q0")
    yield "one ahead", "", BOTH, "P0\n" + loop("%n", "P0\nQ0") + "\nQ0", (
        loop("%n", "Q0\nP0") + "\nQ0\nP0")
    yield "two pipes", "", TWO, loop("%n", "P0\nP1"), loop("%n", "Q0\nQ1")
    yield "two pipes, crossed", "PTL24[01]", TWO, "P0\nP0\nP1", "Q0\nQ1\nQ1"
    yield "two pipes, slots enough", "", TWO, "P0\nP0\nP1", "Q1\nQ0\nQ0"
    yield "two pipes, slots full", "PTL243", TWO, loop("%c24", "P0") + "\nP1", (
        "Q1\n" + loop("%c24", "Q0"))
    if chip == "a2a3":
        late = loop("%c3", "P0") + "\n" + loop("%c3", "Q0")
        yield "answers wait", "PTL247", ((0, 3, 2),), late, loop("%c3", "Q0\nP0")
        yield "answers are taken", "", ((0, 3, 2),), loop("%c3", "P0\nQ0"), loop("%c3", "Q0\nP0")


def lanes(chip):
    yield "rows", "", DOWN, loop("%n", "P0/1"), loop("%n", "Q0/1")
    yield "columns", "", DOWN, loop("%n", "P0/2"), loop("%n", "Q0/2")
    yield "split that differs", "PTL244", DOWN, loop("%n", "P0"), loop("%n", "Q0/1")
    yield "half of it popped", "PTL248", DOWN, loop("%n", "P0"), loop("%n", "Q0/0!1")
    yield "rows to the cube", "", UP, loop("%n", "Q0/1"), loop("%n", "P0/1")
    yield "rows to the cube, more pops", "PTL240", UP, loop("%n", "Q0/1\nQ0/1"), loop("%n", "P0/1")
    yield "replayed", "", DOWN, loop("%n", "P0/1"), (
        FIRST + when("%first", loop("%n", "Q0/1"), loop("%n", "Q0/1")))
    yield "not replayed", "PTL241", DOWN, loop("%n", "P0/1"), (
        FIRST + when("%first", loop("%n", "Q0/1")))
    yield "not replayed, no split", "PTL241" if chip == "a2a3" else "", DOWN, loop("%n", "P0"), (
        FIRST + when("%first", loop("%n", "Q0")))


def memory(chip):
    down = (loop("%n", "P0"), loop("%n", "Q0"))
    two = (loop("%n", "P0\nP1"), loop("%n", "Q0\nQ1"))
    yield "ring too small", "PTL245", DOWN, *down, {"ends": {("vector", 0): {"ring": SLOT}}}
    yield "slot too small", "PTL245", DOWN, *down, {"slot": 512}
    yield "slots that differ", "PTL244", DOWN, *down, {
        "ends": {("vector", 0): {"slot_num": 4, "ring": 4 * SLOT}}}
    yield "rings that overlap", "PTL246", TWO, *two, {"ends": {("vector", 1): {"base": SLOT}}}
    if chip == "a2a3":
        yield "overlap in memory", "PTL246", TWO, *two, {
            "ends": {(core, 1): {"gm": SLOT} for core in ("cube", "vector")}}
        yield "elsewhere in memory", "PTL244", TWO, *two, {"ends": {("vector", 1): {"gm": 4096}}}
    nine = tuple((i, 1, 2) for i in range(9))
    yield "eight pipes", "", nine[:8], "P7", "Q7"
    yield "nine pipes", "PTL249", nine, "P8", "Q8"
    yield "level2", "", DOWN, *down, {"level": 2}
    yield "level2, more pops", "PTL240", DOWN, down[0], loop("%n", "Q0\nQ0"), {"level": 2}
    yield "level2, ring too small", "PTL245", DOWN, *down, {
        "level": 2, "ends": {("vector", 0): {"ring": SLOT}}}


def main(ptolower, folder):
    expected = {}
    for chip in ("a2a3", "a5"):
        for group in (counts(), branches(), loads(), order(chip), lanes(chip), memory(chip)):
            for name, code, pipes, cube, vector, *options in group:
                path = os.path.join(folder, "%s-%s.pto" % (chip, re.sub(r"\W+", "-", name)))
                expected[path] = code
                with open(path, "w") as file:
                    file.write(Kernel(chip, pipes, cube, vector, **(options[0] if options else {})).text)
    result = subprocess.run([ptolower, "check", "--format=json"] + list(expected),
                            stdout=subprocess.PIPE)
    files = json.loads(result.stdout)["files"]
    assert len(files) == len(expected)
    for file in files:
        code = expected[file["file"]]
        found = {finding["code"] for finding in file["findings"]}
        assert file["read"], file["file"]
        with open(file["file"]) as source:
            lines = source.read().split("\n")
        for finding in file["findings"]:
            op, text = FINDINGS[finding["code"]]
            assert re.search(op, lines[finding["line"] - 1]), finding
            assert re.fullmatch(text, finding["message"]), finding
        if code:
            assert found and all(re.fullmatch(code, other) for other in found), (file["file"], found)
        else:
            verdicts = {function["verdict"] for function in file["functions"]}
            assert not found and verdicts <= {"proved", "no tiles"}, (file["file"], found, verdicts)


main(*sys.argv[1:])
