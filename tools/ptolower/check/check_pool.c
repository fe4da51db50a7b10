/* Threads that take jobs from a ring in the order in which they were added. */
#include "check/check_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/synchronise.h"

enum { JOBS_A_THREAD = 4 };

struct check_pool {
  pthread_mutex_t lock;
  pthread_cond_t is_added, is_done;
  pthread_t *threads;
  size_t thread_count;
  check_job **ring;
  size_t room, added, begun; /* jobs since the begin */
  bool is_closed;
};

void check_job_free(check_job *job) {
  file_text_free(&job->input);
  file_text_free(&job->written);
  ptolower_options_destroy(job->options);
  ptolower_result_destroy(job->result);
  *job = (check_job){.name = NULL};
}

static void run(check_job *job) {
  job->status =
      job->result ? synchronise_end(job->result, job->options, &job->written)
                  : ptolower_check(job->options, job->input.data, job->input.length, &job->result);
}

/* The next job; NULL: there is none any more. The lock is held. */
static check_job *take(check_pool *pool) {
  while (!pool->is_closed && pool->begun == pool->added) {
    pthread_cond_wait(&pool->is_added, &pool->lock);
  }
  return pool->is_closed ? NULL : pool->ring[pool->begun++ % pool->room];
}

static void *work(void *data) {
  check_pool *pool = data;
  pthread_mutex_lock(&pool->lock);
  for (check_job *job; (job = take(pool));) {
    pthread_mutex_unlock(&pool->lock);
    run(job);
    pthread_mutex_lock(&pool->lock);
    job->is_done = true;
    pthread_cond_broadcast(&pool->is_done);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

check_pool *check_pool_create(size_t threads) {
  check_pool *pool = calloc(1, sizeof(*pool));
  size_t started = threads > 1 ? threads : 0;
  if (!pool) {
    return NULL;
  }
  pool->room = threads * JOBS_A_THREAD;
  pool->ring = calloc(pool->room, sizeof(*pool->ring));
  pool->threads = calloc(threads, sizeof(*pool->threads));
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->is_added, NULL);
  pthread_cond_init(&pool->is_done, NULL);
  bool ok = pool->ring && pool->threads;
  while (ok && pool->thread_count < started) {
    ok = pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) == 0;
    pool->thread_count += ok;
  }
  if (!ok) {
    check_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void check_pool_destroy(check_pool *pool) {
  if (!pool) {
    return;
  }
  pthread_mutex_lock(&pool->lock);
  pool->is_closed = true;
  pthread_cond_broadcast(&pool->is_added);
  pthread_mutex_unlock(&pool->lock);
  for (size_t i = 0; i < pool->thread_count; i++) {
    pthread_join(pool->threads[i], NULL);
  }
  pthread_cond_destroy(&pool->is_done);
  pthread_cond_destroy(&pool->is_added);
  pthread_mutex_destroy(&pool->lock);
  free(pool->threads);
  free(pool->ring);
  free(pool);
}

size_t check_pool_room(const check_pool *pool) { return pool->room; }

void check_pool_add(check_pool *pool, check_job *job) {
  if (pool->thread_count == 0) {
    run(job);
    job->is_done = true;
    return;
  }
  pthread_mutex_lock(&pool->lock);
  pool->ring[pool->added++ % pool->room] = job;
  pthread_cond_signal(&pool->is_added);
  pthread_mutex_unlock(&pool->lock);
}

void check_pool_wait(check_pool *pool, check_job *job) {
  pthread_mutex_lock(&pool->lock);
  while (!job->is_done) {
    pthread_cond_wait(&pool->is_done, &pool->lock);
  }
  pthread_mutex_unlock(&pool->lock);
}
