/* Says whether a name is one in both C++ and Python, and no reserved word of either. */
#include "pypto_kernel/pypto_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pypto_kernel/pypto_kernel.h"

/* Keywords of Python and C++, and words that the generated files use; sorted. */
static const char *const reserved[] = {"False",
                                       "N_TILE",
                                       "None",
                                       "SLOTS",
                                       "TASKS",
                                       "True",
                                       "alignas",
                                       "alignof",
                                       "and",
                                       "and_eq",
                                       "args",
                                       "as",
                                       "asm",
                                       "assert",
                                       "async",
                                       "auto",
                                       "await",
                                       "bitand",
                                       "bitor",
                                       "bool",
                                       "break",
                                       "case",
                                       "catch",
                                       "char",
                                       "char16_t",
                                       "char32_t",
                                       "char8_t",
                                       "class",
                                       "co_await",
                                       "co_return",
                                       "co_yield",
                                       "compl",
                                       "concept",
                                       "const",
                                       "const_cast",
                                       "consteval",
                                       "constexpr",
                                       "constinit",
                                       "continue",
                                       "decltype",
                                       "def",
                                       "default",
                                       "del",
                                       "delete",
                                       "do",
                                       "double",
                                       "dynamic_cast",
                                       "elif",
                                       "else",
                                       "enum",
                                       "except",
                                       "explicit",
                                       "export",
                                       "extern",
                                       "false",
                                       "finally",
                                       "float",
                                       "for",
                                       "friend",
                                       "from",
                                       "global",
                                       "goto",
                                       "half",
                                       "if",
                                       "import",
                                       "in",
                                       "inline",
                                       "int",
                                       "is",
                                       "kernel_entry",
                                       "lambda",
                                       "long",
                                       "main",
                                       "mutable",
                                       "namespace",
                                       "new",
                                       "noexcept",
                                       "nonlocal",
                                       "not",
                                       "not_eq",
                                       "nullptr",
                                       "operator",
                                       "or",
                                       "or_eq",
                                       "pass",
                                       "pl",
                                       "private",
                                       "protected",
                                       "pto",
                                       "public",
                                       "pypto",
                                       "raise",
                                       "register",
                                       "reinterpret_cast",
                                       "requires",
                                       "return",
                                       "short",
                                       "signed",
                                       "sizeof",
                                       "static",
                                       "static_assert",
                                       "static_cast",
                                       "std",
                                       "struct",
                                       "switch",
                                       "template",
                                       "this",
                                       "thread_local",
                                       "throw",
                                       "true",
                                       "try",
                                       "typedef",
                                       "typeid",
                                       "typename",
                                       "union",
                                       "unsigned",
                                       "using",
                                       "vector_lane",
                                       "virtual",
                                       "void",
                                       "volatile",
                                       "wchar_t",
                                       "while",
                                       "with",
                                       "xor",
                                       "xor_eq",
                                       "yield"};

static int compare(const void *name, const void *word) {
  return strcmp(name, *(const char *const *)word);
}

bool pypto_is_reserved(const char *name) {
  size_t count = sizeof(reserved) / sizeof(reserved[0]);
  return strncmp(name, "__", 2) == 0 ||
         bsearch(name, reserved, count, sizeof(reserved[0]), compare) != NULL;
}

const char *pypto_name_fault(const char *name) {
  size_t length = strlen(name);
  bool ok = length > 0 && !isdigit((unsigned char)*name);
  for (size_t i = 0; ok && i < length; i++) {
    ok = isalnum((unsigned char)name[i]) || name[i] == '_';
  }
  if (!ok) {
    return "a name is made of letters, digits and _, and does not begin with a digit";
  }
  if (length >= PYPTO_NAME - 2) {
    return "it is longer than 61 characters";
  }
  return pypto_is_reserved(name) ? "Python, C++ or the files that are written use this word" : NULL;
}
