#!/usr/bin/env bash
# What make demo does: two rehearsals of docs/examples/inventory.yml that share a ledger. In the first one a job fails; the
# second one is the rerun.
set -euo pipefail
cd "$(dirname "$0")/../.."

collections=$PWD/.venv/collections
ledger=$(mktemp -d)/ledger.sqlite3
trap 'rm -rf "$(dirname "$ledger")"' EXIT

rehearse() {
  printf '\n$ ansible-playbook -i docs/examples/inventory.yml jira_cloud.federation.rehearse%s\n' "${*:+ ${*@Q}}"
  ANSIBLE_COLLECTIONS_PATH=$collections ansible-playbook -i docs/examples/inventory.yml \
    jira_cloud.federation.rehearse "$@" -e rehearsal_ledger="$ledger" \
    -e link_update_poll_min=0.2 -e rehearsal_run_seconds=1.5 -e rehearsal_backup_seconds=1
}

echo "Four instances, so twelve pairs, and a job for each. One of the jobs is told to fail."
if rehearse -e '{"rehearsal_fail":["eu -> us"],"rehearsal_retry":["us -> ap"]}'; then
  echo "The run was to fail, because a job did." >&2
  exit 1
fi

printf '\nThe run failed, as one of its jobs did. A rerun schedules that job anew, and nothing else.\n'
rehearse

printf '\nAll pairs are complete. A rerun now would schedule nothing; try the same with an inventory of your own:\n'
echo "see docs/docsite/rst/how_to_rehearse.rst."
