/* What a timeline ran, one instruction after the other, and what each of them waited for. */
#ifndef PTL_PLAN_RECORD_H
#define PTL_PLAN_RECORD_H

#include "plan/timeline.h"

/* Why an instruction did not begin as soon as its pipe had nothing to do. */
typedef enum ptl_wait {
  PTL_WAIT_NONE,    /* it did */
  PTL_WAIT_ISSUE,   /* the scalar unit had not come to it */
  PTL_WAIT_DATA,    /* what it reads was not written */
  PTL_WAIT_ROOM,    /* what it overwrites was not read or written to the end */
  PTL_WAIT_FLAG,    /* a flag that its pipe waits for was not set */
  PTL_WAIT_BARRIER, /* a barrier of all pipes stands before it */
} ptl_wait;

typedef struct ptl_instruction {
  ptl_pipe pipe;
  double free, ready, begin, end; /* as of a ptl_issued */
  ptl_wait wait;
  int waits_for; /* but for ISSUE: index of the instruction whose end it waited for; else -1 */
} ptl_instruction;

/* More are not kept. */
enum { PTL_RECORD_MOST = 100 * 1000 };

typedef struct ptl_record {
  ptl_arena *arena;
  ptl_instruction *items;
  int count, capacity;
  bool is_cut; /* there were more than PTL_RECORD_MOST */
  /* By cell, the instructions that wrote and read it last; -1: none has. */
  int *writers, *readers;
  int cell_count;
} ptl_record;

/* The record of all that the timeline appends from here on. */
ptl_record *ptl_record_of(ptl_arena *arena, ptl_timeline *timeline);

#endif
