# What scripts/bundle packs, and how.
# shellcheck shell=bash disable=SC2154

revision_here() { git -C "$root" describe --always --dirty --exclude '*' 2>/dev/null || echo unknown; }
version_here() { sed -n "s/^ *version: '\(.*\)',/\1/p" "$root/meson.build" | head -n 1; }
bundle_name() { echo "gradmark-$(version_here)-$(revision_here)-$1"; }

needs_packing() {
  need "xz-utils" "packs the bundle" xz --version
  need "binutils" "takes symbols out of what is packed" strip --version
}

needs_cross() {
  need "gcc-aarch64-linux-gnu g++-aarch64-linux-gnu" "compiles for 64-bit ARM" aarch64-linux-gnu-g++ --version
}

needs_ssh() { need "openssh-client" "reaches other machines" ssh -V; }

# What Debian calls a machine.
debian_of() { case $1 in x86_64) echo amd64 ;; aarch64) echo arm64 ;; esac }

# debian_root DIRECTORY SUITE ARCH PACKAGE...: unpacks Debian's packages for a machine, with all that they need, from
# this machine's sources; nothing of them is run or installed. What was asked for is kept in it: once is enough.
debian_root() {
  local directory=$1 suite=$2 arch=$3 own wanted apt
  shift 3
  wanted="$suite $arch $*"
  [[ ! -f $directory/unpacked-for || $(<"$directory/unpacked-for") != "$wanted" ]] || return 0
  has apt-get || stop "for the libraries of another machine Debian's apt-get is needed"
  own=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  rm -rf "$directory"
  mkdir -p "$directory/apt/state/lists/partial" "$directory/apt/cache/archives/partial"
  : >"$directory/apt/state/status"
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v own="$own" -v suite="$suite" '($2 == own || $2 == own "-updates" || $2 == own "-security") && !seen[$0]++ \
      { print "deb", $1, suite substr($2, length(own) + 1), $3 }' >"$directory/apt/sources.list"
  [[ -s $directory/apt/sources.list ]] || stop "apt has no source of $own on this machine"
  apt=(apt-get -q -y -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State=$directory/apt/state"
    -o "Dir::State::status=$directory/apt/state/status" -o "Dir::Cache=$directory/apt/cache" -o Debug::NoLocking=1
    -o "Dir::Etc::sourcelist=$directory/apt/sources.list" -o Dir::Etc::sourceparts=-)
  quietly "${apt[@]}" update || return
  quietly "${apt[@]}" install --download-only --no-install-recommends "$@" || return
  # shellcheck disable=SC2016 # dpkg-deb fills these in
  local package format='${Package} ${Version}'
  for package in "$directory"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$directory" || return
    dpkg-deb --contents "$package" |
      awk -v of="$(dpkg-deb --show --showformat="$format" "$package")" '{ sub(/^\./, "", $6); print of, $6 }'
  done >"$directory/contents"
  # Links to /lib/... would lead out of it.
  local link
  while read -r link; do
    ln -sfn "$(realpath -m --relative-to="${link%/*}" "$directory$(readlink "$link")")" "$link"
  done < <(find "$directory" -type l -lname '/*')
  printf '%s\n' "$wanted" >"$directory/unpacked-for"
}

# Makes the release build for a machine: in $built, with its libraries below $libraries ('' where they are this
# machine's), called by $tools.
bundle_build() {
  local arch=$1
  built=${GRADMARK_BUNDLE_BUILD:-$root/build} libraries='' tools=''
  if [[ $arch == "$(uname -m)" ]]; then
    set_up needs_build needs_packing
    [[ -n ${GRADMARK_BUNDLE_BUILD-} ]] || build_release
    return
  fi
  [[ $arch == aarch64 ]] || stop "on this machine, $(uname -m), a bundle for $arch cannot be made: make it on one of that kind"
  set_up needs_build needs_packing needs_cross
  libraries=$root/build-bundle/$arch tools=aarch64-linux-gnu- built=$root/build-bundle/release-$arch
  debian_root "$libraries" "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$(debian_of "$arch")" \
    libc6-dev libstdc++-12-dev libgomp1 libhwloc-dev libjansson-dev zlib1g-dev libbenchmark-dev
  sed -e "s|^pkgconfig = .*|pkgconfig = 'pkg-config'|; s|^pkg-config = .*|pkg-config = 'pkg-config'|; /^exe_wrapper/d" \
    -e "/^\[host_machine\]/i [properties]\nsys_root = '$libraries'\npkg_config_libdir = '$libraries/usr/lib/aarch64-linux-gnu/pkgconfig:$libraries/usr/share/pkgconfig'\n" \
    -e "/^\[host_machine\]/i [built-in options]\nc_args = ['--sysroot=$libraries']\ncpp_args = ['--sysroot=$libraries']\nc_link_args = ['--sysroot=$libraries']\ncpp_link_args = ['--sysroot=$libraries']\n" \
    "$root/scripts/cross/$arch.ini" >"$root/build-bundle/$arch.ini"
  build "$built" --buildtype=release "--cross-file=$root/build-bundle/$arch.ini"
}

# The shared libraries that a program names, and those that they name, as files, a line each.
needed_by() {
  local objects=("$1") seen=' ' object name path
  for ((object = 0; object < ${#objects[@]}; object++)); do
    while read -r name; do
      [[ $seen != *" $name "* ]] || continue
      seen+="$name "
      path=$(library_file "$name") || stop "the library $name, which ${objects[object]} needs, is not to be found"
      printf '%s\n' "$path"
      objects+=("$path")
    done < <("${tools}readelf" -d "${objects[object]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}

library_file() {
  local folder
  if [[ $1 == libgradmark.* ]]; then
    echo "$built/kernels/$1"
  elif [[ -n $libraries ]]; then
    for folder in "$libraries"/lib/*-linux-gnu "$libraries"/usr/lib/*-linux-gnu "$libraries"/lib; do
      if [[ -e $folder/$1 ]]; then echo "$folder/$1" && return; fi
    done
    return 1
  else
    ldd "$built/harness/gradmark" | sed -n "s|^[[:space:]]*$1 => \\(.*\\) (0x.*|\\1|p; s|^[[:space:]]*\\(/.*/$1\\) (0x.*|\\1|p" | grep .
  fi
}

# `PACKAGE VERSION`: what a library came in.
package_of() {
  local file=$1 owner
  if [[ -n $libraries ]]; then
    awk -v file="${file#"$libraries"}" '$3 == file || "/usr" $3 == file || $3 == "/usr" file { print $1, $2; exit }' "$libraries/contents"
    return
  fi
  file=$(realpath "$file")
  owner=$(dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}" 2>/dev/null) || return 0
  dpkg-query --show --showformat='${Package} ${Version}\n' "${owner%%: *}"
}

# The oldest kernel that a libc works on, as it says of itself: 3.2.0.
oldest_kernel() { "${tools}readelf" -n "$1" | sed -n 's/.*ABI: \([0-9.]*\)$/\1/p' | head -n 1; }

# bundle_make ARCH FILE
bundle_make() (
  local arch=$1 file=$2 name stage loader path package version
  [[ ! -e $file && ! -e $file.sha256 ]] || stop "$file is there already"
  [[ -d $(dirname "$file") && -w $(dirname "$file") ]] || stop "$file cannot be written"
  bundle_build "$arch" || stop "the build failed (see above)"
  name=$(bundle_name "$arch")
  mkdir -p "$root/build-bundle"
  work=$(mktemp -d "$root/build-bundle/work.XXXXXX")
  trap 'rm -rf "$work" "$file.part"' EXIT
  stage=$work/$name
  umask 022 # whoever unpacks it, others are to start it
  mkdir -p "$stage/lib" "$stage/licenses"
  cp "$root/LICENSE" "$stage/licenses/gradmark"
  cp "$built/harness/gradmark" "$stage/lib/"
  {
    echo "$name"
    echo "built by $("${tools}gcc" --version | head -n 1)"
    needed_by "$built/harness/gradmark" >"$work/needed"
    while IFS= read -r path; do
      cp -L "$path" "$stage/lib/"
      read -r package version <<<"$(package_of "$path")" || true
      [[ $path != */libgradmark.* ]] || continue
      echo "${path##*/} of ${package:-an unknown package} $version"
      [[ -n $package ]] || say "no package of the system holds $path: its licence is not in the bundle"
      [[ -z $package ]] || cp -L "$libraries/usr/share/doc/$package/copyright" "$stage/licenses/$package"
    done <"$work/needed"
  } >"$stage/built-from"
  # The texts that those refer to: /usr/share/common-licenses/LGPL-3.
  local text
  mkdir "$stage/licenses/common"
  while read -r text; do
    if [[ -e $text ]]; then cp -L "$text" "$stage/licenses/common/"; fi
  done < <(grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$stage/licenses" | sort -u)
  loader=$(cd "$stage/lib" && echo ld-linux-*)
  "${tools}strip" --strip-unneeded "$stage"/lib/*
  sed -e "s|@name@|$name|g; s|@arch@|$arch|g; s|@loader@|$loader|g; s|@oldest_kernel@|$(oldest_kernel "$stage/lib/libc.so.6")|g" \
    "$root/scripts/lib/bundle/start" >"$stage/gradmark"
  chmod 755 "$stage/gradmark"
  cp "$root/scripts/lib/bundle/README" "$stage/"
  (cd "$stage" && find . -type f ! -name complete | LC_ALL=C sort | xargs sha256sum >"$work/complete" && mv "$work/complete" complete)
  # Packed in an order in which `complete` comes last: a bundle that was cut short does not have it.
  (cd "$work" && { find "$name" ! -name complete | LC_ALL=C sort && echo "$name/complete"; } |
    tar --no-recursion --owner=0 --group=0 --numeric-owner --mtime=@"$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)" -cf - -T - |
    xz -9e >packed) || stop "the bundle could not be packed (see above)"
  if ! { cp "$work/packed" "$file.part" && printf '%s  %s\n' "$(sha256sum <"$work/packed" | cut -d' ' -f1)" "${file##*/}" >"$file.sha256" &&
    mv -n "$file.part" "$file"; } 2>"$work/said"; then
    rm -f "$file.sha256"
    stop "$file could not be written: $(tail -n 1 "$work/said" | sed 's/.*: //')"
  fi
)
