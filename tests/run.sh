#!/usr/bin/env bash
# Runs one kind of test on a copy of the checkout: tests/run.sh lint|sanity|units|integration|molecule WORK
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1 work=$2

collection=$work/ansible_collections/jira_cloud/federation
python=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# What git knows, and what it would not ignore, as it is now; what ansible-test keeps between runs stays.
copy() {
  mkdir -p -m 700 "$work" "$collection/tests"
  find "$collection" -mindepth 1 -maxdepth 1 ! -name tests -exec rm -rf {} +
  find "$collection/tests" -mindepth 1 -maxdepth 1 ! -name output -exec rm -rf {} +
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi
  done | tar -c --null -T - | tar -x -C "$collection"
}

# ansible-test fetches get-pip from a web site for its virtual environments. Where only a package index can be reached, the
# pip that comes with Python does.
spare_get_pip() {
  mkdir -p "$HOME/.ansible/test/cache"
  python - "$HOME/.ansible/test/cache" "$python" << 'END'
import pathlib
import sys

from ansible_test._internal.python_requirements import get_venv_packages
from ansible_test._internal.host_configs import NativePythonConfig

cache, version = sys.argv[1:]
pip = get_venv_packages(NativePythonConfig(version=version, path=sys.executable))["pip"]
script = pathlib.Path(cache, f"get_pip_{pip.replace('.', '_')}.py")
script.write_text('''
import subprocess
import sys

arguments = [each for each in sys.argv[1:] if each not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True)
subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=True)
''')
END
}

ansible_test() {
  export HOME=$work/home
  mkdir -p "$HOME"
  spare_get_pip
  (cd "$collection" && ansible-test "$@" --color yes)
}

# The tests run a real PostgreSQL server and a real browser, which they start and end. On a machine of nobody's own, root
# installs the packages; elsewhere that is for its owner to do.
need() {
  if [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null; then
    echo "The tests need $1: install Debian's packages ${*:2}." >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" > /dev/null
}

need_postgresql() {
  if compgen -G "/usr/lib/postgresql/*/bin/initdb" > /dev/null || command -v initdb > /dev/null; then return; fi
  need "a PostgreSQL server" postgresql
}

need_browser() {
  if [[ -x /usr/bin/chromium && -x /usr/bin/chromedriver ]]; then return; fi
  need "a browser" chromium chromium-driver
}

copy
unset ANSIBLE_CONFIG
export ANSIBLE_COLLECTIONS_PATH=$work
case $kind in
  lint)
    cd "$collection"
    ruff check .
    ruff format --check .
    MYPYPATH=$work mypy --config-file pyproject.toml -p ansible_collections.jira_cloud.federation.plugins
    ansible-lint --profile production
    antsibull-changelog lint
    ;;
  sanity) ansible_test sanity --venv --python "$python" ;;
  units)
    need_postgresql
    ansible_test units --venv --python "$python" --requirements
    ;;
  integration)
    need_postgresql
    need_browser
    ansible_test integration --venv --python "$python" --requirements
    ;;
  molecule) cd "$collection/extensions" && molecule test --all ;;
  *) echo "unknown: $kind" >&2 && exit 2 ;;
esac
