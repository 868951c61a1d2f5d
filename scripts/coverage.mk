# SPDX-License-Identifier: BSD-2-Clause
# What the unit tests cover of guest memory. Everything is built once more, with
# Clang's source-based coverage in place of the sanitizers, in $(BUILD)/coverage.

.PHONY: coverage
coverage: ## measure what the unit tests cover of pgtable/ and of core's memory
	@+MAKE='$(MAKE)' BUILD='$(BUILD)' THIRD='$(THIRD)' sh scripts/coverage.sh
