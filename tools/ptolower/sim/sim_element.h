/* Elements of tensors. Their types are named as in kernels: i8, f16, bf16. */
#ifndef PTOLOWER_SIM_ELEMENT_H
#define PTOLOWER_SIM_ELEMENT_H

#include <stddef.h>

size_t element_bytes(const char *type);

double element_number(const char *type, const void *at);

void element_print(char *out, size_t room, const char *type, const void *at);

#endif
