# scripts/bundle --try: a bundle on other machines, by ssh.
# shellcheck shell=bash disable=SC2154

read -ra ssh <<<"${GRADMARK_SSH:-ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=4}"

# What a command on the other machine said last, for a sentence.
last_said() { sed '/^[[:space:]]*$/d' "$1" | tail -n 1 | tr -d '\r' | cut -c 1-200; }

# there HOST COMMAND: runs it in a shell of that host; what it says goes to $said.
there() { "${ssh[@]}" -- "$1" "$2" 2>"$said"; }

# What the other machine answered: a shell's own start may print something, too.
answer() { sed -n 's/^gradmark://p' | tail -n 1; }

# A folder in which a program may be started: /tmp may forbid it.
# shellcheck disable=SC2016 # it is expanded there
find_folder='for d in "${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
  t=$(mktemp -d "$d/gradmark.XXXXXX" 2>/dev/null) || continue
  printf "#!/bin/sh\nexit 0\n" >"$t/may" && chmod 700 "$t/may" && "$t/may" 2>/dev/null && echo "gradmark:$t" && exit 0
  rm -rf "$t"
done
echo "no folder there takes a program" >&2
exit 1'

# try_host HOST ARCHIVE FILE: unpacks, runs, fetches, removes. Ends with what gradmark run ended with, or, after one
# sentence, with 2. `$file.there` names the folder there, for who interrupts.
try_host() {
  local host=$1 archive=$2 file=$3 folder code=0
  failed() {
    say "$host: $1: $(last_said "$said")"
    [[ -z ${folder-} ]] || remove_there
    rm -f "$file.part"
    return 2
  }
  remove_there() { there "$host" "rm -rf $folder" || say "$host: $folder could not be removed there: $(last_said "$said")"; }

  folder=$(there "$host" "$find_folder" | answer) || { failed "cannot be used"; return; }
  [[ -n $folder ]] || { failed "cannot be used"; return; }
  folder=${folder@Q}
  printf '%s' "$folder" >"$file.there"
  xz -dc "$archive" | there "$host" "cd $folder && tar xf - && mv gradmark-* bundle && test -f bundle/complete" ||
    { failed "the bundle could not be unpacked there"; return; }
  there "$host" "cd $folder && { bundle/gradmark run ${options[*]@Q} -o here.json </dev/null >here.log 2>&1 & echo \$! >pid; wait \$!; } ||
    { code=\$?; grep FAILED here.log >&2 || tail -n 1 here.log >&2; exit \$code; }" || code=$?
  # Of one that was interrupted what it has finished is in its file.
  ((code <= 1 || code == 130)) || { failed "gradmark run ended with $code"; return; }
  cp "$said" "$file.said"
  there "$host" "cat $folder/here.json" >"$file.part" || { failed "its file could not be fetched"; return; }
  remove_there
  if ! "$root/.venv/bin/gradmark-report" md "$file.part" >/dev/null 2>"$said"; then
    say "$host: its file cannot be read, and is kept as $file.part: $(last_said "$said")"
    return 2
  fi
  mv "$file.part" "$file"
  ((code != 1)) || say "$host: a kernel failed its proof: $(last_said "$file.said")"
  say "$host: $file"
  return "$code"
}

# Asks those that run to end: they write what they have.
end_runs() {
  local file said=/dev/null
  interrupted=yes
  for name in "${!reached[@]}"; do
    file=$directory/$name.json.there
    [[ ! -s $file ]] || there "${of[$name]}" "cd $(<"$file") && kill -INT \$(cat pid)" || true
  done
}

# try_hosts DIRECTORY HOST...
try_hosts() {
  local directory=$1 host arch archive name job code=0 ended files=()
  shift
  [[ ! -e $directory ]] || stop "$directory is there already"
  (set_up needs_ssh needs_report needs_drawing && set_up_python reports) || stop "the reports' needs are not met (see above)"
  mkdir -p "$directory" || stop "$directory cannot be made"
  local -A of=() called=() archives=() reached=() jobs=()
  for host; do
    [[ -z ${called[$host]-} ]] || { say "$host: it was named before: one run of each" && code=2 && continue; }
    name=${host#ssh://}
    name=${name//[^A-Za-z0-9._@-]/_}
    while [[ -n ${of[$name]-} ]]; do name+=_; done
    called[$host]=yes of[$name]=$host said=$directory/$name.log
    # shellcheck disable=SC2016 # it is expanded there
    arch=$(there "$host" 'echo "gradmark:$(uname -m)"' </dev/null | answer) || arch=''
    case $arch in
      x86_64 | aarch64) reached[$name]=$arch ;;
      '') say "$host: cannot be reached: $(last_said "$said")" && code=2 ;;
      *) say "$host: there is no bundle for its processor, $arch" && code=2 ;;
    esac
  done
  for arch in $(printf '%s\n' "${reached[@]}" | sort -u); do
    archive=${GRADMARK_BUNDLES-}/$arch.tar.xz
    [[ -f $archive ]] || archive=$directory/$(bundle_name "$arch").tar.xz
    if [[ -f $archive ]] || "$root/scripts/bundle" --arch "$arch" -o "$archive"; then
      archives[$arch]=$archive
      continue
    fi
    for name in "${!reached[@]}"; do
      [[ ${reached[$name]} == "$arch" ]] || continue
      say "${of[$name]}: a bundle for its processor, $arch, could not be made (see above)"
      unset "reached[$name]"
      code=2
    done
  done
  interrupted=''
  trap end_runs INT TERM HUP
  for name in "${!reached[@]}"; do
    said=$directory/$name.log
    (
      # An ssh that is interrupted itself would leave the run there alone.
      trap '' INT TERM HUP
      try_host "${of[$name]}" "${archives[${reached[$name]}]}" "$directory/$name.json" || exit
    ) &
    jobs[$name]=$!
  done
  for name in "${!jobs[@]}"; do
    job=${jobs[$name]}
    # A signal ends the waiting, not the job.
    while ended=0 && wait "$job" || ended=$?; kill -0 "$job" 2>/dev/null; do :; done
    case $ended in
      0 | 130) ;;
      1) code=$((code ? code : 1)) ;;
      *) code=2 ;;
    esac
    if [[ -f $directory/$name.json ]]; then files+=("$name.json"); fi
    rm -f "$directory/$name.json.there" "$directory/$name.json.said"
  done
  trap - INT TERM HUP
  if ! ((${#files[@]})); then
    [[ -z $interrupted ]] || exit 130
    stop "no host gave a result file"
  fi
  make_page "${files[@]}" || code=2
  [[ -z $interrupted ]] || code=130
  exit "$code"
}

# Each by the name that it was called by: two may call themselves alike.
make_page() (
  cd "$directory" || return
  local names=()
  for file; do names+=(--name "$file=${of[${file%.json}]}"); done
  if (($# > 1)); then
    "$root/.venv/bin/gradmark-report" merge "$@" "${names[@]}" -o page.html
  else
    "$root/.venv/bin/gradmark-report" html "$1" -o page.html
  fi
)
