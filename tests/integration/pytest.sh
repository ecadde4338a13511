#!/usr/bin/env bash
# Runs the tests of the target that the working directory belongs to, two at a time, with what all of them share.
set -eu
collections=${ANSIBLE_COLLECTIONS_PATH%%:*}
export PYTHONPATH=$collections/ansible_collections/jira_cloud/federation/tests/integration${PYTHONPATH:+:$PYTHONPATH}
exec python -m pytest -p federations -p bastions -p no:cacheprovider -n 2 -q --color=yes "$@" .
