#!/usr/bin/env bash
# Runs what depends on ansible-core on one of the releases of tests/cores.txt, if there is a Python for it: tests/core.sh RELEASE WORK.
# What ran, or why nothing did, is left in WORK/RELEASE.txt. The release that make test itself uses passes all of it elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
core=$1 work=$2
venv=$PWD/.venv
kinds=(sanity quick)

version_of() { "$1" -c 'import platform; print(platform.python_version())'; }

report() { printf 'ansible-core %-8s %s\n' "$core" "$1" > "$work/$core.txt"; }

# A Python of this version that really starts: on the PATH, or beside the one that is there under a version manager.
python_for() {
  local found
  for found in "$(command -v "python$1" || true)" "$(dirname "$(realpath "$venv/bin/python")")"/../../"$1".*/bin/python; do
    if [[ -x $found ]] && "$found" -c 'import venv, ensurepip' 2> /dev/null; then
      echo "$found"
      return
    fi
  done
  return 1
}

# A virtual environment with this release of ansible-core, made once.
environment() {
  local python=$1 folder=$venv/cores/$core
  if [[ ! -e $folder/ready ]]; then
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "ansible-core==$core" \
      -r tests/unit/requirements.txt -r tests/integration/requirements.txt
    touch "$folder/ready"
  fi
}

(umask 077 && mkdir -p "$work")
if [[ $core == "$(python -c 'from ansible.release import __version__; print(__version__)')" ]]; then
  report "Python $(version_of python): everything, by make test"
  exit
fi
read -ra versions <<< "$(sed -n "s/^$core //p" tests/cores.txt)"
for version in "${versions[@]}"; do
  if python=$(python_for "$version"); then
    environment "$python"
    for kind in "${kinds[@]}"; do
      echo "== ansible-core $core, Python $version: $kind"
      PATH=$venv/cores/$core/bin:$PATH tests/run.sh "$kind" "$work/$core"
    done
    report "Python $(version_of "$python"): sanity, and the units and playbooks that are not slow"
    exit
  fi
done
report "not run: it needs one of the Pythons ${versions[*]}, and there is none here"
