# SPDX-License-Identifier: BSD-2-Clause
# The Debian packages that a goal needs are there before anything is built.
#
# Make remakes a makefile that it includes before it looks at any goal, and then
# starts over. So when packages are missing, the file included below is
# "remade" by installing them, whatever the goal and however many jobs run.
# When nothing is missing this costs one short shell script that looks for
# files: no package manager, no network.

SETUP_GOALS := $(or $(MAKECMDGOALS),all)
SETUP_FREE := setup help clean uninstall
# What only the tests need is not asked of somebody who wants to run a guest.
BUILD_GOALS := all image cli run guests debian linux-mips testguests install \
	compile-commands $(SETUP_FREE)
SETUP_GROUP := $(if $(filter-out $(BUILD_GOALS),$(SETUP_GOALS)),test,build)
ifeq ($(COMPILER),clang)
SETUP_GROUP := test
endif

ifneq ($(filter-out $(SETUP_FREE),$(SETUP_GOALS)),)
ifeq ($(DRY_RUN),)
ifeq ($(MAKELEVEL),0)
PACKAGES_MISSING := $(shell sh scripts/setup.sh missing $(SETUP_GROUP))
endif
endif
endif

ifneq ($(PACKAGES_MISSING),)
ifneq ($(MAKE_RESTARTS),)
$(error Packages are installed, but what they hold is not found: \
	$(PACKAGES_MISSING))
endif
include $(BUILD)/.packages
$(BUILD)/.packages: FORCE
	@sh scripts/setup.sh install $(SETUP_GROUP)
	@mkdir -p $(@D)
	@echo '# Remade when packages had to be installed.' > $@
endif

setup: ## install the Debian packages that everything here needs
	@sh scripts/setup.sh install test
