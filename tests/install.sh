#!/usr/bin/env bash
# Installs Python packages into a virtual environment: tests/install.sh FOLDER REQUIREMENT...
# uv is several times as fast as pip. It does not read pip's settings, such as an index of one's own: then pip does it.
set -euo pipefail
# A network may have a certificate authority of its own. Older releases of uv know the second name of the setting.
export UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true
folder=$1
shift
pip=("$folder/bin/python" -m pip --quiet --disable-pip-version-check)
if "${pip[@]}" install uv &&
  "$folder/bin/uv" pip install --quiet --compile-bytecode --python "$folder/bin/python" "$@"; then
  exit
fi
exec "${pip[@]}" install --upgrade --upgrade-strategy only-if-needed "$@"
