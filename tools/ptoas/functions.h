/* Where the functions stand in a module's text. */
#ifndef DROPIN_FUNCTIONS_H
#define DROPIN_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* From the line of its `func.func` to the next one's, or to the end of the text. Words in comments
 * and strings are none. */
typedef struct function_text {
  const char *name; /* in the text; without @ and quotes */
  size_t name_length;
  const char *begin, *end;
  int first_line, last_line;
} function_text;

typedef struct function_list {
  function_text *items;
  size_t count, capacity;
} function_list;

/* False: memory is out. To be freed with functions_free. */
bool functions_find(const char *text, size_t length, function_list *out);
void functions_free(function_list *list);

bool function_is(const function_text *function, const char *name);

/* Whether their texts are the same. */
bool function_is_same(const function_text *a, const function_text *b);

/* Whether both texts hold the same functions, by name, in the same order. */
bool functions_match(const function_list *a, const function_list *b);

#endif
