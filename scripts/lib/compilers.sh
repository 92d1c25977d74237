# With CI's compilers, those of Debian 12 and 13, a warning is an error. Another version may know warnings that nobody
# has seen here yet: they are counted and told, and fail nothing.
# shellcheck shell=bash

compilers_of_ci=("gcc 12" "gcc 14" "clang 14" "clang 19")

# compiler_version COMMAND: `gcc 14.2` or `clang 19.1`, whatever the command is called; nothing where it is neither. A
# clang-tidy is the clang that it was built with.
compiler_version() {
  if [[ ${1##*/} == clang-tidy* ]]; then
    "$1" --version | sed -n 's/.*version \([0-9]*\.[0-9]*\).*/clang \1/p'
  else
    printf '%s\n' '#ifdef __clang__' 'clang __clang_major__ __clang_minor__' '#elif defined __GNUC__' \
      'gcc __GNUC__ __GNUC_MINOR__' '#endif' | "$1" -E -P -x c - | sed -n 's/^\([a-z]*\) \([0-9]*\) /\1 \2./p'
  fi
}

# warnings_are_errors COMMAND...: prints `true` where all of these compilers are CI's, else `false`, as meson's -Dwerror
# takes it.
warnings_are_errors() {
  local command version
  for command in "$@"; do
    version=$(compiler_version "$command" 2>/dev/null) || true
    if [[ -z $version || " ${compilers_of_ci[*]/%/,}" != *" ${version%.*},"* ]]; then
      echo false
      return
    fi
  done
  echo true
}

# warnings_told COMMAND LOG: prints `gcc 15.1: 3 warnings (LOG)` where a compiler or clang-tidy gave any. A header's are
# given once for each file that includes it, and counted once.
warnings_told() {
  local count=0
  [[ ! -f $2 ]] || count=$({ grep -F ': warning: ' "$2" || true; } | sort -u | wc -l)
  ((count == 0)) || echo "$(compiler_version "$1"): $count warning$( ((count == 1)) || echo s) ($2)"
}
