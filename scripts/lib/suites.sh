# The suites of scripts/test. Each is a function suite_NAME, which reports with `passed`, `failed`, `skipped`, `check` and
# their like, and where it needs more than the build does, a function needs_NAME (lib/setup.sh). A suite that stops
# early counts as failed; the others still run.
# shellcheck shell=bash disable=SC2034,SC2154

# shellcheck source=scripts/lib/bundle.sh
. "$root/scripts/lib/bundle.sh"

# The longest first: they run side by side, and none should be left over at the end. tidy needs what clang builds.
suites=(sanitize clang reports python neon bundle threads release style tidy oldcpu isolation warnings)
if [[ ${GRADMARK_LONG-} == 1 ]]; then suites=(mutants "${suites[@]}"); fi

list_suites() {
  cat <<'END'
sanitize   gcc with AddressSanitizer and UndefinedBehaviorSanitizer, single floats and the widest vectors: all unit
           tests, gradmark verify, two trainings
python     pytest over tests/, without the reports
reports    pytest over tests/reports/: readers, statistics, pages in a real browser
clang      clang with the same warnings; what it built passes the kernels' unit tests and gradmark verify, and executes
           what is counted
neon       gradmark verify, cross-compiled for AArch64, under qemu-aarch64: the bits of the other ISAs, too
bundle     scripts/bundle: what it packs runs in roots that have nothing, and by ssh on machines that fail in all ways
tidy       clang-tidy over the C sources that have changed since tests/tidy_base
threads    threaded kernels, one op of each shape, under ThreadSanitizer, with LLVM's OpenMP and Archer
style      clang-format, ruff, mypy, shellcheck
release    what scripts/bench builds: all unit tests, and gradmark verify
oldcpu     the release build on an emulated processor without AVX, and on one without AVX-512
isolation  no object holds instructions of an ISA that it was not built for
warnings   gcc compiles everything with -Wall -Wextra -Wshadow -Wconversion; with CI's compilers they are errors

With --long: every ISA in every build; a bundle for AArch64, under qemu; every op under ThreadSanitizer and on the processor without AVX; clang-tidy over
all sources; a minute of each fuzzer; exp, log, tanh ... of every float; the statistics calibrated anew; and

mutants    tests/mutants.toml: each of these faults is put in, and must be caught by the suite that it names
END
}

# For suites that look at how work is shared and chosen: one op of each shape, and those with a second pass.
one_per_shape='adamw|grad_sumsq|clip_norm|quantize|softmax_xent|mse|linear_backward|adamw_list|clip_global_norm'

is_suite() { [[ " ${suites[*]} " == *" $1 "* ]]; }

ops=$(grep -c '^\(OP\|LIST\)(' "$root/kernels/ops.def")

# ---- how a suite reports ---------------------------------------------------------------------------------------------

passed() { printf 'passed\t%d\t%s\n' "${2:-1}" "$1" >>"$tally"; }
failed() { printf 'failed\t%d\t%s\n' "${2:-1}" "$1" >>"$tally"; }
# grows SECONDS: what of the suite is done once per op, and takes so long.
grows() { printf 'grows\t%s\n' "$1" >>"$tally"; }
# noted TEXT: to be told beside the counts, if there is a text.
noted() { if [[ -n $1 ]]; then printf 'noted\t%s\n' "$1" >>"$tally"; fi; }
skipped() { printf 'skipped\t%d\t%s\n' "${2:-1}" "$1" >>"$tally"; }

# check NAME COMMAND...: one test, judged by its exit code.
check() {
  local name=$1
  shift
  echo "== $name: $*"
  if "$@"; then passed "$name"; else failed "$name"; fi
}

# check_lines COMMAND...: a check that prints a line `fine NAME` or `BAD NAME: WHY` for each thing it looked at.
check_lines() {
  local output=$tally.lines line code=0
  "$@" >"$output" || code=$?
  cat "$output"
  while read -r line; do
    case $line in
      "fine "*) passed "${line#fine }" ;;
      "BAD "*) failed "${line#BAD }" ;;
    esac
  done <"$output"
  if ((code)) && ! grep -q '^BAD ' "$output"; then failed "$*: exit code $code"; fi
}

# check_junit FILE: every test in a JUnit file, as meson and pytest write it.
check_junit() { python3 "$root/scripts/lib/junit.py" "$@" >>"$tally"; }

