/* One walk, heard by those who find products and by those who describe effects. */
#include "summary/survey.h"

typedef struct surveyors {
  ptl_finder *finder;
  ptl_describer *describer;
} surveyors;

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  const surveyors *s = user;
  ptl_finder_listen(s->finder, walk, event);
  ptl_describer_listen(s->describer, walk, event);
}

ptl_survey ptl_kernel_survey(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                             ptl_exprs *exprs) {
  surveyors s = {ptl_finder_new(arena, kernel, exprs), ptl_describer_new(arena, kernel)};
  ptl_survey out;
  ptl_status walked =
      ptl_walk_run_noting(arena, kernel, target, PTL_WALK_ONCE, exprs, listen, &s, &out.noted);
  out.products = ptl_finder_end(s.finder, walked);
  out.effects = ptl_describer_end(s.describer, walked);
  out.is_whole = walked == PTL_OK;
  return out;
}
