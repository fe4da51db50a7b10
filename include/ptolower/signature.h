/* What the functions of a .pto module take, what they read and write of it, and what they set up,
 * for programs that call a kernel or wrap it.
 *
 *   ptolower_status status = ptolower_read_signature(options, text, length, &result);
 *   const ptolower_function *function;
 *   for (size_t i = 0; (function = ptolower_result_function(result, i)) != NULL; i++) {
 *     ... function->name, function->arguments[0].pointee, function->views[0].shape[0].value ...
 *   }
 *   ptolower_result_destroy(result);
 *
 * All of it is text and numbers of the result. Nothing is walked or proved: it says what stands in
 * the functions, and ptolower_check whether they are right.
 */
#ifndef PTOLOWER_SIGNATURE_H
#define PTOLOWER_SIGNATURE_H

#include <stdint.h>

#include <ptolower/ptolower.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where something stands in the text; line 0: nowhere. */
typedef struct ptolower_place {
  int line;
  int column;
} ptolower_place;

typedef enum ptolower_integer_kind {
  PTOLOWER_COMPUTED, /* by the function, or not known in the text */
  PTOLOWER_CONSTANT, /* it is `value` */
  PTOLOWER_GIVEN,    /* it is the argument of number `value` */
} ptolower_integer_kind;

/* An integer as a function has it. */
typedef struct ptolower_integer {
  ptolower_integer_kind kind;
  int64_t value;
} ptolower_integer;

/* An argument. Memory is followed from a pointer into views, parts of views and pointers into it,
 * through loops and branches. What hands it on otherwise, or has an effect that is not known,
 * counts as reading and writing it. The slots of a pipe are neither read nor written by that. */
typedef struct ptolower_argument {
  const char *name;    /* without its %; "" if the text has none */
  const char *type;    /* "!pto.ptr<i8>", "index" */
  const char *pointee; /* "i8"; NULL: it is no pointer */
  int is_read;
  int is_written;
} ptolower_argument;

/* A pto.make_tensor_view. */
typedef struct ptolower_view {
  const char *name; /* without its %; "" if the text has none */
  ptolower_place place;
  int argument;        /* the number of that whose memory it shows; -1: of none that is known */
  int begins_inside;   /* perhaps not with the memory's first element: its pointer was moved */
  const char *element; /* "i8" */
  const char *layout;  /* "nd", "dn", "nz"; "" where the text does not say */
  int rank;
  const ptolower_integer *shape; /* `rank` of them, and of strides */
  const ptolower_integer *strides;
} ptolower_view;

/* An op that stores a tile, or one element, into memory. */
typedef struct ptolower_store {
  ptolower_place place;
  int argument; /* as of a view */
  int is_scalar;
  int adds;    /* to what is there */
  int in_loop; /* inside a loop */
  int rank;    /* of the part that it fills; 0 of a scalar */
  const ptolower_integer *extents;
} ptolower_store;

/* One function's end of a pipe between the cores: pto.aic_initialize_pipe or
 * pto.aiv_initialize_pipe. */
typedef struct ptolower_pipe {
  int64_t id;
  ptolower_place place;
  int to_vector; /* tiles go from the cube core to the vector cores */
  int to_cube;   /* tiles go from the vector cores to the cube core */
  int is_split;  /* each vector core has half of a tile */
  int64_t slot_bytes;
  int64_t slots;    /* of each direction; what ptoas takes where the text does not say */
  int has_memory;   /* its slots lie in memory that the text names */
  int argument;     /* whose memory that is, as of a view */
  const char *peer; /* the function with the other end; NULL: it is not in the module */
} ptolower_pipe;

typedef enum ptolower_kernel_kind {
  PTOLOWER_NO_KIND, /* the function does not say */
  PTOLOWER_CUBE,
  PTOLOWER_VECTOR,
} ptolower_kernel_kind;

typedef struct ptolower_function {
  const char *name; /* without its @ */
  ptolower_place place;
  ptolower_kernel_kind kind; /* its pto.kernel_kind */
  int is_private;
  int is_declaration; /* it has no body */
  const char
      *unread; /* why its body could not be read; there is nothing below then. NULL: it was */
  size_t argument_count, view_count, store_count, pipe_count;
  const ptolower_argument *arguments;
  const ptolower_view *views; /* these three in the order of the text */
  const ptolower_store *stores;
  const ptolower_pipe *pipes;
  size_t tile_count; /* tiles that it allocates, and those of them that have addresses */
  size_t placed_tile_count;
} ptolower_function;

/* Reads the functions of a module. PTOLOWER_REFUSED: the text is no module. The only option that
 * matters is `file`. `*result` as with ptolower_run. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_read_signature(
    const ptolower_options *options, const char *text, size_t length, ptolower_result **result);

/* The functions, in the order of the text; NULL past the last. */
PTOLOWER_EXPORT const ptolower_function *ptolower_result_function(const ptolower_result *result,
                                                                  size_t index);

/* The chip that the module says it is for, as `pto.target_arch` has it; NULL: it does not say. */
PTOLOWER_EXPORT const char *ptolower_result_arch(const ptolower_result *result);

#ifdef __cplusplus
}
#endif

#endif
