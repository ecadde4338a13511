# make demo    rehearse a federation of four instances against a stand-in for the service
# make check   what finds most mistakes, in less than a minute once it has been run
# make test    everything that must pass
# make docs    the documentation as a web site
# make pictures  the pictures of the documentation; PICTURES=FOLDER: all that you should look at after a change of the output
# make bench   measure what a run costs, beside uri and curl, for two and a half hours; writes the tables and the plot
# make kill    kill runs at random moments and check the reruns, for a quarter of an hour
# make mutate  change the code at 60 random places (SEED=1), and see whether the quick unit tests notice, for a quarter of an hour
#
# All that is installed goes to .venv, and a working copy for the tests to a folder of its own under TMPDIR: the tools for
# collections want to find one at .../ansible_collections/jira_cloud/federation, and outside any other repository.

SHELL := /bin/bash
.DELETE_ON_ERROR:
# The longest first, so that the processors have something to do until the end.
KINDS := ecosystem playbooks sanity units report lint package molecule site
CORES := $(shell sed -n 's/^\([0-9.]*\) .*/\1/p' tests/cores.txt) next
.PHONY: demo check test docs pictures bench kill mutate clean matrix $(KINDS) $(CORES:%=core-%)

# The first Python that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo $$python && break; done)
VENV := $(CURDIR)/.venv
PIP := $(VENV)/bin/python -m pip --quiet --disable-pip-version-check
# How many kinds of test run side by side.
JOBS := $(shell nproc 2> /dev/null || echo 1)
WORK := $(or $(TMPDIR),/tmp)/jira_cloud.federation-$(shell id -u)-$(shell pwd | cksum | cut -d ' ' -f 1)

# Nothing of the user's own Ansible is read or written.
export ANSIBLE_HOME := $(VENV)/ansible
export ANSIBLE_CONFIG := $(CURDIR)/tests/ansible.cfg
export PATH := $(VENV)/bin:$(PATH)
unexport ANSIBLE_COLLECTIONS_PATH ANSIBLE_INVENTORY ATLASSIAN_EMAIL ATLASSIAN_API_TOKEN JIRA_FEDERATION_LEDGER

demo: $(VENV)/ready-to-run
	@docs/examples/demo.sh

check: $(VENV)/ready-to-test $(VENV)/borrowed
	@tests/run.sh check "$(WORK)"

test:
	@echo "$(KINDS) $(CORES:%=core-%): $(JOBS) at a time, and of each all that it says when it has ended"
	@$(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync=target $(KINDS) matrix
	@missing=$$(cat $(CORES:%="$(WORK)/cores/%.txt") | sed -n 's/^ansible-core \([^ ]*\) *NOT RUN,/; but not with ansible-core \1,/p'); \
	printf 'make test: all passed, with ansible-core %s on Python %s%s\n' $$(python -c \
		'import ansible.release, platform; print(ansible.release.__version__, platform.python_version())') "$${missing//$$'\n'/}"

$(KINDS): $(VENV)/ready-to-test $(VENV)/borrowed
	@echo "== $@"
	@tests/run.sh $@ "$(WORK)"

matrix: $(CORES:%=core-%)
	@cat $(CORES:%="$(WORK)/cores/%.txt")

$(CORES:%=core-%): core-%: $(VENV)/ready-to-test $(VENV)/borrowed
	@echo "== $@"
	@tests/core.sh $* "$(WORK)/cores"

docs: site

# Where make docs has built the site, if it has.
pictures: $(VENV)/ready-for-pictures
	@ANSIBLE_COLLECTIONS_PATH=$(VENV)/collections PYTHONPATH=$(VENV)/collections $(VENV)/bin/python pictures/pictures.py \
		--site "$(WORK)/site/site/build/html" $(PICTURES)

bench: $(VENV)/ready-to-bench
	@ANSIBLE_COLLECTIONS_PATH=$(VENV)/collections MPLCONFIGDIR=$(VENV)/matplotlib $(VENV)/bin/python benchmarks/bench.py $(BENCH)

kill: $(VENV)/ready-to-test
	@$(VENV)/bin/python tests/crash/kill_runs.py

mutate: $(VENV)/ready-to-test
	@$(VENV)/bin/python tests/mutation/mutate.py --seed $(or $(SEED),1)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found: set PYTHON" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The collection where Ansible finds it.
LINK := $(VENV)/collections/ansible_collections/jira_cloud/federation
$(LINK): $(VENV)/bin/python
	mkdir -p $(@D)
	ln -sfn $(CURDIR) $@

$(VENV)/ready-to-run: requirements.txt $(VENV)/bin/python | $(LINK)
	$(PIP) install 'ansible-core>=2.16' -r requirements.txt
	@touch $@

$(VENV)/ready-to-test: requirements.txt requirements-postgresql.txt tests/requirements.txt tests/*/requirements.txt $(VENV)/bin/python | $(LINK)
	tests/install.sh $(VENV) -r tests/requirements.txt
	@touch $@

$(VENV)/borrowed: $(VENV)/bin/python tests/borrow.py
	$(VENV)/bin/python tests/borrow.py awx.awx $@
	@touch $@

$(VENV)/ready-to-bench: $(VENV)/ready-to-test benchmarks/requirements.txt
	tests/install.sh $(VENV) -r benchmarks/requirements.txt
	@touch $@

$(VENV)/ready-for-pictures: $(VENV)/ready-to-test pictures/requirements.txt
	tests/install.sh $(VENV) -r pictures/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) "$(WORK)"