# check_verify NAME COMMAND...: a run of `gradmark verify`, whose last line is `N passed, N failed`.
check_verify() {
  local name=$1 code=0 output last begin=$EPOCHREALTIME
  shift
  echo "== $name: $*"
  output=$tally.verify
  "$@" >"$output" 2>&1 || code=$?
  if [[ " $* " != *" --filter "* ]]; then
    grows "$(awk -v begin="$begin" -v end="$EPOCHREALTIME" -v ops="$ops" 'BEGIN { print (end - begin) / ops }')"
  fi
  grep -v '^qemu-x86_64: warning: TCG' "$output" || true
  last=$(tail -n 1 "$output")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]] && ((BASH_REMATCH[1] + BASH_REMATCH[2] > 0)); then
    if ((BASH_REMATCH[1])); then passed "$name" "${BASH_REMATCH[1]}"; fi
    if ((BASH_REMATCH[2])); then failed "$name: see its lines in the log" "${BASH_REMATCH[2]}"; fi
    if ((code && BASH_REMATCH[2] == 0)); then failed "$name: exit code $code though nothing failed"; fi
    if ((code == 0 && BASH_REMATCH[2])); then failed "$name: exit code 0 though something failed"; fi
  else
    failed "$name: exit code $code, and no counts in its last line"
  fi
}

# meson_tests DIRECTORY [OPTION...]: the unit tests of a build.
meson_tests() {
  local directory=$1
  shift
  rm -f "$directory/meson-logs/testlog.junit.xml"
  meson test -C "$directory" --no-rebuild --print-errorlogs "$@" || true # counted below
  check_junit "$directory/meson-logs/testlog.junit.xml"
}

# Whether this run is the long one.
long() { [[ ${GRADMARK_LONG-} == 1 ]]; }

# ---- builds and needs that suites share ------------------------------------------------------------------------------

# build_test NAME: a build of lib/builds.sh.
build_test() {
  build_for "$1"
  grows "$(op_seconds "$1")"
  noted "$(warnings_of "$1")"
}

# What every suite needs beside a build.
needs_tests() {
  need "libcmocka-dev" "runs the unit tests in C" library cmocka
  need "python3 python3-venv" "runs the checks that are written in Python" venv_possible
}

# LLVM's run-time libraries are packages of clang's own version on Debian.
needs_clang_and() {
  local package=$1 why=$2
  shift 2
  need "clang" "a second compiler, with its own sanitizers" clang --version
  has clang || return 0
  local version
  version=$(clang -dumpversion)
  need "${package/VERSION/${version%%.*}}" "$why" "$@"
}

# ---- the suites ------------------------------------------------------------------------------------------------------

suite_release() {
  if [[ -f $logs/release.built ]]; then cat "$logs/release.built"; fi
  grows "$(op_seconds release)" # built before the suites began
  meson_tests "$release"
  if long; then meson_tests "$release" --suite long; fi
  check_verify "gradmark verify" "$release/harness/gradmark" verify
  check_lines python3 tests/check_rows.py "$release"
}

needs_isolation() { need "binutils" "shows an object's instructions" objdump --version; }
suite_isolation() {
  if [[ $(uname -m) != x86_64 ]]; then
    skipped "isolation: only on x86-64 are there instructions that a baseline processor lacks"
    return
  fi
  check_lines python3 tests/check_isa_isolation.py "$release"
}

suite_warnings() {
  cat "$logs/warnings.built"
  check "gcc -Dwerror=$(warnings_are_errors "${CC:-gcc}")" test "$release" == build-test/release
  noted "$(warnings_of release)"
}

needs_clang() {
  needs_clang_and "libomp-VERSION-dev" "OpenMP for clang" links clang c -fopenmp
}
suite_clang() {
  build_test clang
  passed "clang -Dwerror=$(warnings_are_errors clang)"
  if long; then meson_tests build-test/clang; else meson_tests build-test/clang --suite kernels; fi
  check_verify "gradmark verify, built by clang" build-test/clang/harness/gradmark verify
  if [[ $(uname -m) == x86_64 ]]; then
    check_lines python3 tests/check_isa_isolation.py build-test/clang
    release=build-test/clang run_pytest tests/test_instructions.py tests/test_core_loops.py
  fi
}

