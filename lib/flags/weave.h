/* Inside of the weaving of two cores: what stands between its parts, nodes of one core
 * (weave_nodes.c) and both (weave.c). Not for other layers. */
#ifndef PTL_FLAGS_WEAVE_H
#define PTL_FLAGS_WEAVE_H

#include "flags/flags_state.h"

/* One way from core to core. */
typedef struct ptl_weave_channel {
  ptl_flag_crossing what; /* its `is_pipe` and `id` */
  int giver;
  int count; /* signals that nobody has taken yet */
  int given;
  const ptl_op *last; /* that gave one */
} ptl_weave_channel;

typedef struct ptl_weaver {
  ptl_flag_weave *weave;
  ptl_weave_channel *channels;
  int channel_count, channel_capacity;
  bool pushes[2];          /* the core is the giver of a pipe */
  ptl_flag_turn *turns[2]; /* by number of a loop in its trace: in the woven one */
  int loop_count, depth, loop_depth;
} ptl_weaver;

/* The channel by which this core gives or takes; NULL if it is no concern of this lane. */
ptl_weave_channel *ptl_weave_channel_of(ptl_weaver *w, int core, const ptl_flag_crossing *what);
/* An expression of a core in the world of both. */
ptl_expr ptl_weave_expr(ptl_weaver *w, int core, ptl_expr expr);
ptl_flag_node *ptl_weave_more(ptl_weaver *w, ptl_flag_body *body);
ptl_flag_body *ptl_weave_body(ptl_weaver *w);
/* A loop or branches, whose bodies are to come. */
ptl_flag_node ptl_weave_begin(ptl_weaver *w, const ptl_flag_node *node, int body_count,
                              ptl_flag_body *out);
/* Adds a node of one core, with all that stands in it. */
void ptl_weave_copy(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out);

#endif
