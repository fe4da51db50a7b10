/* Collects what a check says of one function, sorts it by place, tells each finding once, and
 * derives the verdict. */
#include "api/remarks.h"

#include <stdlib.h>

#include "api/baseline.h"
#include "kernel/describe.h"

void ptl_remarks_add(ptl_remarks *remarks, ptl_remark item) {
  remarks->items = ptl_arena_more(remarks->arena, remarks->items, remarks->count,
                                  &remarks->capacity, sizeof(ptl_remark));
  remarks->items[remarks->count++] = item;
}

const char *ptl_note_text(ptl_arena *arena, ptl_code code, const ptl_kernel *kernel,
                          const ptl_op *other) {
  const char *does = ptl_op_text(arena, kernel, other), *note = ptl_diag_row_of(code)->note;
  return note ? ptl_arena_printf(arena, "%s, where %s", note, does)
              : ptl_arena_printf(arena, "%s here", does);
}

static int by_place(const void *a, const void *b) {
  const ptl_remark *left = a, *right = b;
  int order = (left->op->index > right->op->index) - (left->op->index < right->op->index);
  return order ? order : (left->code > right->code) - (left->code < right->code);
}

static bool is_gap(const ptl_remark *item) { return item->code == PTL_CODE_NOT_FOLLOWED; }

static void tell(ptl_session *session, const ptl_remark *item) {
  const ptl_diag_row *row = ptl_diag_row_of(item->code);
  ptl_diag_add(&session->diags, item->code, ptl_op_loc(&session->arena, item->op),
               is_gap(item) ? "not proved: %s" : "%s", item->text);
  if (!mlirOperationIsNull(item->other)) {
    ptl_diag_note(&session->diags, ptl_loc_of(session, item->other), "%s",
                  item->note ? item->note : row->note);
  }
  if (item->evidence && ptl_grade_severity(row->grade) != PTL_REMARK) {
    ptl_diag_note(&session->diags, ptl_op_loc(&session->arena, item->op), "it happens %s",
                  item->evidence);
  }
}

void ptl_tell_not_followed(ptl_session *session, const char *function, ptl_loc place,
                           const char *what) {
  place.model = NULL;
  ptl_diag_add(&session->diags, PTL_CODE_FUNCTION_NOT_FOLLOWED, place, "@%s is not proved: %s",
               function, what);
}

/* After an error much is not known, and nobody takes the function for proved. */
static bool has_error(const ptl_diags *diags, size_t first) {
  for (size_t i = first; i < diags->count; i++) {
    if (diags->items[i].severity == PTL_ERROR) {
      return true;
    }
  }
  return false;
}

/* At the first place that could not be followed. */
static void tell_gaps(ptl_session *session, const ptl_remarks *remarks) {
  const ptl_remark *first = NULL;
  int others = 0;
  for (int i = 0; i < remarks->count; i++) {
    const ptl_remark *item = &remarks->items[i];
    others += first && is_gap(item);
    first = first ? first : is_gap(item) ? item : NULL;
  }
  const char *more =
      others == 0   ? ""
      : others == 1 ? " (and one more place: --remarks)"
                    : ptl_arena_printf(&session->arena, " (and %d more places: --remarks)", others);
  ptl_tell_not_followed(session, remarks->function, ptl_op_loc(&session->arena, first->op),
                        ptl_arena_printf(&session->arena, "%s%s", first->text, more));
}

ptl_verdict ptl_remarks_tell(ptl_session *session, const ptl_remarks *remarks,
                             ptl_allowances *allowances) {
  ptl_diags *diags = &session->diags;
  size_t first = diags->count;
  bool has_gap = false, has_finding = false, is_allowed = false;
  if (remarks->count > 0) {
    qsort(remarks->items, (size_t)remarks->count, sizeof(ptl_remark), by_place);
  }
  for (int i = 0; i < remarks->count; i++) {
    tell(session, &remarks->items[i]);
    has_gap = has_gap || is_gap(&remarks->items[i]);
  }
  ptl_allow_findings(allowances, diags, first, remarks->line);
  ptl_baseline_apply(allowances->baseline, allowances, diags, first, remarks->function);
  for (size_t i = first; i < diags->count; i++) {
    ptl_severity severity = diags->items[i].severity;
    has_finding = has_finding || severity == PTL_ERROR || severity == PTL_WARNING;
    is_allowed = is_allowed || diags->items[i].allowed;
  }
  if (has_gap && !has_error(diags, first)) {
    tell_gaps(session, remarks);
  }
  return has_finding  ? PTL_VERDICT_FINDINGS
         : has_gap    ? PTL_VERDICT_NOT_FOLLOWED
         : is_allowed ? PTL_VERDICT_ALLOWED
                      : PTL_VERDICT_PROVED;
}
