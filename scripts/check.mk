# SPDX-License-Identifier: BSD-2-Clause
# Checks of the tree itself. `make test` counts them as tests.

check: ## check the tree: layers, licences, both compilers, size
	@+$(TEST) check

# Everything, tests too, with each compiler: -Werror makes an error of a warning.
# The one that is not COMPILER builds in a directory of its own.
.PHONY: check-compilers check-gcc check-clang
check-compilers: check-gcc check-clang ## build everything with GCC and with Clang
check-gcc check-clang: check-%:
	@+$(MAKE) -k COMPILER=$* THIRD=$(THIRD) \
		BUILD=$(BUILD)$(if $(filter $(COMPILER),$*),,/$*) \
		image cli testguests unit-programs bench-programs

# What the hypervisor is made of: `size` of its program, for the check of it.
.PHONY: image-size
PORT ?= arm64
image-size: image
	@$(SIZE_$(PORT)) $(BUILD)/twofold-$(PORT).elf

format: ## lay the C sources out as .clang-format says (package clang-format)
	$(Q)find . \( -name .git -o -path ./build \) -prune -o \
		-name '*.[ch]' -exec clang-format -i {} +
