#!/usr/bin/env bash
# Runs one kind of test on a copy of the checkout: tests/run.sh KIND WORK
#   check        what is quick: linters of the code, of the documentation, and the unit tests that are not slow
#   lint         everything that reads the code and its documentation
#   sanity       with ansible-test
#   ecosystem, playbooks, report    the targets of ansible-test integration
#   units        with pytest, and one file of them with ansible-test
#   molecule     the role's scenario
#   package      the tarball, through what Galaxy makes of it
#   site         the documentation as a web site
#   interface    what meets Ansible, with the Python and the ansible-core on the PATH: that it loads the plugins and takes their
#                documentation, and the runs of playbooks that are marked for it
#   next         the least of that: a plain run and a rehearsal
# Several can run side by side: each has a copy of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1 work=$2

root=$work/$kind
collection=$root/ansible_collections/jira_cloud/federation
borrowed=$PWD/.venv/borrowed/ansible_collections
# One for all that run side by side, whatever their folder: the package manager takes one at a time.
packages_lock=$PWD/.venv/packages.lock
python=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# What git knows, and what it would not ignore, as it is now; what ansible-test keeps between runs stays.
copy() {
  mkdir -p "$collection/tests"
  find "$collection" -mindepth 1 -maxdepth 1 ! -name tests -exec rm -rf {} +
  find "$collection/tests" -mindepth 1 -maxdepth 1 ! -name output -exec rm -rf {} +
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi
  done | tar -c --null -T - | tar -x -C "$collection"
  # Beside it, for playbooks/awx_setup.yml, AWX's own collection.
  ln -sfn "$borrowed/awx" "$root/ansible_collections/awx"
}

# ansible-test fetches get-pip from a web site for its virtual environments, which can be out of reach where a package index is
# not. There are a dozen of them: the pip beside this Python puts what they need into a folder once, and each gets a copy.
spare_get_pip() {
  mkdir -p "$HOME/.ansible/test/cache"
  python - "$HOME/.ansible/test/cache" "$python" << 'END'
import contextlib
import pathlib
import subprocess
import sys
import tempfile

from ansible_test._internal.python_requirements import get_venv_packages
from ansible_test._internal.host_configs import NativePythonConfig

cache, version = pathlib.Path(sys.argv[1]), sys.argv[2]
packages = get_venv_packages(NativePythonConfig(version=version, path=sys.executable))
name = packages["pip"].replace(".", "_")
folder = cache / f"pip_{name}"
if not folder.exists():
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        made = pathlib.Path(scratch, "packages")
        install = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--target", made]
        subprocess.run([*install, *(f"{each}=={number}" for each, number in packages.items())], check=True)
        # Another kind of test may have been sooner.
        with contextlib.suppress(OSError):
            made.rename(folder)
(cache / f"get_pip_{name}.py").write_text(f'''
import shutil
import sysconfig

shutil.copytree({str(folder)!r}, sysconfig.get_path("purelib"), dirs_exist_ok=True)
''')
END
}

ansible_test() {
  spare_get_pip
  (cd "$collection" && ansible-test "$@" --color yes)
}

# The tests run a real PostgreSQL server, a real browser and a real sshd, which they start and end. On a machine of nobody's own,
# root installs the packages; elsewhere that is for its owner to do.
need() {
  if [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null; then
    echo "The tests need $1: install Debian's packages ${*:2}." >&2
    exit 1
  fi
  (
    flock 9
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" > /dev/null
  ) 9> "$packages_lock"
}

need_postgresql() {
  if compgen -G "/usr/lib/postgresql/*/bin/initdb" > /dev/null || command -v initdb > /dev/null; then return; fi
  need "a PostgreSQL server" postgresql
}

need_browser() {
  if [[ -x /usr/bin/chromium && -x /usr/bin/chromedriver ]]; then return; fi
  need "a browser" chromium chromium-driver
}

need_curl() {
  if command -v curl > /dev/null; then return; fi
  need "curl" curl
}

need_sshd() {
  if [[ -x /usr/sbin/sshd ]] && command -v ssh > /dev/null; then return; fi
  need "an SSH server" openssh-server openssh-client
}

lint_code() {
  ruff check .
  ruff format --check .
  MYPYPATH=$root mypy --config-file pyproject.toml -p ansible_collections.jira_cloud.federation.plugins
  check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
}

lint_documentation() {
  antsibull-changelog lint
  antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self .
}

units() {
  (cd "$collection" && PYTHONPATH=$root python -m pytest -p no:cacheprovider -n auto -q --color=yes "$@")
}

playbooks() {
  (cd "$collection/tests/integration/targets/playbooks" && ../../pytest.sh "$@")
}

# It ends well whatever it has found, so what it says is what counts.
galaxy_importer() {
  local folder=$root/tarball
  rm -rf "$folder"
  ansible-galaxy collection build --output-path "$folder" "$collection"
  cd "$folder"
  GALAXY_IMPORTER_CHECK_REQUIRED_TAGS=True python -m galaxy_importer.main ./*.tar.gz 2>&1 | tee importer.log
  if grep -E '^(WARNING|ERROR)' importer.log; then
    echo "galaxy-importer is not content, see above" >&2
    exit 1
  fi
  grep -q "Importer processing completed successfully" importer.log
  tar -tzf ./*.tar.gz | grep -v '/$' | sort > content.txt
  echo "$(wc -l < content.txt) files in the tarball; galaxy-importer has no ERROR and no WARNING"
}

# The tools leave things in the home of whoever runs them.
(umask 077 && mkdir -p "$work")
mkdir -p "$work/home" "$root"
export HOME=$work/home
# Where Python is to leave no bytecode, hundreds of processes compile the same files.
unset ANSIBLE_CONFIG PYTHONDONTWRITEBYTECODE
export ANSIBLE_COLLECTIONS_PATH=$root MYPY_CACHE_DIR=$root/mypy RUFF_CACHE_DIR=$root/ruff
copy
case $kind in
  check)
    cd "$collection"
    lint_code
    lint_documentation
    need_postgresql
    units -m "not slow" tests/unit
    ;;
  lint)
    cd "$collection"
    lint_code
    lint_documentation
    ansible-lint --profile production
    ;;
  sanity) ansible_test sanity --python "$python" ;;
  units)
    need_postgresql
    units tests/unit
    # That they run with it as well, as people of Ansible expect. One file shows that it finds the collection, what the tests share
    # and what they need; it starts a process for each test, which costs more than most of them do.
    ansible_test units --python "$python" tests/unit/plugins/module_utils/_model/test_pairs.py
    ;;
  ecosystem | playbooks | report)
    need_postgresql
    need_browser
    need_curl
    need_sshd
    ansible_test integration --python "$python" "$kind"
    ;;
  interface)
    need_postgresql
    need_sshd
    ansible_test sanity --python "$python" --test compile --test import --test validate-modules
    units tests/unit/plugins/test_imports.py
    playbooks -m interface
    ;;
  next) playbooks -m interface -k "each_ordered_pair or rehearse" ;;
  molecule) cd "$collection/extensions" && molecule test --all ;;
  package) galaxy_importer ;;
  site) cd "$collection" && tests/docs_site.sh "$root/site" ;;
  *) echo "unknown: $kind" >&2 && exit 2 ;;
esac
