# Two commands on a fresh machine: `make demo` and `make test`. Python >= 3.11; no network beyond
# the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test page page-test screens lint docs tutorial results bench clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("latentia needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	touch $@

# Train the default VAE on real digits, measure it in nats, draw it, and say where to look.
demo: $(VENV)/.installed
	$(BIN)/latentia train mnist5k --out runs/demo --force --snapshots
	$(BIN)/latentia train mnist5k --preset autoencoder --out runs/demo-autoencoder --force --snapshots --quiet
	$(BIN)/latentia evaluate runs/demo --importance 1000
	$(BIN)/latentia figure runs/demo --against runs/demo-autoencoder --quiet
	$(BIN)/latentia sample runs/demo -n 100 --out runs/demo/figures/samples-only.png --quiet
	@echo
	@echo "The trained model, its numbers and its pictures are in runs/demo/:"
	@echo "  runs/demo/README.md                  the model card, with the numbers above"
	@echo "  runs/demo/figures/manifold.png       every digit that two latents can say"
	@echo "  runs/demo/figures/latent-map.png     where the test digits lie, under the prior"
	@echo "  runs/demo/figures/ae-vs-vae.png      the same network with and without a prior"
	@echo "Next: $(BIN)/latentia --help, or the ten lines of Python in README.md; and, in the browser,"
	@echo "  $(PIP) -e '.[explore]'"
	@echo "  $(BIN)/latentia explore runs/demo --with runs/demo-autoencoder"

# The whole suite: linter, formatter, strict types, tests and the examples in the docstrings.
test: lint
	$(BIN)/python -m pytest

# The explorer's page, which `latentia explore` serves; it takes Node 20.19 or newer.
PAGE := src/latentia/explorer/page
page: $(PAGE)/single.html

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci

$(PAGE)/single.html: web/node_modules/.package-lock.json $(shell find web/src -type f 2>/dev/null) \
		web/index.html web/vite.config.ts web/tsconfig.json
	cd web && npm run build

# The page's own tests, and every view of two small runs in Chromium (CHROMIUM names another).
page-test: $(VENV)/.installed-dev page
	cd web && npm run check && npm test && PYTHON="$(CURDIR)/$(BIN)/python" npm run page-test

# The pictures of the page in docs/explorer/, all or VIEWS="map elbo", which are looked at before they are committed.
screens: $(VENV)/.installed-dev page
	cd web && PYTHON="$(CURDIR)/$(BIN)/python" node test/screens.mjs $(VIEWS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests benchmarks docs hatch_build.py
	$(BIN)/ruff format --check src tests benchmarks docs hatch_build.py
	$(BIN)/mypy

# The reference pages, one for each module, into site/.
docs: $(VENV)/.installed-dev
	$(BIN)/python docs/build.py site

# Put the tutorial's claims to the test on full MNIST, if it is there, and write its pages.
tutorial: $(VENV)/.installed
	$(BIN)/latentia lab --all --out docs/tutorial/results
	mkdir -p docs/tutorial/figures
	mv docs/tutorial/results/*.png docs/tutorial/figures/
	$(BIN)/python docs/tutorial.py docs/tutorial

# Repeat the README's results on full MNIST (set LATENTIA_DATA); hours, not minutes.
results: $(VENV)/.installed
	$(BIN)/python benchmarks/results.py

# Time a trained model in use against its floor, and an epoch of training against the peers, each in an
# environment of its own; see where the time goes, and what speed leaves as it is (two hours on a
# machine that does nothing else, and gigabytes of packages the first time).
bench: $(VENV)/.installed
	$(BIN)/python benchmarks/speed/use.py
	$(BIN)/python benchmarks/speed/run.py
	$(BIN)/python benchmarks/speed/shares.py
	$(BIN)/python benchmarks/speed/parity.py
	$(BIN)/python benchmarks/speed/bounds.py

clean:
	rm -rf .bench $(PAGE) web/node_modules $(VENV) .mypy_cache .pytest_cache .ruff_cache
