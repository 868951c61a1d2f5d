# SPDX-License-Identifier: BSD-2-Clause
# Tests. Every DIR/foo_test.c is a program, $(BUILD)/tests/DIR/foo_test. Its
# first lines say what it is linked with:
#
#   // link: core/vmid.c lib/bitmap.c     sources, from the root of the tree
#   // link: libfdt
#   // flags: -pthread                    more flags, of compiler and linker
#
# scripts/unit-rules.sh makes rules of them. All is built with AddressSanitizer
# and UBSan, or with ThreadSanitizer where the flags have -fsanitize=thread.
# A fuzz target, tests/fuzz/foo_fuzz.c (scripts/fuzz.mk), begins the same way, has
# -fsanitize=fuzzer among its flags, and is built with Clang.

UNIT_SOURCES := $(patsubst ./%,%,$(sort $(shell find . \
	\( -name .git -o -path './build*' -o -path ./$(BUILD) \) -prune -o \
	-name '*_test.c' -print)))
UNIT_PROGRAMS := $(UNIT_SOURCES:%.c=$(BUILD)/tests/%)
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*_fuzz.c))
UNIT_RULES := $(BUILD)/tests/rules.mk

CFLAGS_unit := $(CFLAGS_host)
CFLAGS_asan := $(CFLAGS_unit) $(SANITIZE)
CFLAGS_tsan := $(CFLAGS_unit) $(SANITIZE_THREAD)
FUZZ_CC := clang
CFLAGS_fuzz := $(CFLAGS_unit) $(SANITIZE) -fsanitize=fuzzer-no-link

ifeq ($(SETUP_GROUP),test)
include $(UNIT_RULES)
endif
$(UNIT_RULES): $(UNIT_SOURCES) $(FUZZ_SOURCES) scripts/unit-rules.sh scripts/unit.mk
	@mkdir -p $(@D)
	@sh scripts/unit-rules.sh $(UNIT_SOURCES) $(FUZZ_SOURCES) > $@

TEST := MAKE='$(MAKE)' BUILD='$(BUILD)' TESTS=$(call quote,$(TESTS)) sh scripts/test.sh

.PHONY: unit-programs unit-list test-unit test-boot test-cli
unit-programs: $(UNIT_PROGRAMS) $(FUZZ_PROGRAMS)
unit-list:
	@printf '%s\n' $(UNIT_PROGRAMS)

# The runner builds what it runs, so that what does not build is a failed test
# as well, and the rest still runs.
test: ## run every test; TESTS=PATTERN runs those whose name has PATTERN in it
	@+$(TEST) check build unit fuzz tools cli boot
test-unit: ## run the unit tests
	@+$(TEST) unit
test-cli: ## run the tests of the `twofold` command
	@+$(TEST) cli
test-boot: ## boot guests on emulated boards
	@+$(TEST) boot
