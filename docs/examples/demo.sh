#!/usr/bin/env bash
# What make demo does: three rehearsals of docs/examples/inventory.yml. In the first one a job fails. The second one retries it, and
# checks the links: three are missing. The third one creates these and checks again. What is printed is what runs: it can be copied
# line by line, from the root of the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."

run() {
  printf '\n$ %s\n' "$1"
  eval "$1"
}

rehearse='ansible-playbook -i docs/examples/inventory.yml jira_cloud.federation.rehearse -e rehearsal_ledger=.venv/demo.sqlite3 \
    -e link_update_poll_min=0.2 -e rehearsal_backup_seconds=1 -e rehearsal_run_seconds=1.5'

echo 'Four sites, so twelve pairs and twelve jobs. No account is needed: a stand-in on this machine plays the part of Atlassian.'
# The collection, the Ansible that make has installed, and none of the lines "ok: [eu]".
# shellcheck disable=SC2016 # It is printed as it is typed.
run 'export ANSIBLE_COLLECTIONS_PATH="$PWD/.venv/collections" PATH="$PWD/.venv/bin:$PATH" ANSIBLE_DISPLAY_OK_HOSTS=false'
run 'rm -f .venv/demo.sqlite3'

printf '\nThe first run. One job fails: rehearsal_fail names it.\n'
if run "$rehearse"' \
    -e '\''{"rehearsal_fail": ["eu -> us"], "rehearsal_retry": ["us -> ap"]}'\'; then
  echo 'This run must fail, because one of its jobs fails. It did not.' >&2
  exit 1
fi

printf '\nThe run failed because one job failed. The next run is without rehearsal_fail: it retries the failed job and schedules nothing else.\n'
printf 'Then it checks all 40 links, as link_update_prove is set. Three are missing: rehearsal_leave_out says so.\n'
if run "$rehearse"' \
    -e link_update_prove=true -e '\''{"rehearsal_leave_out": {"eu -> us": 3}}'\'; then
  echo 'This run must fail, because three links are missing. It did not.' >&2
  exit 1
fi

printf '\nAll jobs are complete, and three links are missing all the same. A repair creates them, and another check finds all links.\n'
run 'ansible-playbook -i docs/examples/inventory.yml jira_cloud.federation.link_repair -e link_update_rehearsal=true'

printf '\nOpen report.html and link_check.html in link_update_report/rehearsal: the second run, and its check. Then rehearse your own\n'
echo 'inventory: docs/docsite/rst/how_to_rehearse.rst'