suite_sanitize() {
  build_test sanitize
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1
  meson_tests build-test/sanitize --timeout-multiplier 5
  check_verify "gradmark verify, sanitized" build-test/sanitize/harness/gradmark verify
  check "gradmark train regression, sanitized" build-test/sanitize/harness/gradmark train regression
  check "gradmark train mnist-compress, sanitized" build-test/sanitize/harness/gradmark train mnist-compress \
    --hidden 16 --epochs 1 --validate 0.1
}

# ThreadSanitizer understands the barriers of LLVM's OpenMP through Archer, which comes with it; of gcc's it does not.
archer() {
  local library
  for library in "$(clang -print-file-name=libarcher.so)" /usr/lib/llvm-"$(clang -dumpversion | cut -d. -f1)"/lib/libarcher.so; do
    if [[ -f $library ]]; then
      echo "$library"
      return
    fi
  done
  return 1
}

needs_threads() {
  needs_clang_and "libomp-VERSION-dev" "OpenMP for clang, and Archer, which explains it to ThreadSanitizer" archer
  needs_clang_and "libclang-rt-VERSION-dev" "ThreadSanitizer" links clang c -fsanitize=thread
}
suite_threads() {
  build_test threads
  OMP_TOOL_LIBRARIES=$(archer)
  export OMP_TOOL_LIBRARIES OMP_NUM_THREADS=4
  export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:allocator_may_return_null=1
  meson_tests build-test/threads --timeout-multiplier 10 parallel
  local verify=(build-test/threads/harness/gradmark verify)
  long || verify+=(--filter "^($one_per_shape)/")
  check_verify "gradmark verify, with threads watched" "${verify[@]}"
}

needs_neon() {
  need "gcc-aarch64-linux-gnu libc6-dev-arm64-cross" "compiles for AArch64" links aarch64-linux-gnu-gcc c -fopenmp
  need "qemu-user" "runs what was compiled for other processors" qemu-aarch64 --version
}
suite_neon() {
  if [[ $(uname -m) == aarch64 ]]; then
    skipped "neon: this is an AArch64 machine, the release build has proved NEON natively"
    return
  fi
  build_test neon
  check_verify "gradmark verify on AArch64 (qemu)" qemu-aarch64 -L /usr/aarch64-linux-gnu \
    build-test/neon/harness/gradmark verify --seed 1
  if grep -qw fma /proc/cpuinfo; then
    check "NEON gives the bits of this processor's fused ISAs" same_bits \
      "$tally.verify" <("$release/harness/gradmark" verify --seed 1 --isa autovec)
  else
    skipped "NEON's bits beside this processor's: it has no fused multiply-add"
  fi
}

# same_bits A B: two reports of `gradmark verify`, of the same seed, say the same bits of every op that both prove.
same_bits() {
  awk '$2 != "passed" { next }
    { split($1, name, "/"); if (name[3] ~ /_fast$/ || name[3] == "scalar") next }
    { op = name[1] "/" name[2] }
    FNR == NR { bits[op] = $NF; next }
    op in bits { both++; if (bits[op] != $NF) { print $1, $NF, bits[op]; other++ } }
    END { print both + 0 " ops compared"; exit other || !both }' "$1" "$2"
}

needs_oldcpu() { need "qemu-user" "emulates older processors" qemu-x86_64 --version; }
suite_oldcpu() {
  if [[ $(uname -m) != x86_64 ]]; then
    skipped "oldcpu: only x86-64 has processors that lack what the build holds"
    return
  fi
  local gradmark=$release/harness/gradmark some=()
  long || some=(--filter "^($one_per_shape)/")
  check "gradmark list on Nehalem (qemu)" qemu-x86_64 -cpu Nehalem "$gradmark" list
  check_verify "gradmark verify on Nehalem (qemu)" qemu-x86_64 -cpu Nehalem "$gradmark" verify "${some[@]}"
  check "gradmark list on Haswell (qemu)" qemu-x86_64 -cpu Haswell "$gradmark" list
  # Debian 12's qemu accesses whole vectors for parts of them: what uses AVX2 is then said not to be provable there.
  check_verify "gradmark verify on Haswell (qemu)" qemu-x86_64 -cpu Haswell "$gradmark" verify --filter '^grad_sumsq/'
}

