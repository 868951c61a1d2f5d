# SPDX-License-Identifier: BSD-2-Clause
# The page-table engine on this PC: its sources as they ship, by GCC with -O2
# whatever COMPILER says, for the goals are counts of instructions.

PGTABLE_BENCH := $(BENCH)/pgtable/bench/pgtable
OBJ_pgtable_bench := $(patsubst %.c,$(BENCH)/pgtable/%.o,bench/pgtable.c \
	$(call sources,pgtable/*.c))
CFLAGS_pgtable_bench := $(CSTD) $(WARN) -O2 -g -fno-strict-aliasing -pthread -I.

.PHONY: bench-pgtable
bench-pgtable: $(PGTABLE_BENCH) ## count what the page-table engine executes; fail over a goal
	@BUILD=$(BUILD) sh bench/pgtable.sh $<

$(BENCH)/pgtable/%.o: %.c bench/pgtable.mk
	$(call compile,gcc $(CFLAGS_pgtable_bench))

$(PGTABLE_BENCH): $(OBJ_pgtable_bench)
	@echo "  LD      $@"
	$(Q)gcc -pthread -o $@ $^
