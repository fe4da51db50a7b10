/* search_cost [PROBLEMS]: CPU milliseconds of searches for plans: of shapes of models, one by one,
 * and of so many random problems. Each search is run a few times, and the least time counts. The
 * digest is of all plans: builds that plan alike print the same. Run by hand (docs/bench.md). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/heap.h"
#include "plan/random_problem.h"

enum { RUNS = 3, LONG_MS = 20 };

typedef struct shape {
  const char *name;
  int64_t k, n;
  int rhs_count;
  ptl_elem elem;
  bool rhs_transposed;
} shape;

static const shape shapes[] = {
    {"A8W8 gate and up", 5120, 256, 2, PTL_ELEM_I8, false},
    {"A8W8 q", 5120, 256, 1, PTL_ELEM_I8, false},
    {"A8W8 down", 17408, 256, 2, PTL_ELEM_I8, false},
    {"14B gate, bf16", 1024, 1024, 1, PTL_ELEM_BF16, false},
    {"14B k, bf16", 5120, 128, 1, PTL_ELEM_BF16, false},
    {"32B gate, bf16", 5120, 512, 1, PTL_ELEM_BF16, false},
    {"experts' gate, i8", 4096, 1024, 1, PTL_ELEM_I8, true},
};

static double cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void add_to(uint64_t *digest, const void *data, size_t size) {
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) {
    *digest = (*digest ^ bytes[i]) * 1099511628211u;
  }
}

/* Milliseconds of a search. */
static double search_once(const ptl_target *target, const ptl_problem *problem, ptl_plan *plan) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_no_plan why;
  memset(plan, 0, sizeof(*plan));
  double begin = cpu_ms();
  if (ptl_plan_search(&arena, target, problem, NULL, plan, &why) != PTL_OK) {
    memset(plan, 0, sizeof(*plan));
  }
  double ms = cpu_ms() - begin;
  ptl_arena_free(&arena);
  return ms;
}

static double search_ms(const ptl_target *target, const ptl_problem *problem, uint64_t *digest) {
  ptl_plan plan;
  double least = search_once(target, problem, &plan);
  for (int i = 1; i < RUNS; i++) {
    double ms = search_once(target, problem, &plan);
    least = ms < least ? ms : least;
  }
  add_to(digest, &plan.tiling, sizeof(plan.tiling));
  add_to(digest, plan.cycles, sizeof(plan.cycles));
  return least;
}

static void time_shapes(uint64_t *digest) {
  const ptl_target *target = ptl_target_find("a2a3");
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
    const shape *s = &shapes[i];
    ptl_problem p = {.m = 16, .k = s->k, .rhs_count = s->rhs_count, .n_splittable = true};
    p.lhs = p.rhs = s->elem;
    p.acc = ptl_elem_accumulator(s->elem, s->elem);
    for (int rhs = 0; rhs < s->rhs_count; rhs++) {
      p.n[rhs] = s->n;
      p.rhs_transposed[rhs] = s->rhs_transposed;
    }
    printf("%-20s %8.2f ms\n", s->name, search_ms(target, &p, digest));
  }
}

static void time_random(int count, uint64_t *digest) {
  uint64_t seed = 2026;
  double sum = 0, most = 0;
  int longest = 0, over = 0;
  for (int i = 0; i < count; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 20000, 4096);
    double ms = search_ms(target, &p, digest);
    sum += ms;
    over += ms > LONG_MS;
    longest = ms > most ? i : longest;
    most = ms > most ? ms : most;
    ptl_arena_free(&arena);
  }
  printf("%d random problems   mean %.2f ms, %d above %d ms, longest %.2f ms (number %d)\n", count,
         sum / count, over, LONG_MS, most, longest);
}

int main(int argc, char **argv) {
  heap_prepare(); /* as the programs do */
  uint64_t digest = 14695981039346656037u;
  time_shapes(&digest);
  time_random(argc > 1 ? atoi(argv[1]) : 1000, &digest);
  printf("digest %016" PRIx64 "\n", digest);
  return 0;
}
