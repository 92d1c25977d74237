# Programs of revisions: each is built once, in build-compare/, from a worktree that is removed afterwards, so that the
# user's own tree is never touched.
# shellcheck shell=bash disable=SC2154

revisions=$root/build-compare
working_tree=working-tree # as long as a revision's name: a longer path can move a program's stack, and its times
kept_builds=6

# Under a hook, git tells of the commit that is being made by variables: its own index above all, which a checkout
# elsewhere would overwrite. Only what says how git is configured stays.
foreign=$(git rev-parse --local-env-vars 2>/dev/null | grep -vE '^GIT_CONFIG_(PARAMETERS|COUNT)$' || true)
# shellcheck disable=SC2086 # one variable is one word
unset $foreign foreign

# Nor do the hooks of the user's own tree have anything to do with ours.
git_here() { git -C "$root" -c core.hooksPath=/dev/null "$@"; }

# revision_name REV: its first 12 digits, with -dirty for a working tree with changes; stops where there is none.
revision_name() {
  git_here rev-parse --git-dir >/dev/null 2>&1 || stop "$root is no git repository: it has no revisions"
  local commit
  if [[ $1 == . ]]; then
    commit=$(git_here rev-parse --verify --quiet 'HEAD^{commit}') || stop "there is no commit here yet"
    printf '%s%s\n' "${commit:0:12}" "$([[ -z $(git_here status --porcelain) ]] || echo -dirty)"
  else
    commit=$(git_here rev-parse --verify --quiet --end-of-options "$1^{commit}") || stop "git knows no revision '$1'"
    printf '%s\n' "${commit:0:12}"
  fi
}

# One comparison at a time: another one would disturb its times. The lock ends with the last process that holds it.
lock_builds() {
  mkdir -p "$revisions"
  exec 9>"$revisions/lock"
  flock --nonblock 9 || stop "another scripts/compare is running here, and two at once would disturb each other"
}

# This one alone, and its entry even where its folder is gone: `worktree prune` would also forget those of the user
# that are merely not mounted now.
remove_worktree() {
  git_here worktree remove --force --force "$1" 2>/dev/null || rm -rf "$1"
}

# build_source SOURCE DIRECTORY: with this script's options, whatever the source's own scripts say.
build_source() {
  local root=$1 # where `configure` looks
  build "$2" --buildtype=release
}

# build_revision REV: builds it, if need be, and prints the program's path.
build_revision() {
  if [[ $1 == . ]]; then
    say "Building the working tree in build-compare/$working_tree/."
    build "$revisions/$working_tree" --buildtype=release || stop "the working tree cannot be built (see above)"
    printf '%s\n' "$revisions/$working_tree/harness/gradmark"
    return
  fi
  local name directory source made code=0
  name=$(revision_name "$1") || exit
  directory=$revisions/$name
  source=$revisions/source-$name
  made="$name $("${CC:-cc}" --version | head -n 1) ${CC-} ${CXX-} ${CFLAGS-} ${LDFLAGS-}"
  if [[ -f $directory/made-from && $(<"$directory/made-from") == "$made" && -x $directory/harness/gradmark ]]; then
    touch "$directory"
  else
    say "Building $name in build-compare/$name/."
    rm -rf "$directory"
    remove_worktree "$source" # what a killed build left
    trap 'remove_worktree "$source"' EXIT
    git_here worktree add --quiet --detach --force "$source" "$name" >&2 || stop "git cannot check out $name (see above)"
    build_source "$source" "$directory" || code=$?
    remove_worktree "$source"
    trap - EXIT
    ((code == 0)) || stop "$name cannot be built (see above)"
    printf '%s\n' "$made" >"$directory/made-from"
  fi
  printf '%s\n' "$directory/harness/gradmark"
}

# check_profile PROGRAM NAME: older programs have no profile that suits many processes, and write other result files.
check_profile() {
  local help
  help=$("$1" run --help 2>&1) || true # whole, and then searched: grep may end before the program has written it
  grep -qw compare <<<"$help" ||
    stop "$2 is older than the profile 'compare' of gradmark run, which comparisons are made of; choose a newer revision"
}

# The builds used last stay.
forget_old_builds() {
  local directory
  while read -r directory; do rm -rf "$directory"; done < <(
    find "$revisions" -mindepth 1 -maxdepth 1 -type d -name '[0-9a-f]*' -printf '%T@ %p\n' | sort -rn |
      tail -n "+$((kept_builds + 1))" | cut -d ' ' -f 2-
  )
}
