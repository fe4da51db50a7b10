/* `ptolower check`: what is found in all files, in one document. */
#ifndef PTOLOWER_CHECK_H
#define PTOLOWER_CHECK_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "common/files.h"
#include "options/options.h"
#include "time/time.h"

/* The command. */
ptolower_status check_main(int argc, char **argv);

/* Checks the files of a certificate again, and says of each whether the same is found. */
ptolower_status check_verify(const cli_options *options);

/* Adds what runs when in the kernels of a file, as they are. False: memory is out, which has been
 * reported. */
bool check_add_times(time_table *times, const ptolower_options *library, const char *file,
                     const file_text *input);

/* A file that was checked. */
typedef struct checked_file {
  const char *name;
  const ptolower_result *result; /* NULL: it could not be read */
  const cJSON *report;           /* of the library; NULL: there are no functions to tell of */
  bool remarks;                  /* are wanted */
} checked_file;

/* What a proof may assume. */
enum { CHECK_SIGN, CHECK_ALIASING, CHECK_BOUND, CHECK_ASSUMPTIONS };

/* Functions by verdict, and files, over all files. */
typedef struct check_totals {
  int functions, proved, with_findings, not_followed, without_tiles, allowed;
  int unread_files, empty_files;
  int allowed_findings;
  int assuming[CHECK_ASSUMPTIONS]; /* proved functions that assume it, by kind */
} check_totals;

/* One of its diagnostics with the notes after it. */
typedef struct check_finding {
  ptolower_diagnostic head;
  size_t first_note, note_count; /* indices of diagnostics */
  const char *function;          /* NULL: none is known */
  const char *allowed;           /* why the file allows it; NULL: it does not */
} check_finding;

/* Takes the next finding from `*next` on, be it an allowed one; false if there is none. */
bool check_next_finding(const checked_file *file, size_t *next, check_finding *out);

/* Of a finding that is allowed: as if it were not. */
ptolower_severity check_severity(const check_finding *finding);

/* Text, to be read by people. */
void text_add_file(FILE *out, const checked_file *file, bool summary);
void text_add_totals(FILE *out, const check_totals *totals);

/* A JSON document of our own (docs/check.md). */
cJSON *json_create(void);
void json_add_file(cJSON *document, const checked_file *file);
void json_add_finding(cJSON *findings, const checked_file *file, const check_finding *finding);
void json_add_totals(cJSON *document, const check_totals *totals);

/* The findings as a baseline (docs/check.md). */
cJSON *baseline_create(void);
void baseline_add_file(cJSON *document, const checked_file *file);

/* What was proved of which bytes. */
cJSON *certificate_create(const cli_options *options);
void certificate_add_file(cJSON *document, const checked_file *file, const file_text *input);
/* NULL: it is none, which has been reported. */
cJSON *certificate_parse(const char *path, const char *text);
/* Prints whether the file is what an entry of a certificate says, and gives that. */
bool certificate_confirms(FILE *out, const cJSON *entry, const checked_file *file,
                          const file_text *input);

/* SARIF 2.1.0. */
cJSON *sarif_create(void);
void sarif_add_file(cJSON *document, const checked_file *file);

#endif
