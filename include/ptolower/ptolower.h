/* ptolower: lowers two matrix products that share their left operand into one
 * dual-output cube kernel for Ascend NPUs, as .pto assembly for ptoas.
 *
 * The library does not print, exit, or keep state between calls; two threads may
 * run at once, each with its own options and result. Strings are UTF-8; pointers handed out
 * belong to the object they came from and live as long as it does.
 *
 *   ptolower_options *options = ptolower_options_create();
 *   ptolower_result *result = NULL;
 *   ptolower_status status = ptolower_run(options, text, length, &result);
 *   size_t size;
 *   const char *output = ptolower_result_output(result, &size);
 *   ptolower_result_destroy(result);
 *   ptolower_options_destroy(options);
 */
#ifndef PTOLOWER_PTOLOWER_H
#define PTOLOWER_PTOLOWER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PTOLOWER_MUST_USE __attribute__((warn_unused_result))
#define PTOLOWER_EXPORT __attribute__((visibility("default")))
#else
#define PTOLOWER_MUST_USE
#define PTOLOWER_EXPORT
#endif

/* What became of a call. The values are the exit codes of the command line. */
typedef enum ptolower_status {
  PTOLOWER_OK = 0,
  PTOLOWER_REFUSED = 1,  /* the input is wrong, or asks for what cannot be done */
  PTOLOWER_USAGE = 2,    /* an option is wrong */
  PTOLOWER_INTERNAL = 3, /* our bug; please report */
} ptolower_status;

typedef enum ptolower_severity {
  PTOLOWER_ERROR,
  PTOLOWER_WARNING,
  PTOLOWER_REMARK,
  PTOLOWER_NOTE, /* belongs to the diagnostic before it */
} ptolower_severity;

typedef struct ptolower_diagnostic {
  ptolower_severity severity;
  int code;         /* nnn of PTLnnn (docs/diagnostics.md); 0 for a note */
  const char *file; /* NULL if there is no place */
  int line;         /* 0: the whole file */
  int column;
  const char *text;
} ptolower_diagnostic;

typedef struct ptolower_options ptolower_options;
typedef struct ptolower_result ptolower_result;

/* "0.2.0" */
PTOLOWER_EXPORT const char *ptolower_version(void);

/* The definition of the ptolower dialect, as IRDL text. */
PTOLOWER_EXPORT const char *ptolower_dialect(void);

/* The passes, in pipeline order: name and a line of help; NULL past the last. */
PTOLOWER_EXPORT const char *ptolower_pass_name(size_t index);
PTOLOWER_EXPORT const char *ptolower_pass_help(size_t index);

/* A chip that is known by name. */
typedef struct ptolower_chip {
  const char *name;       /* "a2a3" */
  const char *arch;       /* as in ptoas --pto-arch: "a3" */
  int runtime_knows_lane; /* which of two vector cores runs a kernel: the register does not know */
} ptolower_chip;

/* The chip of a name, in any case: a2a3, a3, 910B, 910C, a5, 950; of NULL the default. Its name is
 * NULL if there is none. */
PTOLOWER_EXPORT ptolower_chip ptolower_chip_of(const char *name);

/* Options with their defaults; NULL if memory is out. */
PTOLOWER_EXPORT ptolower_options *ptolower_options_create(void);
/* Others with the same values; NULL if memory is out. */
PTOLOWER_EXPORT ptolower_options *ptolower_options_copy(const ptolower_options *options);
PTOLOWER_EXPORT void ptolower_options_destroy(ptolower_options *options);

/* Sets one option; both strings are copied. PTOLOWER_USAGE if there is no such key.
 * Values are judged by ptolower_run, with a diagnostic.
 *
 *   file            name of the input in diagnostics and locations    (<stdin>)
 *   target          chip, as ptolower_chip_of takes it        (the module's, else a2a3)
 *   target-json     text of a user's chip table, instead of `target`
 *   target-file     its name in diagnostics
 *   ptoas           version of the ptoas that compiles the output, as 0.60: a check warns of its
 *                   faults only, and plans use what it can     (the strictest of all)
 *   fuse            auto, off, always                                        (auto)
 *   rewrite         which kernels may be rewritten: all, pairs (those with products that share
 *                   their left operand), none; only none if `fuse` is off         (all, or none)
 *   repair          whether kernels are rewritten that no ptoas compiles, whatever the model says
 *                   of the time: auto (unless nothing is rewritten), off, always  (auto)
 *   functions       names, separated by commas: only these kernels are rewritten  (all);
 *                   functions on tensors become kernels in any case
 *   pass-pipeline   names, separated by commas                       (all passes)
 *   stop-after      name of a pass: the output is the IR after it
 *   print-ir        1: collect the IR after every pass                         (0)
 *   print-ir-change 1: after every pass that changes it                        (0)
 *   print-ir-before name of a pass: collect the IR before it
 *   print-ir-after  name of a pass: collect the IR after it
 *   print-ir-locations  1: with the places of ops                              (0)
 *   timing          1: collect the time of every pass                           (0)
 *   keep            1: the result of a run keeps what ptolower_prove_flags takes (0)
 *   plan            0: the plans are not written, where the output is no IR     (1)
 *   report          0: a run does not report what it decided                    (1)
 *   validate        1: run every function before and after, and compare         (0)
 *   werror          1: warnings of a check are errors                           (0)
 *   baseline        text that `ptolower check --write-baseline` wrote: the findings of a check
 *                   that it lists are allowed (docs/check.md)                 (none)
 *   written         C++ that ptoas made of the module: a check proves its flags (none)
 *   map             1: the report of a check says what a memory map shows       (0)
 */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_options_set(ptolower_options *options,
                                                                       const char *key,
                                                                       const char *value);

