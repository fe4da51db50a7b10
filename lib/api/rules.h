/* What a check can say, one rule per code: the one place that decides how grave a fault is. */
#ifndef PTL_API_RULES_H
#define PTL_API_RULES_H

#include "kernel/walk.h"
#include "support/diag.h"

typedef struct ptl_rule {
  ptl_fault fault; /* PTL_FAULT_NONE: not found by the walk */
  int code;
  ptl_severity severity;
  const char *name; /* for SARIF */
  const char *text; /* what the rule asks for */
  const char *note; /* what is at the other op */
} ptl_rule;

enum { PTL_RULE_COUNT = 19 };
extern const ptl_rule ptl_rules[PTL_RULE_COUNT]; /* ascending by code */

const ptl_rule *ptl_rule_of_fault(ptl_fault fault);
const ptl_rule *ptl_rule_of_code(int code);

#endif
