# SPDX-License-Identifier: BSD-2-Clause
# Documents that hold what a command prints.

.PHONY: bench-docs
bench-docs: ## measure again, and write the figures into docs/performance.md; GOALS=bench-pgtable: those
	@+BUILD='$(BUILD)' MAKE='$(MAKE)' GOALS='$(GOALS)' sh scripts/bench-docs.sh \
		docs/performance.md
