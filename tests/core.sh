#!/usr/bin/env bash
# Runs what meets Ansible on a release of ansible-core, if there is a Python for it: tests/core.sh RELEASE WORK.
#   RELEASE   one of tests/cores.txt, or `next`: the first thing to come after the newest of them, be it a pre-release. That
#             one fails nothing.
# What ran, or why nothing did, is left in WORK/RELEASE.txt. The release that make test itself uses passes all of it elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
core=$1 work=$2
venv=$PWD/.venv
folder=$venv/cores/$core

version_of() { "$1" -c 'import platform; print(platform.python_version())'; }

core_of() { "$1" -c 'from ansible.release import __version__; print(__version__)'; }

report() { printf 'ansible-core %-9s %s\n' "$@" > "$work/$core.txt"; }

# A Python of one of these versions that really starts: on the PATH, or where systems, images and version managers have theirs.
# The home of the user counts as well where HOME is another folder, and so does the version manager that made .venv's Python.
python_for() {
  local home version found
  home=$("$venv/bin/python" -c 'import os, pwd; print(pwd.getpwuid(os.getuid()).pw_dir)')
  for version; do
    for found in "$(command -v "python$version" || true)" \
      {/usr,/usr/local,"/opt/python"*,/opt/homebrew}/bin/"python$version" \
      "$(dirname "$(realpath "$venv/bin/python")")"/../../*/bin/"python$version" \
      "${PYENV_ROOT:-$home/.pyenv}"/versions/*/bin/"python$version" \
      "$home"/{.local/share/{uv/python,mise/installs/python}/*,.asdf/installs/python/*,*conda3,*conda3/envs/*}/bin/"python$version"; do
      if [[ -x $found ]] && "$found" -c 'import venv, ensurepip' 2> /dev/null; then
        echo "$found"
        return
      fi
    done
  done
  return 1
}

# A virtual environment with an ansible-core.
environment() {
  "$1" -m venv "$folder" &&
    tests/install.sh "$folder" "$2" -r tests/unit/requirements.txt -r tests/integration/requirements.txt
}

run() {
  echo "== ansible-core $(core_of "$folder/bin/python"), Python $(version_of "$folder/bin/python"): $1"
  PATH=$folder/bin:$PATH tests/run.sh "$1" "$work/$core"
}

# On a release of tests/cores.txt.
on_release() {
  local python versions
  read -ra versions <<< "$(sed -n "s/^$core //p" tests/cores.txt)"
  if [[ $core == "$(core_of python)" ]]; then
    report "$core" "Python $(version_of python): everything, by make test"
  elif python=$(python_for "${versions[@]}"); then
    [[ -e $folder/ready ]] || { environment "$python" "ansible-core==$core" && touch "$folder/ready"; }
    run interface
    report "$core" "Python $(version_of "$python"): what meets Ansible"
  else
    report "$core" "NOT RUN, as it needs one of the Pythons ${versions[*]}, and there is none here"
  fi
}

# On what comes next.
on_next() {
  local python newest versions
  # The last of the Pythons first: a release can leave the oldest behind.
  mapfile -t versions < <(tail -n 1 tests/cores.txt | tr -s ' ' '\n' | sort -rV)
  newest=$(sed -n '$s/ .*//p' tests/cores.txt)
  if ! python=$(python_for "${versions[@]}") ||
    ! environment "$python" "ansible-core>$newest,>=${newest}a0"; then
    report "> $newest" "not available here"
  elif run next; then
    report "$(core_of "$folder/bin/python")" "Python $(version_of "$python"): works, in a few runs"
  else
    report "$(core_of "$folder/bin/python")" "Python $(version_of "$python"): DOES NOT WORK, see above; it is no release that must"
  fi
}

(umask 077 && mkdir -p "$work")
if [[ $core == next ]]; then on_next; else on_release; fi
