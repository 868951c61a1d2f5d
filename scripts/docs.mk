# SPDX-License-Identifier: BSD-2-Clause
# Documents that hold what a command prints.

.PHONY: bench-docs
bench-docs: ## measure again, and write the figures into docs/performance.md
	@+BUILD='$(BUILD)' MAKE='$(MAKE)' sh scripts/bench-docs.sh \
		docs/performance.md
