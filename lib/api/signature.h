/* Between the files that read the signature of a module (include/ptolower/signature.h). */
#ifndef PTL_API_SIGNATURE_H
#define PTL_API_SIGNATURE_H

#include "kernel/kernel.h"
#include "ptolower/signature.h"

/* What one call has read. */
struct ptl_signature {
  const char *arch; /* NULL: the module does not say */
  ptolower_function *functions;
  int count, capacity;
};

/* A function whose body is being read. */
typedef struct ptl_signature_body {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptolower_function *out;
  ptolower_argument *arguments; /* those of `out`; there already, and not yet read or written */
  ptolower_view *views;         /* those of `out`, as the following */
  ptolower_store *stores;
  ptolower_pipe *pipes;
  int view_capacity, store_capacity, pipe_capacity;
  /* By value number: */
  const ptl_op **makers; /* the op whose result it is; NULL: it is a block's argument */
  int *roots;            /* the argument to whose memory it leads; -1: none that is known */
  bool *is_inside;       /* it does not begin where that memory begins */
} ptl_signature_body;

/* Fills in what stands in the body of the function, and what becomes of its arguments. */
void ptl_signature_read_body(ptl_signature_body *body);

/* An op that makes a pipe, or uses one. */
void ptl_signature_add_pipe(ptl_signature_body *body, const ptl_op *op);
void ptl_signature_use_pipe(ptl_signature_body *body, const ptl_op *op);

ptolower_place ptl_signature_place(ptl_arena *arena, MlirOperation op);

#endif
