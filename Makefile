PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ELSEWHERE := $(or $(EDGEBERT_HOME),$(HOME)/.cache/edgebert)/elsewhere
UNFINISHED := $(VENV).unfinished
# Of pytest: one on every core, a file of tests to one of them.
WORKERS := -n auto --dist loadfile

.PHONY: demo test test-slow check check-elsewhere bench android-tools fuzz-tokenizer android-apk check-arm clean

# Environment, install, and the whole chain on the built-in task: files, report and bundle in artefacts/.
demo: $(INSTALLED)
	$(BIN)/edgebert export

# The tests, in minutes.
test: $(INSTALLED)
	$(BIN)/python -m pytest $(WORKERS) -m "not slow"

# Those that take long: whole runs of every kind, kills, a full disk, the Android core. `.ci/run` runs both.
test-slow: $(INSTALLED)
	$(BIN)/python -m pytest $(WORKERS) -m slow

# Style, format and strict types.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The files in runtimes of other people: MediaPipe, Node, WebAssembly and a browser ($$CHROMIUM). Needs npm.
check-elsewhere: $(INSTALLED) $(ELSEWHERE)/node_modules
	$(BIN)/edgebert setup-runtime mediapipe
	$(BIN)/python -m pytest -rs -s tests/elsewhere tests/targets

$(ELSEWHERE)/node_modules: tests/elsewhere/package.json
	mkdir -p $(ELSEWHERE)
	cp $< $(ELSEWHERE)
	ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --no-audit --no-fund --prefix $(ELSEWHERE)
	touch $@

# edgebert's files beside those of other tools, each in an environment of its own, in one run on an idle machine.
bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.peers.setup
	$(BIN)/python -m benchmarks.peers

# Compilers and packers for the Android checks, into ~/.cache/edgebert/android: needs Java, npm and Debian's apt.
android-tools: $(INSTALLED)
	$(BIN)/python -m android_demo.check setup

# A million texts through the app's tokenizer and the library's.
fuzz-tokenizer: $(INSTALLED)
	$(BIN)/python -m android_demo.check fuzz --texts 1000000 --seed 1

# The Android app with the bundle in its assets, without Gradle: signed, verified, and what takes its room.
android-apk: $(INSTALLED)
	$(BIN)/python -m android_demo.check apk

# The bundle's files in arm64 builds of LiteRT and ONNX Runtime, emulated; slow. Needs Debian's apt; 400 MB once.
check-arm: $(INSTALLED)
	$(BIN)/python -m android_demo.check setup-arm
	$(BIN)/python -m benchmarks.arm
	$(BIN)/python -m benchmarks.tables

# Everything that was made, but the environment.
clean:
	rm -rf artefacts build dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# An interrupted set-up leaves $(UNFINISHED) behind, and the next one starts from nothing.
$(INSTALLED): pyproject.toml constraints.txt
	test ! -e $(UNFINISHED) || rm -rf $(VENV)
	touch $(UNFINISHED)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
	rm $(UNFINISHED)
