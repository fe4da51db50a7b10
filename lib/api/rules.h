/* What a check can say, one rule per code: the one place that decides how grave a fault is. */
#ifndef PTL_API_RULES_H
#define PTL_API_RULES_H

#include "support/diag.h"
#include "walk/walk.h"

typedef struct ptl_rule {
  ptl_fault fault; /* PTL_FAULT_NONE: not found by the walk */
  int code;
  ptl_severity severity;
  bool is_shown;    /* a remark that is shown without being asked for */
  const char *name; /* for SARIF */
  const char *text; /* what the rule asks for */
  const char *note; /* what is at the other op; NULL: it is told what that op does */
} ptl_rule;

extern const ptl_rule ptl_rules[]; /* ascending by code */
extern const size_t ptl_rule_count;

/* NULL: there is none. */
const ptl_rule *ptl_rule_of_fault(ptl_fault fault);
const ptl_rule *ptl_rule_of_code(int code);
bool ptl_rule_is_shown(int number);

#endif
