# Shared by ./serve and ./check: packages, the Python environment, the build.
# To be sourced, in the repository's root, with `set -euo pipefail`.

# A clone elsewhere finds what another has compiled.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

say() { printf '\033[1m==\033[0m %s\n' "$*"; }
complain() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
give_up() {
  complain "$@"
  exit 1
}
[ -t 1 ] || say() { printf '== %s\n' "$*"; }

# -- packages -----------------------------------------------------------------

# A Python that can make virtual environments, 3.11 or newer.
find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys, venv, ensurepip
sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

find_node() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'
}

is_there() { # something named in the third column of packages.txt
  case $1 in
  python) find_python >/dev/null ;;
  *) return 1 ;;
  esac
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The first alternative that is installed or can be had.
choose_package() {
  local name
  for name in ${1//|/ }; do
    # Newer apt also knows names that nothing has: then it shows nothing.
    if is_installed "$name" ||
      [ -n "$(apt-cache show "$name" 2>/dev/null)" ]; then
      echo "$name"
      return
    fi
  done
  echo "${1%%|*}"
}

missing_packages() { # groups...
  local group names unless name
  while read -r group names unless; do
    case " $* " in *" $group "*) ;; *) continue ;; esac
    [ -n "$unless" ] && is_there "$unless" && continue
    for name in ${names//|/ }; do
      # Another Boost than the first may be older than 1.81.
      is_installed "$name" && [ "$name" != libboost-dev ] && continue 2
    done
    name=$(choose_package "$names")
    is_installed "$name" || echo "$name"
  done < <(sed 's/#.*//; /^ *$/d' packages.txt)
}

say_plan() { # what apt would do, in words
  local plan
  plan=$(apt-get install -s --no-install-recommends "$@" 2>&1) || return 1
  awk '$1 == "Inst" { new = new " " $2; n++ }
       $1 == "Remv" { old = old " " $2 }
       END { printf "   installs %d packages:%s\n", n, new
             if (old) print "   REPLACES, so removes:" old }' <<<"$plan" |
    fold -s -w 78
}

install_packages() { # groups...
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    { say "no apt here: what packages.txt names must be there already" &&
      return; }
  local missing root=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      give_up "needs root or sudo for: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "Packages to install: ${missing[*]}"
  if ! say_plan "${missing[@]}"; then
    "${root[@]}" apt-get update -q ||
      give_up "apt-get update failed: see above"
    mapfile -t missing < <(missing_packages "$@")
    say_plan "${missing[@]}" ||
      give_up "apt cannot install: ${missing[*]}"
  fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}" ||
    give_up "the packages could not be installed: see above"
}

# -- Python -------------------------------------------------------------------

# Makes .venv with what the given files require; does nothing if it has it.
prepare_python() { # requirements files...
  local made_from stamp
  made_from=$(cat "$@" | sha256sum | cut -c1-16)
  stamp=.venv/.made-from-$made_from
  [ -e "$stamp" ] && [ -x .venv/bin/python ] && return
  local python
  python=$(find_python) || give_up "needs Python 3.11 or newer, with venv"
  say "Preparing .venv with $("$python" --version)"
  .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
  local each files=()
  for each in "$@"; do files+=(-r "$each"); done
  timeout 900 .venv/bin/python -m pip install --disable-pip-version-check \
    --progress-bar off --upgrade "${files[@]}" | sed -n '/^Collecting/p
/^Installing/p' || give_up "pip could not install what $* names"
  touch "$stamp"
}

# A Node that the SDK runs on: the one in the path, else one in .venv.
prepare_node() {
  find_node && return
  prepare_python requirements.txt requirements-test.txt requirements-node.txt
  PATH=$PWD/.venv/bin:$PATH
  find_node || give_up "needs Node 20 or newer, with npm"
}

# -- build --------------------------------------------------------------------

# As many compilers as there are cores, but no more than memory can hold.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  [ "$memory" -lt 1 ] && memory=1
  echo $((cores < memory ? cores : memory))
}

configure() { # preset, cmake arguments...
  local preset=$1 log=build/$1/configure.log
  shift
  mkdir -p "build/$preset"
  cmake --preset "$preset" "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    give_up "cmake failed"
  }
}

build() { # preset, targets...
  local ninja=(timeout 3000 ninja -C "build/$1" -j "$(build_jobs)" "${@:2}")
  if [ -t 1 ]; then
    "${ninja[@]}"
  else # A line now and then, and what goes wrong.
    "${ninja[@]}" | awk '/^\[[0-9]+\/[0-9]+\]/ { if (++n % 20 == 1) print; fflush(); next }
      !/Entering directory|no work to do/ { print; fflush() }'
  fi
}
