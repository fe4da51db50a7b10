/* The standard streams, which the caller may have closed. */
#ifndef PTOLOWER_STREAMS_H
#define PTOLOWER_STREAMS_H

/* A file must not get the number of a standard stream that the caller closed: opens
 * those on /dev/null, so that they fail where they are used. */
void guard_standard_streams(void);

#endif
