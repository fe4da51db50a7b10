/* Checks that run at the same time, in threads. */
#ifndef PTOLOWER_CHECK_POOL_H
#define PTOLOWER_CHECK_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include <ptolower/ptolower.h>

#include "common/files.h"

/* A file to check, and what came of it. */
typedef struct check_job {
  const char *name;
  file_text input;           /* owned; no data: it could not be read */
  ptolower_options *options; /* owned */
  ptolower_result *result;   /* owned; before the job is done: of the first step of its check */
  file_text written;         /* owned: what ptoas made of the input, if the check is in two steps */
  ptolower_status status;
  bool is_done;
} check_job;

void check_job_free(check_job *job);

typedef struct check_pool check_pool;

/* With so many threads; with one, a job is done where it is added. NULL: there is no memory, or no
 * thread can be started. */
check_pool *check_pool_create(size_t threads);
/* Waits for the jobs that have begun; others are not begun. */
void check_pool_destroy(check_pool *pool);

/* The job stays where it is until it is done. At most `check_pool_room` jobs may be added that
 * nobody has waited for. */
void check_pool_add(check_pool *pool, check_job *job);
void check_pool_wait(check_pool *pool, check_job *job);
size_t check_pool_room(const check_pool *pool);

#endif
