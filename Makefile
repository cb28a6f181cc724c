# What a developer types. Everything works from a fresh clone with Python 3.11+ and make.
.PHONY: setup run check test
.NOTPARALLEL:

# Compiled once, also where the environment says otherwise: the tests start several hundred processes of ours.
export PYTHONDONTWRITEBYTECODE =

# Virtual environment in .venv and missing system packages; quick when nothing changed.
setup:
	@scripts/setup.sh

# See it work: sample mail judged on this machine, then it stays up.
run: setup
	@.venv/bin/dlp demo --serve

# Format, lint, types, layers, fast tests.
check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q tests/test_layers.py
	.venv/bin/python -m pytest -q -n 2 -m "not servers" --deselect tests/test_layers.py

# Everything, real servers included: three tests beside each other on two cores, for they also wait for what they start.
# Only files that can have such tests are looked at; a conftest.py marks tests of its whole folder.
test: setup
	@scripts/test-packages.sh
	@$(MAKE) --no-print-directory check
	.venv/bin/python -m pytest -q -n 2 --dist worksteal -m servers \
		$$(grep -rl "mark\.servers" --include="*.py" tests | sed "s/conftest\.py$$//" | sort)

# Random input for each reader in turn, or TARGET=rtf (tests/fuzz/targets.py has them all), for MINUTES=10; a failure names target,
# seed and run, and another start goes on. TARGET=smtp: random commands against the listeners.
.PHONY: fuzz
fuzz: setup
ifeq ($(TARGET),smtp)
	.venv/bin/python -m tests.fuzz.fuzz_smtp $$(( $(or $(MINUTES),10) * 60 ))
else
	.venv/bin/python -m tests.fuzz.run $(or $(TARGET),all) --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1)
endif

# The evasion matrix as a table: each trick alone and inside a letter, then random stacks of tricks. ONLY=E039, STACKS=5000.
.PHONY: evasion
evasion: setup
	.venv/bin/python -m tests.evasion.run --only "$(ONLY)" --stacks $(or $(STACKS),5000)

# How often the filter is right: letters of a split's authors, each copy judged, beside three dumb detectors. SPLIT=train.
# LISTS=3: only lists, each layout in each form three times. ROBUST=1: what is stopped again, written and packed otherwise.
# CULTURES=1: the letters again, with names of each culture, two minutes more.
# WRITER=soffice with LISTS: those in files, as LibreOffice saves them. WORDS=0.2: ten times as many names made of everyday words.
.PHONY: accuracy
accuracy: setup
	.venv/bin/python -m tests.accuracy.run --split $(or $(SPLIT),dev) --lists $(or $(LISTS),0) \
		--words $(or $(WORDS),0.02) $(if $(ROBUST),--robust) $(if $(CULTURES),--cultures) $(if $(WRITER),--writer $(WRITER))

# The weights of sentences, fitted again on the letters of the training authors; some minutes. They and their card are committed.
.PHONY: models
models: setup
	.venv/bin/python -m tests.accuracy.training

# How much of your own mail would be stopped: MAIL="folder box.mbox", with an invented directory of STUDENTS=12000.
.PHONY: ham
ham: setup
	.venv/bin/python -m tests.accuracy.ham --students $(or $(STUDENTS),12000) $(MAIL)

# Letters in two mail clients, as docs/notices.md shows them.
.PHONY: pictures
pictures: setup
	@scripts/test-packages.sh
	.venv/bin/python -m pytest -q tests/notices/test_screens.py --pictures docs/images

# The fault matrices, every cell, as tables. docs/reliability.md has the last result.
.PHONY: faults
faults: setup
	@scripts/test-packages.sh
	.venv/bin/python -m pytest -q -n 2 --every-cell tests/faults tests/model tests/test_canaries.py

# The filter against the bare path and rspamd, in one run; docs/performance.md gets the tables. ROUNDS=1 for a quick look;
# PEER: docs/performance.md.
.PHONY: bench
bench: setup
	@scripts/test-packages.sh
	@scripts/bench-packages.sh
	.venv/bin/python -m tests.bench.run --rounds $(or $(ROUNDS),3)
	.venv/bin/python -m tests.bench.reading
	.venv/bin/python -m tests.bench.finding

# The filter killed at random and at each failpoint while mail goes through it. KILLS=300 POINTS=10 MINUTES=20 FRONT=milter; run again to go on.
.PHONY: crash
crash: setup
	.venv/bin/python -m tests.rigs.crash --kills $(or $(KILLS),1000) --points $(or $(POINTS),40) --minutes $(or $(MINUTES),50) \
		--front $(or $(FRONT),ports)

# What passes is what was sent, byte for byte, and signatures still verify.
.PHONY: fidelity
fidelity: setup
	.venv/bin/python -m tests.rigs.fidelity --messages $(or $(MESSAGES),20000)

# Invented campuses imported and asked; docs/performance.md gets the tables. PEOPLE="12000 1000000 20000000" MINUTES=50; run again to go on.
.PHONY: scale
scale: setup
	.venv/bin/python -m tests.scale.run --people $(or $(PEOPLE),12000 1000000) --minutes $(or $(MINUTES),50)

# Many connections for a while, large messages at once, overload: sizes and answers.
.PHONY: load
load: setup
	.venv/bin/python -m tests.rigs.load --connections $(or $(CONNECTIONS),200) --messages $(or $(MESSAGES),10000) --minutes $(or $(MINUTES),10)
