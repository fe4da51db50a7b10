/* The one status type of the library.
 *
 * Every function that can fail returns a ptl_status, which the caller must look
 * at. What went wrong is told through diagnostics (diag.h); the status only says
 * what kind of failure it is, and thereby the exit code of the command line.
 */
#ifndef PTL_SUPPORT_STATUS_H
#define PTL_SUPPORT_STATUS_H

#define PTL_MUST_USE __attribute__((warn_unused_result))

typedef enum ptl_status {
  PTL_OK = 0,
  PTL_REFUSED = 1,  /* the input is wrong, or asks for what cannot be done */
  PTL_USAGE = 2,    /* the caller's options are wrong */
  PTL_INTERNAL = 3, /* our bug: an invariant of the compiler does not hold */
} ptl_status;

#endif
