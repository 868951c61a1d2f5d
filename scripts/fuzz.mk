# SPDX-License-Identifier: BSD-2-Clause
# What runs for as long as one likes: the fuzz targets, tests/fuzz/foo_fuzz.c,
# with their corpora in tests/fuzz/corpus/foo/; and the property tests, with new
# seeds. scripts/unit.mk says how the targets are built.

FUZZ_PROGRAMS := $(FUZZ_SOURCES:%.c=$(BUILD)/tests/%)
# Those of the unit tests that take a seed and SOAK_SECONDS, or run threads.
SOAK_SOURCES := $(shell grep -l -e 'property_init\>' \
	-e '^// flags:.*-fsanitize=thread' $(UNIT_SOURCES))
SOAK_PROGRAMS := $(SOAK_SOURCES:%.c=$(BUILD)/tests/%)

FUZZ := MAKE='$(MAKE)' BUILD='$(BUILD)' TESTS=$(call quote,$(TESTS)) sh scripts/fuzz.sh

# Before anything is built for it.
ifneq ($(filter fuzz soak,$(MAKECMDGOALS)),)
ifneq ($(shell printf '%s\n' $(call quote,$(or $(SECONDS),60)) | \
	grep -E -v -x '0*([1-9][0-9]{0,5}|1000000)'),)
$(error SECONDS=$(SECONDS): must be a number from 1 to 1000000)
endif
endif

.PHONY: fuzz fuzz-programs fuzz-list fuzz-corpus soak
fuzz-programs: $(FUZZ_PROGRAMS)
fuzz-list:
	@printf '%s\n' $(FUZZ_PROGRAMS)
fuzz: fuzz-programs ## fuzz engine, guest memory, exits and parsers for SECONDS=60 in all
	@$(FUZZ) fuzz $(or $(SECONDS),60) $(FUZZ_PROGRAMS)
fuzz-corpus: fuzz-programs ## merge what fuzzing found into tests/fuzz/corpus, minimised
	@$(FUZZ) merge $(FUZZ_PROGRAMS)
soak: $(SOAK_PROGRAMS) ## run the property tests, with new seeds, for SECONDS=600 in all
	@BUILD='$(BUILD)' TESTS=$(call quote,$(TESTS)) \
		sh scripts/soak.sh $(or $(SECONDS),600) $(SOAK_PROGRAMS)