/* Lowers one module. `*result` is set whatever the status is, and is the caller's to
 * destroy; it has an output only with PTOLOWER_OK. It is NULL if memory was out, with
 * PTOLOWER_INTERNAL; all functions of a result take NULL, as one that holds nothing. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_run(const ptolower_options *options,
                                                               const char *text, size_t length,
                                                               ptolower_result **result);
/* Checks the address plan of every function of a module, instead of lowering it: each is
 * proved, or refuted with an error or warning, or cannot be followed, which is a remark.
 * PTOLOWER_OK: there is no error. There is no output. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_check(const ptolower_options *options,
                                                                 const char *text, size_t length,
                                                                 ptolower_result **result);

/* ptolower_check in two steps, so that a program can have ptoas compile the text in between, and
 * the text is read once. The first step reads it; `text` has to stay until the second one, which
 * follows whatever the status is, unless the result is destroyed. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_check_begin(
    const ptolower_options *options, const char *text, size_t length, ptolower_result **result);
/* The second step checks what was read, with the same options. `written` is the C++ that ptoas made
 * of it, instead of the option of that name; NULL: there is none. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status
ptolower_check_end(ptolower_result *result, const ptolower_options *options, const char *written);

/* What ptoas has to be told of a module. */
typedef struct ptolower_form {
  const char *arch; /* as in ptoas --pto-arch: "a3"; NULL: the module could not be read */
  int level;        /* as in --pto-level: 2, ptoas places tiles; 3, they have addresses */
} ptolower_form;

/* Of what the first step read. */
PTOLOWER_EXPORT ptolower_form ptolower_check_form(ptolower_result *result);

/* Proves the flags in the C++ that ptoas made of the output of a run with `keep`, for the functions
 * that were rewritten, without reading them again; any number of times. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_prove_flags(ptolower_result *result,
                                                                       const char *written);
/* As JSON: a list with `name` and `flags` of each of these functions (docs/check.md); NULL before
 * they are proved. */
PTOLOWER_EXPORT const char *ptolower_result_flags(const ptolower_result *result);

/* A rule that ptolower_check judges by. */
typedef struct ptolower_rule {
  ptolower_severity severity; /* of its findings, without `werror` */
  int code;
  const char *name; /* small letters and dashes: "mixed-sum" */
  const char *text; /* what the rule asks for */
} ptolower_rule;

/* The rules, ascending by code; code 0 past the last. */
PTOLOWER_EXPORT ptolower_rule ptolower_check_rule(size_t index);

PTOLOWER_EXPORT void ptolower_result_destroy(ptolower_result *result);

/* The lowered text (.pto, or IR if the pipeline ends early), ended by a NUL; NULL without one.
 * `length`, which may be NULL, gets its bytes. */
PTOLOWER_EXPORT const char *ptolower_result_output(const ptolower_result *result, size_t *length);

/* The plans of all fused functions, as JSON; NULL without an output, or with `plan` 0. */
PTOLOWER_EXPORT const char *ptolower_result_plan(const ptolower_result *result);

/* As JSON: what a check found out about each function (docs/check.md), or what a run decided for
 * each kernel (docs/coverage.md); NULL of a text that could not be read, and of a run with `report`
 * 0. */
PTOLOWER_EXPORT const char *ptolower_result_report(const ptolower_result *result);

/* What `print-ir...` and `timing` collected, as text; NULL where not asked for. */
PTOLOWER_EXPORT const char *ptolower_result_ir(const ptolower_result *result);
PTOLOWER_EXPORT const char *ptolower_result_timing(const ptolower_result *result);

/* Past the last diagnostic: one whose text is empty. */
PTOLOWER_EXPORT size_t ptolower_result_diagnostic_count(const ptolower_result *result);
PTOLOWER_EXPORT ptolower_diagnostic ptolower_result_diagnostic(const ptolower_result *result,
                                                               size_t index);
/* Whether it is to be shown without being asked for: all are but remarks, and of a check some
 * remarks are as well. A note is if what it belongs to is. */
PTOLOWER_EXPORT int ptolower_result_diagnostic_is_shown(const ptolower_result *result,
                                                        size_t index);
/* The reason of a finding that the baseline lists. */
#define PTOLOWER_IN_BASELINE "it is in the baseline"
/* The reason for which the file or the baseline allows this finding of a check, which makes it a
 * remark (docs/check.md); NULL if neither does. */
PTOLOWER_EXPORT const char *ptolower_result_diagnostic_allowed(const ptolower_result *result,
                                                               size_t index);
/* The line of the source that a diagnostic is about, as it can be shown, and marks below it:
 * `^` at the place, `~` below the rest of that word and below the values that the text names. Both
 * are NULL where there is no place, or its line is of no text that was read. */
typedef struct ptolower_excerpt {
  const char *line;
  const char *marks;
} ptolower_excerpt;

/* Of at most `width` characters, 40 at least: of a longer line, the part around the place. */
PTOLOWER_EXPORT ptolower_excerpt ptolower_result_diagnostic_excerpt(const ptolower_result *result,
                                                                    size_t index, int width);
/* The diagnostic as a line, `file:line:col: severity: text [PTLnnn]\n`. */
PTOLOWER_EXPORT const char *ptolower_result_diagnostic_line(const ptolower_result *result,
                                                            size_t index);

#ifdef __cplusplus
}
#endif

#endif
