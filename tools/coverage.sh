#!/bin/sh
# coverage.sh PTOLOWER CORPUS SAMPLES: writes the tables of docs/coverage.md anew, which are all that
# follows its line of that name. CORPUS holds folders of kernels, SAMPLES is test/samples of PTOAS.
set -eu
page=$(dirname "$0")/../docs/coverage.md
tables='<!-- Made by tools/coverage.sh. -->'
models() {
  for folder in "$1"/Deepseek* "$1"/Qwen*; do
    [ -d "$folder" ] && printf '%s\n' "$folder"
  done
}
{
  sed "\|^$tables\$|q" "$page"
  printf '\n## The corpus\n\nKernels that pypto wrote for models, by folder; `level2_refused` and `not_followed` were'
  printf ' picked because a tool failed on them.\n\n'
  "$1" reach --format=markdown "$2"/*/
  printf '\n## The models among the samples of PTOAS 0.60\n\n'
  models "$3" | xargs "$1" reach --format=markdown
} > "$page.new"
mv "$page.new" "$page"
