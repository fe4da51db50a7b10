/* Lowers a file with libptolower, validated, and says how long the result is. */
#include <stdio.h>

#include <ptolower/ptolower.h>

static char text[1 << 20];

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) {
    return 2;
  }
  size_t length = fread(text, 1, sizeof(text), file);
  fclose(file);

  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_options_set(options, "validate", "1");
  if (status == PTOLOWER_OK) {
    status = ptolower_run(options, text, length, &result);
  }
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    fputs(ptolower_result_diagnostic_line(result, i), stderr);
  }
  if (status == PTOLOWER_OK && ptolower_result_output(result, &length)) {
    printf("ptolower %s lowered it to %zu bytes\n", ptolower_version(), length);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return (int)status;
}
