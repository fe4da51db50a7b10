#include "api/rules.h"

#include <stddef.h>

const ptl_rule ptl_rules[] = {
    {.fault = PTL_FAULT_UNWRITTEN,
     .code = 201,
     .severity = PTL_ERROR,
     .name = "ReadBeforeWrite",
     .text = "Every byte that an op on the cube core reads was written before."},
    {.fault = PTL_FAULT_UNWRITTEN_VEC,
     .code = 202,
     .severity = PTL_ERROR,
     .name = "VectorReadBeforeWrite",
     .text = "Every vector tile that an op reads was written before."},
    {.fault = PTL_FAULT_CLOBBERED,
     .code = 203,
     .severity = PTL_ERROR,
     .name = "TileClobbered",
     .text = "Between a tile's write and its last read no other tile is written over it.",
     .note = "it was overwritten here"},
    {.fault = PTL_FAULT_OVERWRITTEN,
     .code = 204,
     .severity = PTL_ERROR,
     .name = "TileOverwrittenInPart",
     .text = "What is read was written whole, by one op.",
     .note = "a part of it was overwritten here"},
    {.fault = PTL_FAULT_SHAPE,
     .code = 205,
     .severity = PTL_ERROR,
     .name = "ShapeMismatch",
     .text = "The extents of an op's operands fit each other."},
    {.fault = PTL_FAULT_TYPES,
     .code = 206,
     .severity = PTL_ERROR,
     .name = "ElementTypes",
     .text = "The cube multiplies i8 x i8 to i32, and f16, bf16 and f32 by themselves to f32."},
    {.fault = PTL_FAULT_ACC_IN_OUT,
     .code = 207,
     .severity = PTL_ERROR,
     .name = "AccumulatorInIsOut",
     .text = "The accumulator that tmatmul.acc adds to is the one that it writes.",
     .note = "the accumulator input is here"},
    {.fault = PTL_FAULT_MIXED_SUM,
     .code = 208,
     .severity = PTL_ERROR,
     .name = "MixedSum",
     .text = "An accumulator holds one product, over one K interval without gap or overlap.",
     .note = "the accumulator was written here"},
    {.fault = PTL_FAULT_DEAD_LOAD,
     .code = 209,
     .severity = PTL_ERROR,
     .name = "LostData",
     .text = "What is loaded or computed is read before it is overwritten.",
     .note = "it was written here"},
    {.fault = PTL_FAULT_CAPACITY,
     .code = 210,
     .severity = PTL_ERROR,
     .name = "OutsideOfBuffer",
     .text = "Every tile lies inside its buffer, with rows padded as the chip pads them."},
    {.fault = PTL_FAULT_ALIGNMENT,
     .code = 211,
     .severity = PTL_ERROR,
     .name = "Misaligned",
     .text = "Every tile's address is a multiple of what its buffer asks for."},
    {.fault = PTL_FAULT_SPACE,
     .code = 212,
     .severity = PTL_ERROR,
     .name = "NoPath",
     .text = "Data moves only where the core has a path; never from accumulator to accumulator."},
    {.code = 213,
     .severity = PTL_ERROR,
     .name = "ReservedBytes",
     .text = "No tile lies in bytes that a function of the module reserves for a pipe.",
     .note = "they are reserved here"},
    {.code = 214,
     .severity = PTL_ERROR,
     .name = "NotReserved",
     .text = "A buffer that is imported is reserved by the function it is imported from.",
     .note = "that function is here"},
    {.fault = PTL_FAULT_IN_PLACE,
     .code = 215,
     .severity = PTL_ERROR,
     .name = "OutputOnInput",
     .text = "An op's output lies on its input only at one address, with elements and lines not "
             "larger, and if the op works element by element; scratch lies on nothing.",
     .note = "the operand is here"},
    {.fault = PTL_FAULT_PITCH,
     .code = 217,
     .severity = PTL_ERROR,
     .name = "Pitch",
     .text = "Accumulators and operands are read at the row pitch at which they were written.",
     .note = "it was written here"},
    {.fault = PTL_FAULT_RULE,
     .code = 216,
     .severity = PTL_ERROR,
     .name = "PtoasVerifier",
     .text = "Every op keeps what ptoas' verifier asks of its types, attributes and constants."},
    {.fault = PTL_FAULT_PARTIAL_OVERLAP,
     .code = 220,
     .severity = PTL_WARNING,
     .name = "PartialOverlap",
     .text =
         "Tiles that share bytes begin at one address: ptoas up to 0.48 synchronises no others."},
    {.fault = PTL_FAULT_EVENT_IDS,
     .code = 221,
     .severity = PTL_WARNING,
     .name = "EventIds",
     .text = "A loop carries no more tiles than ptoas has event ids for."},
    {.fault = PTL_FAULT_SCRATCH_AREA,
     .code = 223,
     .severity = PTL_WARNING,
     .name = "VectorScratchArea",
     .text = "No vector tile in use lies in bytes that pto-isa writes to by itself.",
     .note = "it may write there here"},
    {.fault = PTL_FAULT_WRONG_PIPE,
     .code = 225,
     .severity = PTL_WARNING,
     .name = "WrongPipe",
     .text = "What pto.tci computes by a scratch tile is used behind a barrier: ptoas up to 0.62 "
             "waits for another pipe.",
     .note = "it is computed here"},
    {.fault = PTL_FAULT_KNOWN_WRONG,
     .code = 227,
     .severity = PTL_REMARK,
     .is_shown = true,
     .name = "KnownWrong",
     .text = "No product has a form that is known to give wrong results on the chip."},
    {.fault = PTL_FAULT_UNKNOWN,
     .code = 230,
     .severity = PTL_REMARK,
     .name = "NotFollowed",
     .text = "The check can follow what the function does; what it cannot follow is not proved."},
    {.code = 231,
     .severity = PTL_REMARK,
     .is_shown = true,
     .name = "FunctionNotFollowed",
     .text = "Every function is read and followed to its end."},
    {.code = 232,
     .severity = PTL_WARNING,
     .name = "UnknownOp",
     .text = "Every op of the pto dialect is one that ptoas has."},
    {.code = 233,
     .severity = PTL_WARNING,
     .name = "NothingToCheck",
     .text = "A file holds functions to be checked."},
    {.code = 234,
     .severity = PTL_WARNING,
     .name = "Allowance",
     .text = "A comment that allows a finding stands at one, and gives its reason."},
    {.fault = PTL_FAULT_VIEW_LEFT,
     .code = 250,
     .severity = PTL_ERROR,
     .name = "OutsideOfView",
     .text = "A part of a view lies in it."},
    {.fault = PTL_FAULT_VIEW_MAY_BE_LEFT,
     .code = 251,
     .severity = PTL_WARNING,
     .name = "MayLeaveView",
     .text = "A part of a view does not begin before it, whatever the arguments are."},
    {.fault = PTL_FAULT_NEGATIVE_EXTENT,
     .code = 252,
     .severity = PTL_ERROR,
     .name = "NegativeExtent",
     .text = "Sizes of parts, and what is valid of a tile, are not negative."},
    {.fault = PTL_FAULT_STALE_LOAD,
     .code = 253,
     .severity = PTL_WARNING,
     .name = "StaleLoad",
     .text = "What a kernel stores to global memory it does not load again before a fence.",
     .note = "it is stored here"},
    {.fault = PTL_FAULT_EXTENT_MAY_BE_NEGATIVE,
     .code = 254,
     .severity = PTL_WARNING,
     .name = "ExtentMayBeNegative",
     .text = "Sizes of parts, and what is valid of a tile, are not negative, whatever the "
             "arguments are."},
};

const size_t ptl_rule_count = sizeof(ptl_rules) / sizeof(ptl_rules[0]);

/* A fault without a rule would go unseen. */
_Static_assert(PTL_FAULT_UNKNOWN >= 0, "each fault has one rule, and two have none");

const ptl_rule *ptl_rule_of_fault(ptl_fault fault) {
  for (size_t i = 0; i < ptl_rule_count; i++) {
    if (ptl_rules[i].fault == fault) {
      return &ptl_rules[i];
    }
  }
  return NULL;
}

const ptl_rule *ptl_rule_of_code(int code) {
  for (size_t i = 0; i < ptl_rule_count; i++) {
    if (ptl_rules[i].code == code) {
      return &ptl_rules[i];
    }
  }
  return NULL;
}

bool ptl_rule_is_shown(int number) {
  for (size_t i = 0; i < ptl_rule_count; i++) {
    if (ptl_rules[i].code == number) {
      return ptl_rules[i].is_shown;
    }
  }
  return false;
}
