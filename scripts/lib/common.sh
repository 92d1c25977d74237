# What every script shares: where the repository is, how to speak, how to stop.
# shellcheck shell=bash disable=SC2034,SC2154

# A standard stream that is closed is /dev/null: else the next file that is opened would take its place.
(exec 3<&0) 2>/dev/null || exec </dev/null
(exec 3>&1) 2>/dev/null || exec >/dev/null
(exec 3>&2) || exec 2>/dev/null

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cores=$(nproc 2>/dev/null || echo 1)

say() { printf '%s\n' "$*" >&2; }

# Exit code 2: something that the script needs is not there, or the command line is wrong. Nothing was done.
stop() {
  say "$(basename "$0"): $*"
  exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

# The block of comments at the top of a script is its help.
show_help() {
  sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$root/scripts/$(basename "$0")" || exit $(($? > 128 ? $? : 2))
}
