# Build directories: configured once, reused, made anew when they were configured otherwise.
# shellcheck shell=bash disable=SC2034,SC2154

# Runs a command whose output matters only when it fails; it is kept in the file `kept`, if that is set.
quietly() {
  local log code=0
  log=${kept:-$(mktemp)}
  "$@" >"$log" 2>&1 || code=$?
  if ((code)); then
    say "failed: $*"
    tail -n "${GRADMARK_LOG_LINES:-60}" "$log" >&2
  fi
  [[ -n ${kept-} ]] || rm -f "$log"
  return "$code"
}

# configure DIRECTORY OPTION...: what it was configured with is kept in it; an unchanged one is left alone (ninja itself
# follows changes of the meson.build files).
configure() {
  local directory=$1 wanted
  shift
  wanted="$root $(meson --version) $("${CC:-cc}" --version | head -n 1) ${CC-} ${CXX-} ${CFLAGS-} ${LDFLAGS-} $*"
  [[ ! -f $directory/configured-with || $(<"$directory/configured-with") != "$wanted" ]] || return 0
  if [[ -d $directory/meson-private ]]; then rm -rf "$directory"; fi
  rm -f "$root/build-test/${directory##*/}.said"
  quietly meson setup "$directory" "$root" "$@" || return
  printf '%s\n' "$wanted" >"$directory/configured-with"
}

# `build_jobs`, where it is set, says how many compilers run at once.
# Two suites may want the same build at the same time: the second waits for the first. What the compilers said
# stays in build-test/NAME.said until it is configured anew.
build() (
  mkdir -p "$root/build-test"
  exec 9>"$root/build-test/${1##*/}.lock"
  flock 9
  local said=$root/build-test/${1##*/}.said code=0
  configure "$@" || return
  kept=$said.now quietly meson compile -C "$1" ${build_jobs:+-j "$build_jobs"} || code=$?
  cat "$said.now" >>"$said"
  return "$code"
)

build_release() { build "$root/build" --buildtype=release; }
