/* What ptoas' verifier asks of the ops of a kernel, asked first: the message comes in
 * bytes, at the op's own line, with what would be right.
 *
 * Static: types, attributes and the constants that a walk has noted. The rules are those that 0.48 and
 * 0.60 share; 0.60's check of constant addresses and the products' types that only some
 * chips or versions look at hold everywhere. Rules for vector ops are left to ptoas.
 */
#ifndef PTL_RULES_RULES_H
#define PTL_RULES_RULES_H

#include "walk/walk.h"

/* `other` is an op that the text is about as well, or NULL; the text lives in the arena. */
typedef void (*ptl_rule_listener)(void *user, const ptl_op *op, const ptl_op *other,
                                  const char *text);

/* Reports the first rule that each op breaks, in program order. */
void ptl_rules_check(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted, ptl_rule_listener listener, void *user);

#endif
