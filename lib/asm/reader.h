/* State of rewriting one text; shared by read.c (the whole), reader.c
 * (statements), scan.c (their ends), function.c (func.func) and place.c (locations). */
#ifndef PTL_ASM_READER_H
#define PTL_ASM_READER_H

#include "asm/asm.h"
#include "asm/canon.h"
#include "asm/lexer.h"
#include "asm/match.h"
#include "asm/symbols.h"

typedef enum ptl_frame_kind {
  PTL_FRAME_PLAIN,   /* custom form that MLIR knows: copied */
  PTL_FRAME_GENERIC, /* "op"(...) */
  PTL_FRAME_PTO,     /* a pto op with a region */
  PTL_FRAME_FUNC,
} ptl_frame_kind;

/* A statement that is being read; while its region is read it waits on the stack. */
typedef struct ptl_frame {
  ptl_frame_kind kind;
  const char *begin; /* first token of the statement */
  ptl_str op;        /* name of the op; in generic form with its quotes */
  ptl_op_id id;      /* in generic form PTL_NO_OP */
  int line, column;  /* of the op's name */
  ptl_str name;      /* SSA name for its location, without %; may be empty */
  ptl_str iterator;  /* an scf.for's loop variable, without % */
  ptl_str iter_args; /* inside of its iter_args(...) */
  ptl_str last;      /* its last token, or the bracket that closed last */
  const char *end;   /* of what belongs to it so far */
  ptl_str location;  /* inside of its own loc(...); may be empty */
  const char *location_begin;
  bool in_parens;      /* generic: inside the parentheses around its regions */
  bool region_done;    /* a region of it is closed */
  bool has_dict;       /* it has a dictionary of attributes */
  const char *refusal; /* why the statement is not understood after all */
  bool is_marked;      /* generic: as such, see mark_generic */
} ptl_frame;

/* The function that is being read. */
typedef struct ptl_function {
  bool open;
  int depth;         /* of its frame on the stack */
  size_t out_mark;   /* length of the output before it */
  const char *begin; /* its func.func token */
  const char *behind_head;
  size_t end_mark;   /* where the output says where it ends, which is known later */
  ptl_str name;      /* with @ */
  ptl_str arguments; /* inside of ( ) */
  ptl_str results;   /* after ->, with parentheses if it has them */
  ptl_str attributes;
  int line, column;
} ptl_function;

typedef struct ptl_reader {
  ptl_arena *arena;
  ptl_diags *diags;
  const char *file;
  bool has_places;     /* locations of ops have them, not only names */
  bool has_own_ops;    /* an op of the ptolower dialect was read */
  ptl_str quoted_file; /* as MLIR string, with quotes */
  ptl_str source;
  const ptl_asm_problem *problems;
  size_t problem_count;
  ptl_severity unread; /* see ptl_asm_read_around */
  ptl_lexer lexer;
  ptl_strbuf *out;
  const char *copied; /* the source up to here is in the output, or dropped */

  const char *line_begin; /* of the line where the last place was asked for */
  int line;

  ptl_symbols types;
  ptl_symbols constants;
  ptl_symbols spellings;
  ptl_symbols aliases;
  ptl_match match;
  ptl_function function;
  ptl_frame *frames; /* those that wait, and behind them the one that is read */
  int depth, frame_capacity;
} ptl_reader;

/* Rewrites the whole text, which is balanced. */
PTL_MUST_USE ptl_status ptl_reader_run(ptl_reader *reader);

/* Line and column of a place that is not before the last one asked for. */
void ptl_reader_place(ptl_reader *reader, const char *at, int *line, int *column);

/* Copies the source up to `to`. */
void ptl_reader_copy(ptl_reader *reader, const char *to);
/* Leaves the source up to `to` out, but for its line breaks. */
void ptl_reader_drop(ptl_reader *reader, const char *to);

/* The same for what was rewritten: adds the line breaks that the output, from `mark`
 * on, lacks. */
void ptl_reader_keep_lines(ptl_reader *reader, const char *to, size_t mark);

/* Adds ` loc(...)` for a statement, fused with its own one. */
void ptl_reader_add_location(ptl_reader *reader, const ptl_frame *frame);

/* Reads the head of a function up to its body, or a declaration as a whole. False:
 * it does not look like one. */
bool ptl_reader_begin_function(ptl_reader *reader, ptl_frame *frame);

/* Ends the function before `end`, after its } and loc, and says so in its ptolower.range. */
void ptl_reader_end_function(ptl_reader *reader, const char *end);

/* Makes the function opaque if it holds one of the known problems. */
bool ptl_reader_avoid_problem(ptl_reader *reader);

/* What becomes of what is not read. */
const char *ptl_reader_not_read(const ptl_reader *reader);

/* Makes the open function opaque, and goes on after it. */
void ptl_reader_give_up_function(ptl_reader *reader, ptl_severity severity, ptl_loc place,
                                 const char *reason);

#endif