# run_pytest OPTION...: with the release build as what is tested.
run_pytest() {
  local junit=$tally.xml
  rm -f "$junit"
  export GRADMARK_PROGRAM=$release/harness/gradmark GRADMARK_LIBRARY=$release/kernels/libgradmark.so
  export GRADMARK_BROKEN=$release/tests/broken/libbroken.so GRADMARK_ENDS=$release/tests/broken/libends.so
  export GRADMARK_SLOW=$release/tests/slow/libslow.so
  export GRADMARK_EXECUTED=$release/tests/harness/executed GRADMARK_NPY_SAMPLE=$release/tests/harness/npy_sample
  .venv/bin/python -m pytest -c tests/pyproject.toml --rootdir . --junit-xml "$junit" "$@" || true # counted below
  check_junit "$junit"
}

suite_python() { run_pytest --ignore tests/reports --ignore tests/test_bundle.py tests; }

needs_bundle() {
  needs_packing
  needs_ssh
  need "openssh-server" "is another machine that is here" test -x /usr/sbin/sshd
  if long; then
    needs_cross
    need "qemu-user" "runs what was compiled for other processors" qemu-aarch64 --version
  fi
}
suite_bundle() {
  if [[ $(uname -m) != x86_64 ]]; then
    skipped "bundle: it is tried on x86-64, and for AArch64 under qemu from there"
    return
  fi
  local there=$root/build-test/bundles name of packages
  rm -rf "$there"
  mkdir -p "$there" "$root/build-bundle/roots"
  export GRADMARK_BUNDLES=$there GRADMARK_BUNDLE_BUILD=$root/$release
  bundle_make x86_64 "$there/x86_64.tar.xz"
  if long; then (unset GRADMARK_BUNDLE_BUILD && bundle_make aarch64 "$there/aarch64.tar.xz"); fi
  while read -r name of packages; do
    # shellcheck disable=SC2086 # packages are words
    debian_root "$root/build-bundle/roots/$name" "$of" amd64 $packages ||
      skipped "bundle in a root of $of: its packages are not to be had here"
  done <<'END'
busybox bookworm busybox-static
older bullseye base-files dash coreutils tar xz-utils
newer trixie base-files dash coreutils tar xz-utils
END
  ln -s "$root/build-bundle/roots" "$there/roots"
  run_pytest tests/test_bundle.py
}

needs_reports() {
  needs_report
  needs_drawing
  need "chromium" "opens the pages as a reader would" has_one_of chromium chromium-browser google-chrome
  need "chromium-driver" "steers the browser in the tests" has chromedriver
  need "git" "makes the revisions that scripts/compare is tried on" git --version
}
suite_reports() { run_pytest tests/reports; }

has_one_of() {
  local name
  for name in "$@"; do
    if has "$name"; then return; fi
  done
  return 1
}

# sources PATTERN...: the repository's own files of these names.
sources() {
  local pattern names=()
  for pattern in "$@"; do names+=(-o -name "$pattern"); done
  find . \( -path './build*' -o -path ./.venv -o -path ./.git -o -path ./subprojects \) -prune -o \
    -type f \( "${names[@]:1}" \) -print | sort
}

needs_style() { need "shellcheck" "checks the scripts" shellcheck --version; }
suite_style() {
  local c_files python_files
  mapfile -t c_files < <(sources '*.c' '*.h' '*.cc')
  mapfile -t python_files < <(sources '*.py')
  check "clang-format" .venv/bin/clang-format --dry-run -Werror "${c_files[@]}"
  check "ruff format" .venv/bin/ruff format --config tests/pyproject.toml --check "${python_files[@]}"
  check "ruff check" .venv/bin/ruff check --config tests/pyproject.toml "${python_files[@]}"
  check "mypy" .venv/bin/mypy --config-file tests/pyproject.toml reports/gradmark_report tests/reports
  check "shellcheck" shellcheck -x scripts/bench scripts/compare scripts/limits scripts/test scripts/fresh-root scripts/bundle scripts/ci/check .ci/run scripts/lib/*.sh scripts/lib/bundle/start
}

needs_tidy() {
  needs_clang
  need "clang-tidy" "looks for mistakes in C" clang-tidy --version
}
suite_tidy() {
  build_for clang # for its list of commands, and for what each source includes
  local how=()
  long || how+=(--since tests/tidy_base)
  if [[ $(warnings_are_errors clang-tidy) == false ]]; then how+=(--only-tell); fi
  check_lines python3 scripts/lib/tidy.py build-test/clang "${how[@]}"
  noted "$(warnings_told clang-tidy "$logs/tidy.log")"
}

suite_mutants() { check_lines python3 tests/mutants.py; }
