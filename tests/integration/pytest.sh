#!/usr/bin/env bash
# Runs the tests of the target that the working directory belongs to, several at a time, as they wait a lot, with what all of them
# share. Tests of one group share what is costly to set up.
set -eu
collections=${ANSIBLE_COLLECTIONS_PATH%%:*}
export PYTHONPATH=$collections/ansible_collections/jira_cloud/federation/tests/integration${PYTHONPATH:+:$PYTHONPATH}
exec python -m pytest -p federations -p bastions -p no:cacheprovider -n auto --dist loadgroup -q --color=yes "$@" .
