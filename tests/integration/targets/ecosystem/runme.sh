#!/usr/bin/env bash
# What surrounds the collection: its tarball, execution environments, ansible-runner, AWX, the documentation's examples.
set -eu
exec "${ANSIBLE_COLLECTIONS_PATH%%:*}/ansible_collections/jira_cloud/federation/tests/integration/pytest.sh" "$@"
