/* Arrays in files: .npy (version 1, C order) and raw bytes. */
#ifndef PTOLOWER_SIM_NPY_H
#define PTOLOWER_SIM_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NPY_MAX_RANK = 8 };

/* An array; elements are little-endian. */
typedef struct npy_array {
  char type[8]; /* "i8", "ui8", "i16", "i32", "f16", "f32"; "b2": two bytes, bf16 as numpy has it */
  int64_t shape[NPY_MAX_RANK];
  int rank;
  const char *data; /* in `file` */
  size_t size;
  char *file; /* owned */
} npy_array;

/* Reads a .npy file. False: that has been reported. */
bool npy_read(const char *path, npy_array *out);
void npy_free(npy_array *array);

/* The bytes of such a file, to be freed; NULL if memory is out. */
char *npy_format(const char *type, const int64_t *shape, int rank, const void *data, size_t size,
                 size_t *length);

/* Whether an array's elements can be those of a tensor of this type. */
bool npy_fits(const char *array_type, const char *tensor_type);

#endif
