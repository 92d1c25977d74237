# scripts/bundle --try: a bundle on other machines, by ssh.
# shellcheck shell=bash disable=SC2154

read -ra ssh <<<"${GRADMARK_SSH:-ssh -o BatchMode=yes -o ConnectTimeout=10}"

# What a command on the other machine said last, for a sentence.
last_said() { sed '/^[[:space:]]*$/d' "$1" | tail -n 1 | tr -d '\r' | cut -c 1-200; }

# there HOST COMMAND...: runs it in a shell of that host; what it says goes to $said.
there() {
  local host=$1
  shift
  "${ssh[@]}" -- "$host" "$@" 2>"$said"
}

# try_host HOST ARCHIVE FILE: unpacks, runs, fetches, removes. One sentence, and 1, where that does not come to an end.
try_host() {
  local host=$1 archive=$2 file=$3 there code=0
  failed() {
    say "$host: $1: $(last_said "$said")"
    [[ -z ${there-} ]] || there "$host" "rm -rf '$there'" || true
    return 1
  }
  # A folder in which a program may be started: /tmp may forbid it.
  # shellcheck disable=SC2016 # it is expanded there
  there=$(there "$host" 'for d in "${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
      t=$(mktemp -d "$d/gradmark.XXXXXX" 2>/dev/null) || continue
      printf "#!/bin/sh\nexit 0\n" >"$t/may" && chmod 700 "$t/may" && "$t/may" 2>/dev/null && echo "$t" && exit 0
      rm -rf "$t"
    done
    echo "no folder there takes a program" >&2
    exit 1') || { failed "cannot be used"; return; }
  xz -dc "$archive" | there "$host" "cd '$there' && tar xf - && mv gradmark-* bundle && test -f bundle/complete" ||
    { failed "the bundle could not be unpacked there"; return; }
  there "$host" "cd '$there' && bundle/gradmark run ${options[*]@Q} -o here.json </dev/null >here.log 2>&1 || { code=\$?; tail -n 1 here.log >&2; exit \$code; }" || code=$?
  ((code <= 1)) || { failed "gradmark run ended with $code"; return; }
  there "$host" "cat '$there/here.json'" >"$file.part" || { failed "its file could not be fetched"; return; }
  there "$host" "rm -rf '$there'" || true
  mv "$file.part" "$file"
  say "$host: $file"
}

# try_hosts DIRECTORY HOST...
try_hosts() {
  local directory=$1 host arch archive name code=0 files=()
  shift
  [[ ! -e $directory ]] || stop "$directory is there already"
  (set_up needs_ssh needs_report needs_drawing && set_up_python reports) || stop "the reports' needs are not met (see above)"
  mkdir -p "$directory" || stop "$directory cannot be made"
  local -A of=() archives=() reached=()
  for host; do
    name=${host#ssh://}
    name=${name//[^A-Za-z0-9._@-]/_}
    [[ -z ${of[$name]-} ]] || { say "$host: it was named before: one run of each" && code=2 && continue; }
    of[$name]=$host
    said=$directory/$name.log
    if ! arch=$(there "$host" uname -m); then
      say "$host: cannot be reached: $(last_said "$said")"
      code=2
    elif [[ $arch != x86_64 && $arch != aarch64 ]]; then
      say "$host: there is no bundle for its processor, $arch"
      code=2
    else
      reached[$name]=$arch
    fi
  done
  for arch in $(printf '%s\n' "${reached[@]}" | sort -u); do
    archive=$directory/$(bundle_name "$arch").tar.xz
    bundle_make "$arch" "$archive"
    archives[$arch]=$archive
  done
  local jobs=()
  for name in "${!reached[@]}"; do
    said=$directory/$name.log
    try_host "${of[$name]}" "${archives[${reached[$name]}]}" "$directory/$name.json" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || code=2; done
  for name in "${!reached[@]}"; do
    if [[ -f $directory/$name.json ]]; then files+=("$directory/$name.json"); fi
  done
  ((${#files[@]})) || stop "no host gave a result file"
  # Each by the name that it was called by: two may call themselves alike.
  local names=()
  for file in "${files[@]}"; do
    name=${file##*/}
    names+=(--name "$file=${of[${name%.json}]}")
  done
  if ((${#files[@]} > 1)); then
    "$root/.venv/bin/gradmark-report" merge "${files[@]}" "${names[@]}" -o "$directory/page.html" || code=$?
  else
    "$root/.venv/bin/gradmark-report" html "${files[0]}" -o "$directory/page.html" || code=$?
  fi
  return "$code"
}
