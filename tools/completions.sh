#!/bin/sh
# completions.sh PTOLOWER DIR: writes DIR/ptolower for bash and DIR/_ptolower for zsh, from what ptolower
# and its commands say to --help.
set -eu
ptolower=$1
out=$2
mkdir -p "$out"

# The words of --help that are options; of a command, or of lowering if there is none.
options_of() {
  "$ptolower" "$@" --help | grep -o -E -e '(^|[ ,])--?[A-Za-z][A-Za-z-]*=?' | tr -d ' ,' | sort -u | tr '\n' ' '
}

commands=$("$ptolower" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | grep -v -x -e ptolower -e help | sort -u | tr '\n' ' ')

cases() {
  for command in $commands; do
    printf '    %s) options="%s" ;;\n' "$command" "$(options_of "$command")"
  done
  printf '    help) options="%s" ;;\n' "$commands"
  printf '    *) options="%s" ;;\n' "$(options_of)"
}

cat > "$out/ptolower" <<BASH
# bash completion of ptolower
_ptolower() {
  local word=\${COMP_WORDS[COMP_CWORD]} options
  case "\${COMP_WORDS[1]}" in
$(cases)
  esac
  if [ "\$COMP_CWORD" -eq 1 ]; then
    options="\$options $commands help"
  fi
  COMPREPLY=(\$(compgen -W "\$options" -- "\$word"))
  case "\${COMPREPLY[0]-}" in
    *=) compopt -o nospace ;;
  esac
}
complete -o default -F _ptolower ptolower
BASH

cat > "$out/_ptolower" <<ZSH
#compdef ptolower
# zsh completion of ptolower
if compset -P '--*='; then
  _files
  return
fi
local options
case "\$words[2]" in
$(cases)
esac
(( CURRENT == 2 )) && compadd -- $commands help
compadd -S '' -- \${(M)\${=options}:#*=}
compadd -- \${\${=options}:#*=}
[[ "\$words[2]" == help ]] || _files
ZSH
