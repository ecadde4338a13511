#!/usr/bin/env bash
# Runs what depends on ansible-core, on each release of tests/cores.txt for which there is a Python: tests/matrix.sh WORK. What ran
# and what did not is left in WORK/matrix.txt. The release that make test itself uses has passed all of it before.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$1
venv=$PWD/.venv
kinds=(sanity quick)

version_of() { "$1" -c 'import platform; print(platform.python_version())'; }

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
  local core=$1 python=$2 folder=$venv/cores/$1
  if [[ ! -e $folder/ready ]]; then
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "ansible-core==$core" \
      -r tests/unit/requirements.txt -r tests/integration/requirements.txt
    touch "$folder/ready"
  fi
}

own=$(python -c 'from ansible.release import __version__; print(__version__)')
report=$work/matrix.txt
: > "$report"
while read -r core pythons; do
  case $core in "" | "#"*) continue ;; esac
  line=$(printf 'ansible-core %-8s' "$core")
  if [[ $core == "$own" ]]; then
    echo "$line Python $(version_of python): everything" >> "$report"
    continue
  fi
  for version in $pythons none; do
    if [[ $version == none ]]; then
      echo "$line not run: it needs one of the Pythons $pythons, and there is none here" >> "$report"
    elif python=$(python_for "$version"); then
      environment "$core" "$python"
      for kind in "${kinds[@]}"; do
        echo "== ansible-core $core, Python $version: $kind"
        PATH=$venv/cores/$core/bin:$PATH tests/run.sh "$kind" "$work/$core"
      done
      echo "$line Python $(version_of "$python"): sanity, and the units and playbooks that are not slow" >> "$report"
      break
    fi
  done
done < tests/cores.txt
cat "$report"
