"""Kernels of one or two products as text, for tests of where tiles lie."""

K_BLOCK = {"i8": 32, "f16": 16, "bf16": 16, "f32": 8}
LAYOUT = {"mat": ("col_major", "row_major", 512), "turned": ("row_major", "col_major", 512),
          "left": ("row_major", "row_major", 512), "right": ("row_major", "col_major", 512),
          "acc": ("col_major", "row_major", 1024), "vec": ("row_major", "none_box", 512)}


def up(value, multiple=16):
    return -(-value // multiple) * multiple


class Kernel:
    """The text of a function, op by op. Extents are numbers or names of values."""

    def __init__(self, chip, elem, level=3):
        self.chip, self.elem, self.sum = chip, elem, "i32" if elem == "i8" else "f32"
        self.level, self.lines, self.constants, self.types = level, [], {}, {}

    def index(self, value, kind="index"):
        if isinstance(value, str):
            return value
        name = "%%c%d_%s" % (value, kind)
        self.constants[name] = "%s = arith.constant %d : %s" % (name, value, kind)
        return name

    def op(self, text):
        self.lines.append(text)

    def tile(self, name, space, elem, box, valid, at, compact=0, static=False):
        blayout, slayout, fractal = LAYOUT[space]
        given = " addr = " + self.index(at, "i64") if self.level == 3 else ""
        given += "" if static else " valid_row = %s valid_col = %s" % tuple(map(self.index, valid))
        shown = tuple(map(str, valid)) if static else ("?", "?")
        self.types[name] = (
            "!pto.tile_buf<loc=%s, dtype=%s, rows=%d, cols=%d, v_row=%s, v_col=%s, blayout=%s, "
            "slayout=%s, fractal=%d, pad=0%s>" % (
                ("mat" if space == "turned" else space, elem) + tuple(box) + shown +
                (blayout, slayout, fractal, ", compact=%d" % compact if compact else "")))
        self.op("%s = pto.alloc_tile%s : %s" % (name, given, self.types[name]))

    def window(self, name, parent, row, col, rows, cols):
        kind = self.types[parent]
        head, tail = kind.split("rows=")[0], kind.split("blayout=")[1]
        self.types[name] = head + "rows=%d, cols=%d, v_row=%d, v_col=%d, blayout=%s" % (
            rows, cols, rows, cols, tail)
        self.op("%s = pto.subview %s[%s, %s] sizes [%d, %d] : %s -> %s" % (
            name, parent, self.index(row), self.index(col), rows, cols, kind, self.types[name]))

    def view(self, pointer, rows, cols, elem):
        shape = tuple(map(self.index, (rows, cols, cols, 1)))
        self.types[pointer] = elem
        self.op("%s_view = pto.make_tensor_view %s, shape = [%s, %s], strides = [%s, %s] {layout "
                "= #pto.layout<nd>} : !pto.tensor_view<?x?x%s>" % ((pointer, pointer) + shape +
                                                                  (elem,)))

    def part(self, pointer, row, col, rows, cols):
        name = "%s_%d_%d" % (pointer, row, col)
        elem = self.types[pointer]
        shown = tuple("?" if isinstance(size, str) else str(size) for size in (rows, cols))
        kind = "!pto.partition_tensor_view<%sx%sx%s>" % (shown + (elem,))
        self.op("%s = pto.partition_view %s_view, offsets = [%s, %s], sizes = [%s, %s] : "
                "!pto.tensor_view<?x?x%s> -> %s" % (
                    (name, pointer) + tuple(map(self.index, (row, col, rows, cols))) +
                    (elem, kind)))
        self.types[name] = kind
        return name

    def do(self, name, ins, outs):
        def side(names):
            operands = ", ".join(names)
            kinds = ", ".join(self.types.get(n, "index") for n in names)
            return "(%s : %s)" % (operands, kinds)
        self.op("pto.%s ins%s outs%s" % (name, side(ins), side(outs)))

    def load(self, tile, pointer, row, col, rows, cols):
        self.do("tload", [self.part(pointer, row, col, rows, cols)], [tile])

    def store(self, tile, row, col, rows, cols, pointer="%out"):
        self.do("tstore", [tile], [self.part(pointer, row, col, rows, cols)])

    def function(self, name, kind):
        pointers = (("a", self.elem), ("b", self.elem), ("c", self.elem), ("out", self.sum),
                    ("out2", self.sum), ("gm", "f32"), ("e", "bf16"))
        arguments = ["%%%s: !pto.ptr<%s>" % pointer for pointer in pointers] + ["%m: index"]
        text = ["func.func @%s(%s) attributes {pto.kernel_kind = #pto.kernel_kind<%s>} {" % (
            name, ", ".join(arguments), kind)]
        return text + sorted(self.constants.values()) + self.lines + ["return", "}"]


def write(form, path):
    kernel, vector = form if isinstance(form, tuple) else (form, None)
    text = ['module attributes {pto.target_arch = "%s"} {' % kernel.chip]
    text += kernel.function("pair_aic", "cube")
    text += vector.function("pair_aiv", "vector") if vector else []
    with open(path, "w") as file:
        file.write("\n".join(text + ["}"]) + "\n")
