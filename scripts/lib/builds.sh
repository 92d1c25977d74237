# The builds that scripts/test makes, in build-test/NAME.
# shellcheck shell=bash disable=SC2034,SC2154

# One row each: name, compiler, ISAs, whether a warning is an error, what else meson is told. Of the ISAs
# (kernels/meson.build's flag table) those of the other processor family are left out. Sanitizers see single floats and
# the widest vectors (ThreadSanitizer knows nothing of accesses wider than 16 bytes), an emulator what only it can run;
# under --long all build all. Sanitizers make gcc warn of what cannot be, and at -O2 the linear layers alone take it
# minutes.
test_builds='
release   gcc      all                      werror  --buildtype=release
clang     clang    all                      werror  --buildtype=release
sanitize  gcc      scalar,widest            -       --buildtype=debugoptimized -Doptimization=1 -Dc_args=-g1 -Db_sanitize=address,undefined
threads   clang    scalar,widest            -       --buildtype=debugoptimized -Doptimization=1 -Dc_args=-g1 -Db_sanitize=thread -Db_lundef=false -Dharness=verify
neon      aarch64  neon                     werror  --buildtype=release -Dharness=verify --cross-file=scripts/cross/aarch64.ini
'

# isas_here LIST MACHINE: those that the processor family MACHINE has; `widest` is the one of widest vectors that runs here.
isas_here() {
  local isa kept=()
  for isa in ${1//,/ }; do
    if [[ $isa == widest ]]; then
      isa=scalar
      if grep -qw avx2 /proc/cpuinfo; then isa=avx2; fi
      if grep -qw avx512vl /proc/cpuinfo; then isa=avx512; fi
      if [[ $2 == aarch64 ]]; then isa=neon; fi
    fi
    case $isa:$2 in
      avx*:x86_64 | neon:aarch64 | scalar:*) [[ " ${kept[*]} " == *" $isa "* ]] || kept+=("$isa") ;;
    esac
  done
  (IFS=, && printf '%s\n' "${kept[*]}")
}

# test_build NAME: its row, in name, compiler, isas, warnings, options; the compiler as it is called.
test_build() {
  read -r name compiler isas warnings options < <(awk -v name="$1" '$1 == name' <<<"$test_builds")
  case $compiler in
    gcc) compiler=${CC:-gcc} ;;
    aarch64) compiler=aarch64-linux-gnu-gcc ;;
  esac
}

# build_for NAME: makes the build of that row, or brings it up to date.
build_for() {
  local name compiler isas warnings options machine
  test_build "$1"
  machine=$(uname -m)
  if [[ $compiler == aarch64-* ]]; then machine=aarch64; fi
  if [[ $compiler == clang ]]; then local -x CC=clang CXX=clang++; fi
  if [[ $isas == all || ${GRADMARK_LONG-} == 1 ]]; then isas=''; else isas=$(isas_here "$isas" "$machine"); fi
  if [[ $warnings == werror ]]; then options+=" -Dwerror=$(warnings_are_errors "$compiler")"; fi
  # shellcheck disable=SC2086 # options are words
  build "build-test/$name" $options "-Disas=$isas"
}

# warnings_of NAME: what its compiler warned of, counted, where a warning should be an error and is none.
warnings_of() {
  local name compiler isas warnings options
  test_build "$1"
  if [[ $warnings == werror ]]; then warnings_told "$compiler" "build-test/$1.said"; fi
}

# op_seconds NAME: what the kernels and the oracle of the op in the middle took to compile, by ninja's own log.
op_seconds() {
  awk -F '\t' '$4 ~ /^kernels\/libgradmark_(isa_[a-z0-9_]*|oracle)\.a\.p\/.*\.c\.o$/ { took[$4] = $2 - $1 }
    END {
      for (object in took) {
        op = object
        sub(/.*\//, "", op)
        sub(/^[a-z]*_/, "", op) # the folder
        sum[op] += took[object]
      }
      for (op in sum) print sum[op] / 1000
    }' "build-test/$1/.ninja_log" | sort -n | awk '{ op[NR] = $1 } END { print op[int((NR + 1) / 2)] }'
}
