#!/usr/bin/env bash
# The report, opened in Chromium.
set -eu
export PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}${ANSIBLE_COLLECTIONS_PATH%%:*}
exec python -m pytest -q --color=yes -p no:cacheprovider "$@" .
