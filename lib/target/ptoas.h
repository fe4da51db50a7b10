/* What is known of the versions of ptoas, which compiles what is written here.
 *
 * One row for each version that changed something that matters to a plan or a check (ptoas.c), and
 * one for each fault of its automatic synchronisation (--enable-insert-sync) that a check warns of.
 * A target has the ptoas that is written for: the strictest of all versions, or one that is named.
 */
#ifndef PTL_TARGET_PTOAS_H
#define PTL_TARGET_PTOAS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/codes.h"
#include "target/space.h"

/* 0.60 is {0, 60}. */
typedef struct ptl_version {
  int major, minor;
} ptl_version;

typedef enum ptl_ptoas_ties {
  PTL_TIES_BASES,  /* tiles share memory if they begin at one address */
  PTL_TIES_RANGES, /* if their bytes overlap */
} ptl_ptoas_ties;

typedef struct ptl_ptoas {
  ptl_version version;                      /* {0, 0}: the strictest of all */
  int64_t event_ids_per_carried_pair;       /* that one loop-carried dependence takes */
  int64_t alignment_bytes[PTL_SPACE_COUNT]; /* that it asks of a tile's address; 0: none */
  ptl_ptoas_ties ties;
  bool aligns_slots; /* the slots of a multi tile begin at multiples of the space's alignment */
} ptl_ptoas;

/* Whatever a version asks for. */
extern const ptl_ptoas PTL_PTOAS_STRICTEST;

/* A version as text: "0.60", with or without further numbers after it. False if it is none. */
bool ptl_version_parse(const char *text, ptl_version *out);

/* What is known of a version: the row of the newest one that is no newer. */
ptl_ptoas ptl_ptoas_of(ptl_version version);

/* Faults of ptoas' synchronisation. */
typedef enum ptl_ptoas_fault {
  PTL_PTOAS_MISSES_OVERLAPS,    /* it does not tie tiles that overlap in part */
  PTL_PTOAS_MISSES_SLOTS,       /* it ties slots that are filled for a later iteration wrongly */
  PTL_PTOAS_MISSES_SECOND_SLOT, /* of two slots that an iteration takes, it ties one */
  PTL_PTOAS_MISTAKES_TCI,       /* a tci with scratch: it lets others wait for another pipe */
  PTL_PTOAS_FAULT_COUNT,
} ptl_ptoas_fault;

typedef struct ptl_ptoas_fault_row {
  ptl_code code;       /* of the warning */
  const char *reports; /* where it was reported, for messages: "PTOAS issues 1, 2" */
  const char *last;    /* the last version in which it was seen, for messages */
  ptl_version mended;  /* the first without it */
} ptl_ptoas_fault_row;

const ptl_ptoas_fault_row *ptl_ptoas_fault_of(ptl_ptoas_fault fault);

/* Whether a version has a fault; the strictest has all. */
bool ptl_ptoas_has(const ptl_ptoas *ptoas, ptl_ptoas_fault fault);

#endif
