/* Reading JSON that a user wrote: what is wrong is told with its place. */
#ifndef PTOLOWER_JSON_READ_H
#define PTOLOWER_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* The document of a file; NULL: it cannot be read, is not JSON, or names a field of an object
 * twice, which has been reported. */
cJSON *json_read(const char *path);

/* The first field of the object that is none of `known`; NULL: there is none. */
const char *json_unknown_field(const cJSON *object, const char *const *known, size_t count);

#endif
