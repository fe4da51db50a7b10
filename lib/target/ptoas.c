/* The versions of ptoas. Sources: PTOAS at 0.27 (a56b18c3), 0.48 (28f256dd) and 0.60 (e32488c9),
 * and the history between them. A change counts from the version after that of the tree in which it
 * was merged, since a release of that version may be older. What is stricter counts from that
 * tree's version on. "Races" are those found in what a version made of schedules (docs/plan.md). */
#include "target/ptoas.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

/* lib/PTO/IR/PTO.cpp, getLocalAddressAlignmentBytes. */
#define CHECKED_ADDRESSES                                                                          \
  {                                                                                                \
    [PTL_SPACE_MAT] = 32, [PTL_SPACE_LEFT] = 512, [PTL_SPACE_RIGHT] = 512, [PTL_SPACE_ACC] = 512,  \
    [PTL_SPACE_BIAS] = 32, [PTL_SPACE_SCALING] = 32, [PTL_SPACE_VEC] = 32                          \
  }

const ptl_ptoas PTL_PTOAS_STRICTEST = {.event_ids_per_carried_pair = 2,
                                       .alignment_bytes = CHECKED_ADDRESSES,
                                       .ties = PTL_TIES_BASES,
                                       .aligns_slots = true};

/* Ascending. */
static const ptl_ptoas VERSIONS[] = {
    /* Two ids for a dependence: races from five tiles on. Tiles are those of one address:
     * lib/PTO/Transforms/InsertSync/MemoryDependentAnalyzer.cpp, MemAlias. */
    {.version = {0, 27}, .event_ids_per_carried_pair = 2, .ties = PTL_TIES_BASES},
    /* One id: no races up to eight tiles. */
    {.version = {0, 48}, .event_ids_per_carried_pair = 1, .ties = PTL_TIES_BASES},
    /* Constant addresses are checked: pull request 875, merged as 2a6e9b5a in the tree of 0.49. */
    {.version = {0, 49},
     .event_ids_per_carried_pair = 1,
     .alignment_bytes = CHECKED_ADDRESSES,
     .ties = PTL_TIES_BASES},
    /* Byte ranges across allocations: pull request 935, merged as 3510a525 in the tree of 0.51. */
    {.version = {0, 52},
     .event_ids_per_carried_pair = 1,
     .alignment_bytes = CHECKED_ADDRESSES,
     .ties = PTL_TIES_RANGES},
    /* Slots are aligned: lib/PTO/Transforms/PTOResolveBufferSelect.cpp, 7cceaf01 in the tree of
     * 0.55. */
    {.version = {0, 56},
     .event_ids_per_carried_pair = 1,
     .alignment_bytes = CHECKED_ADDRESSES,
     .ties = PTL_TIES_RANGES,
     .aligns_slots = true},
};
enum { VERSION_COUNT = sizeof(VERSIONS) / sizeof(VERSIONS[0]) };

static const ptl_ptoas_fault_row FAULTS[PTL_PTOAS_FAULT_COUNT] = {
    /* Seen in 0.27 and 0.48. Mended by pull request 935, as above. */
    [PTL_PTOAS_MISSES_OVERLAPS] = {PTL_CODE_PARTIAL_OVERLAP, "PTOAS issue 844", "0.48", {0, 52}},
    /* It sets the flag of every slot before the loop, as if each were free. A slot that is filled
     * before it is first read in the loop then has one flag too many: each wait is met by the flag
     * of the turn before. In 0.48 without addresses only. */
    [PTL_PTOAS_MISSES_SLOTS] = {PTL_CODE_LOOK_AHEAD_SLOT,
                                "PTOAS issues 1519, 1524",
                                "0.62",
                                {0, 63}},
    /* A flag of one slot counts for all slots of the multi tile, and is that of the first that an op
     * names. Mended by pull request 1132. In 0.48 without addresses only. */
    [PTL_PTOAS_MISSES_SECOND_SLOT] = {PTL_CODE_SECOND_SLOT, "PTOAS issue 1118", "0.55", {0, 56}},
    /* It takes a pto.tci for an op of the scalar pipe; pto-isa's a2a3/TCI.hpp with scratch ends on
     * the vector pipe. */
    [PTL_PTOAS_MISTAKES_TCI] = {PTL_CODE_WRONG_PIPE, "PTOAS issues 1499, 1532", "0.62", {0, 63}},
};

static bool is_older(ptl_version a, ptl_version b) {
  return a.major != b.major ? a.major < b.major : a.minor < b.minor;
}

/* The number at `*at`, which is moved past it; -1 if there is none that a version has. */
static int read_number(const char **at) {
  if (!isdigit((unsigned char)**at)) {
    return -1;
  }
  char *end;
  long value = strtol(*at, &end, 10);
  *at = end;
  return value > 9999 ? -1 : (int)value;
}

bool ptl_version_parse(const char *text, ptl_version *out) {
  const char *at = text;
  out->major = read_number(&at);
  if (out->major < 0 || *at != '.') {
    return false;
  }
  at++;
  out->minor = read_number(&at);
  bool ok = out->minor >= 0;
  while (ok && *at == '.') {
    at++;
    ok = read_number(&at) >= 0;
  }
  return ok && !*at && (out->major > 0 || out->minor > 0);
}

ptl_ptoas ptl_ptoas_of(ptl_version version) {
  int row = 0;
  while (row + 1 < VERSION_COUNT && !is_older(version, VERSIONS[row + 1].version)) {
    row++;
  }
  ptl_ptoas ptoas = VERSIONS[row];
  ptoas.version = version;
  return ptoas;
}

const ptl_ptoas_fault_row *ptl_ptoas_fault_of(ptl_ptoas_fault fault) { return &FAULTS[fault]; }

bool ptl_ptoas_has(const ptl_ptoas *ptoas, ptl_ptoas_fault fault) {
  bool is_named = ptoas->version.major > 0 || ptoas->version.minor > 0;
  return !is_named || is_older(ptoas->version, FAULTS[fault].mended);
}
