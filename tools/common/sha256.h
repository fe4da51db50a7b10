/* The hash by which a certificate knows a file. */
#ifndef PTOLOWER_SHA256_H
#define PTOLOWER_SHA256_H

#include <stddef.h>

enum { SHA256_TEXT = 65 }; /* 64 digits and a NUL */

/* SHA-256 (FIPS 180-4) in hexadecimal. */
void sha256_text(const char *data, size_t length, char out[SHA256_TEXT]);

#endif
