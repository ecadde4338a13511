#!/usr/bin/env bash
# Real runs of ansible-playbook against the stand-in, told as tests in Python.
set -eu
exec "${ANSIBLE_COLLECTIONS_PATH%%:*}/ansible_collections/jira_cloud/federation/tests/integration/pytest.sh" "$@"
