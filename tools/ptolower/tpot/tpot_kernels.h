/* What rewriting the kernels of a folder means per token: for each kernel of a layer the waves of
 * its tasks over the cores, before and after. */
#ifndef PTOLOWER_TPOT_KERNELS_H
#define PTOLOWER_TPOT_KERNELS_H

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>

/* Times the kernels of the places, those that the model names, and prints what a step takes. `path`
 * is the model's. */
ptolower_status tpot_kernels(const char *path, const cJSON *model, const char *kernels,
                             const char *format);

#endif
