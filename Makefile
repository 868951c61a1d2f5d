# SPDX-License-Identifier: BSD-2-Clause
# Twofold. `make help` lists what there is to make.

BUILD ?= build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

# Not empty when nothing is to be run (make -n).
DRY_RUN := $(findstring n,$(filter-out -%,$(firstword $(MAKEFLAGS))))

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
# As many jobs as there are CPUs, unless the user said otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: all image cli run test guests setup bench check format help clean FORCE
all: ## build the hypervisor images and the `twofold` command
all: image cli compile-commands

FORCE:

include scripts/setup.mk
include scripts/toolchain.mk
include scripts/image.mk
include scripts/cli.mk
include scripts/guests.mk
include scripts/unit.mk
include scripts/fuzz.mk
include scripts/coverage.mk
include scripts/seeded.mk
include scripts/check.mk
include scripts/bench.mk
include scripts/install.mk
include scripts/lib.mk
include scripts/docs.mk

# What everything is built with, and of.
$(foreach p,$(PORTS),$(call remember,$(BUILD)/$p/.flags,$(CC_$p) $(CFLAGS_$p)))
$(foreach p,$(PORTS),$(call remember,$(BUILD)/$p/.objects,$(OBJ_$p)))
$(call remember,$(BUILD)/host/.flags,$(HOSTCC) $(CFLAGS_host))
$(call remember,$(BUILD)/tests/.flags,$(HOSTCC) $(CFLAGS_asan) $(CFLAGS_tsan) \
	$(CFLAGS_fuzz))
$(call remember,$(LIB)/.flags,$(LIB_CC) $(CFLAGS_lib))
$(foreach p,$(PORTS),$(eval $(BUILD)/twofold-$p.elf: $(BUILD)/$p/.objects))

# What each object was built from, as the compiler wrote it down.
-include $(shell find $(BUILD) -path $(BUILD)/clang -prune -o \
	-path $(BUILD)/gcc -prune -o \
	-path $(THIRD) -prune -o -name '*.d' -type f -print 2>/dev/null)

help: ## list what there is to make
	@sh scripts/help.sh $(MAKEFILE_LIST)

clean: ## remove everything that was built
	$(Q)rm -rf $(BUILD) compile_commands.json
