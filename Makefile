# The two commands: `make app` opens the page, `make test` runs every check.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: app test test-quick test-browser test-ocr test-packaging test-postgres install check browser postgres train eval wheel kit clean

app: install
	$(BIN)/yiwen app

# Every check, and every test but the two long sets below; 单篇 and 校正 in a browser are among them.
test: check browser
	$(BIN)/pytest

# The same, files shared out among the cores: quicker, but tests that bound a time may fail on a busy machine.
test-quick: check browser
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Each as long as all the rest together: all of the page in Chromium; the wheel in empty environments.
test-browser: install browser
	$(BIN)/pytest -m browser tests/browser

test-packaging: install
	$(BIN)/pytest -m packaging tests/packaging

# Scans need the extra `ocr`, which `make install` leaves out, and a Chinese font.
test-ocr: install browser
	$(BIN)/pip install --quiet -c constraints.txt -e ".[ocr]"
	$(BIN)/pytest -m ocr tests/ocr

# What several servers share on one PostgreSQL, a server of Debian's packages in a temporary folder.
test-postgres: install postgres
	$(BIN)/pytest -m postgres tests/serving

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1 || \
		echo "没有 PostgreSQL，有关测试将跳过。Debian 上请运行：apt-get install postgresql"

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m data.corpus.check

# The browser tests drive Debian's Chromium, plots need a Chinese font; elsewhere, or without root,
# the tests that need them are skipped.
browser:
	@{ command -v chromium && fc-list :lang=zh | grep -q .; } >/dev/null 2>&1 || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-wqy-zenhei; } >/dev/null 2>&1 || \
		echo "没有 chromium 或中文字体，有关测试将跳过。Debian 上请运行：apt-get install chromium fonts-wqy-zenhei"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新版本；可用 make PYTHON=/路径/python3.11 指定"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet -c constraints.txt -e ".[app,serve,postgres,eval,train,dev]"
	touch $@

# The one file to install elsewhere, with the model inside. What an older build left would go along.
wheel: | $(BIN)/pip
	rm -rf build dist/yiwen-*.whl
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/yiwen-*.whl

# A folder and a zip file for a machine without internet: make kit PLATFORM=win_amd64 [OCR=1, for scans]
PLATFORM ?= linux_x86_64
OCR ?=
kit: wheel
	$(BIN)/pip install --quiet packaging
	$(BIN)/python -m kit.make_kit --wheel dist/yiwen-*.whl --platform $(PLATFORM) $(if $(OCR),--ocr)

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

train: install
	$(BIN)/yiwen train --out runs/model

eval: install
	$(BIN)/yiwen eval

clean:
	rm -rf $(VENV) build dist runs *.egg-info
