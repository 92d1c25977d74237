# Installs what is missing, after saying what and why. A need is stated as what must work, never as what must be
# installed, so that a compiler or a library from elsewhere counts too; a second run finds everything and is quick.
# shellcheck shell=bash disable=SC2034,SC2154

missing_packages=()
missing_reasons=()

# need PACKAGES WHY CHECK...: Debian's PACKAGES give what makes CHECK succeed.
need() {
  local packages=$1 why=$2
  shift 2
  [[ " ${missing_packages[*]-} " != *" $packages "* ]] || return 0
  "$@" >/dev/null 2>&1 && return
  missing_packages+=("$packages")
  missing_reasons+=("$packages: $why")
}

# links COMPILER LANGUAGE FLAG...: can it turn a small program into a running kind of file?
links() {
  local compiler=$1 language=$2
  shift 2
  printf '#include <stdio.h>\n#include <math.h>\nint main(int n, char **v) { return printf("%%f %%s", sqrt(n), v[0]) < 0; }\n' |
    "$compiler" -x "$language" - -o /dev/null "$@" -lm
}

library() { pkg-config --exists "$1"; }

venv_possible() { python3 -c 'import sys, ensurepip, venv; assert sys.version_info >= (3, 10)'; }

needs_build() {
  need "gcc libc6-dev" "compiles the kernels, with OpenMP" links "${CC:-gcc}" c -fopenmp
  need "g++" "compiles the face of Google Benchmark" links "${CXX:-g++}" c++
  need "meson" "describes the build" meson --version
  need "ninja-build" "runs the build" ninja --version
  need "pkg-config" "finds the libraries" pkg-config --version
  if has pkg-config; then # else these would be named missing for want of pkg-config
    need "libbenchmark-dev" "Google Benchmark paces the timings" library benchmark
    need "libhwloc-dev" "hwloc knows caches and cores" library hwloc
    need "libjansson-dev" "jansson writes the result file" library jansson
    need "zlib1g-dev" "checksums, and reads compressed data sets" library zlib
  else
    need "libbenchmark-dev libhwloc-dev libjansson-dev zlib1g-dev" "timing, topology, files" false
  fi
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
}

install_missing() {
  local packages command log
  read -ra packages <<<"${missing_packages[*]}"
  command="apt-get install -y --no-install-recommends ${packages[*]}"
  say "Not found here, and needed:"
  printf '  %s\n' "${missing_reasons[@]}" >&2
  has apt-get || stop "this is not Debian or Ubuntu: install what these packages hold, then start again"
  ((EUID == 0)) || has sudo || stop "neither root nor sudo is here: as root, run: $command"
  say "Installing them: $command"
  log=$(mktemp)
  apt_get update >"$log" 2>&1 || say "apt-get update failed; going on with the package lists that are here"
  if ! apt_get install --no-install-recommends "${packages[@]}" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    stop "the installation failed (see above); to repeat it as root: $command"
  fi
  rm -f "$log"
}

# set_up NEEDS...: installs what the functions NEEDS name. What a new compiler brings decides what else is missing (its
# run-time libraries are packages of its version), so the question is asked again after an installation.
set_up() {
  local round needs
  for round in 1 2 3; do
    missing_packages=()
    missing_reasons=()
    for needs in "$@"; do "$needs"; done
    ((${#missing_packages[@]})) || return 0
    ((round < 3)) && install_missing
    hash -r
  done
  stop "still missing after the installation: ${missing_reasons[*]}"
}

# The Python side lives in .venv: `reports`, gradmark-report and what it needs, or `tests`, the tools of scripts/test as
# well. Made anew when Python has changed, or when the folder was moved or broken; filled when a list has changed.
# Returns 1, after saying why, where it cannot be had.
set_up_python() {
  local what=$1 python=$root/.venv/bin/python stamp=$root/.venv/made-for-$1 made wanted log
  made="$root $(python3 -c 'import sys; print(sys.version)' | tr '\n' ' ')"
  wanted="$made $(cat "$root/reports/requirements.txt" "$root/reports/pyproject.toml" "$root/$what/requirements.txt" | cksum)"
  if [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && "$python" -c 'import gradmark_report' 2>/dev/null; then return; fi
  say "Filling .venv with the Python packages of $what/requirements.txt."
  log=$(mktemp)
  if [[ ! -f $root/.venv/made-by || $(<"$root/.venv/made-by") != "$made" ]] || ! "$python" -c 'import pip' 2>/dev/null; then
    rm -rf "$root/.venv"
  fi
  if { "$python" -c 'import pip' || python3 -m venv "$root/.venv"; } >"$log" 2>&1 &&
    printf '%s\n' "$made" >"$root/.venv/made-by" &&
    "$python" -m pip install --quiet --disable-pip-version-check -r "$root/$what/requirements.txt" >>"$log" 2>&1 &&
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
      -e "$root/reports" >>"$log" 2>&1; then
    rm -f "$log"
    printf '%s\n' "$wanted" >"$stamp"
    return
  fi
  tail -n 20 "$log" >&2
  rm -f "$log" "$stamp"
  say "the Python packages could not be installed (see above)"
  return 1
}

# What gradmark-report needs beside Python packages.
needs_report() {
  need "python3 python3-venv" "makes the report" venv_possible
}

needs_drawing() { need "hwloc-nox" "draws the machine in the report" lstopo_possible; }

lstopo_possible() { has lstopo-no-graphics || has lstopo; }
