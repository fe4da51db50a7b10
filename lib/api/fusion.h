/* Parts of ptolower_fuse. */
#ifndef PTL_API_FUSION_H
#define PTL_API_FUSION_H

#include "api/api.h"
#include "ptolower/fuse.h"

/* A function that becomes part of another. */
typedef struct ptl_fusion_part {
  const char *file, *name;
  const char *label;      /* FILE#FUNCTION */
  MlirOperation func;     /* in the session's module, until the passes run */
  MlirOperation original; /* a copy */
  MlirAttribute names;    /* of its arguments */
} ptl_fusion_part;

typedef struct ptl_fusion {
  ptolower_result *result;
  ptl_session *session;
  ptl_fusion_part *parts;
  int count, capacity;
} ptl_fusion;

/* Reads the kernels into the session's module, which holds nothing else then. */
PTL_MUST_USE ptl_status ptl_fusion_read(ptl_fusion *f, const ptolower_options *options,
                                        const ptolower_kernel *kernels, size_t count);

/* Gives the functions what the user named as one: lines FILE#FUNCTION:ARGUMENT=..., or NULL. */
PTL_MUST_USE ptl_status ptl_fusion_name_same(ptl_fusion *f, const char *same);

/* Lets the merged function say what the originals do, for ptl_prove_output, and gives the text of a
 * module in which they stand one after the other, in a function of the same name. */
PTL_MUST_USE ptl_status ptl_fusion_reference(ptl_fusion *f, MlirOperation merged, ptl_str *text);

/* Writes the manifest. */
void ptl_fusion_write_manifest(const ptl_fusion *f, MlirOperation merged);

/* The number that an argument of a part has in the merged function. */
int ptl_fusion_argument(MlirOperation merged, int part, int argument);

#endif
