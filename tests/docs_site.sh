#!/usr/bin/env bash
# Builds the documentation site in a folder of its own, without a network, and says where it is: tests/docs_site.sh FOLDER
set -euo pipefail
site=$1

# antsibull-docs writes only where nobody else may.
(umask 077 && mkdir -p "$site")
antsibull-docs sphinx-init --use-current --squash-hierarchy --fail-on-error --dest-dir "$site" \
  --project jira_cloud.federation --copyright "The jira_cloud.federation authors" --title jira_cloud.federation \
  jira_cloud.federation
# What leads to Ansible's own documentation is no link in this site: for that it would be looked up there. And the sidebar shows
# captions of lists of pages only, so each list gets its heading as one.
cat >> "$site/conf.py" << 'END'

intersphinx_mapping = {}
nitpick_ignore_regex = [
    ("std:ref", "action_plugins|common_return_values|ansible_configuration_settings"),
    ("std:ref", r"ansible_collections\.ansible\..*"),
]

import re

LIST = re.compile(r"^(.+)\n([-~]+)\n\n((?:.+\n|\n(?=[*.]))*?)\.\. toctree::\n", re.MULTILINE)


def with_caption(found):
    title, line, text = found.groups()
    heading = f"{title}\n{line}\n\n{text}" if text else ""
    return f"{heading}.. toctree::\n    :caption: {title}\n"


def add_captions(app, page, source):
    if page == "index":
        source[0] = LIST.sub(with_caption, source[0])


def setup(app):
    app.connect("source-read", add_captions)
END
# antsibull-docs takes pages along, and no pictures.
cat >> "$site/conf.py" << END

import glob
import shutil

for picture in glob.glob("$PWD/docs/docsite/rst/*.svg"):
    shutil.copy(picture, "rst/docsite")
# Pages show them as in the checkout: ../../images/NAME
shutil.copytree("$PWD/docs/images", "images", dirs_exist_ok=True)
END
"$site/build.sh"
grep -q 'class="caption-text">Look up<' "$site/build/html/index.html" || { echo "The sidebar has no sections" >&2; exit 1; }
echo "$site/build/html/index.html"
