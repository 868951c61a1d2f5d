# SPDX-License-Identifier: BSD-2-Clause
# Seeded bugs: tests/seeded/README.md says what they are.

SEEDED := MAKE='$(MAKE)' BUILD='$(BUILD)' THIRD='$(THIRD)' \
	TESTS=$(call quote,$(TESTS)) sh scripts/seeded.sh

.PHONY: test-seeded
test-seeded: ## put historic bugs back, one by one; each must fail its tests
	@+$(SEEDED) run
