# SPDX-License-Identifier: BSD-2-Clause
# The page-table engine on this PC: its sources as they ship, by GCC with -O2
# whatever COMPILER says, for the goals are counts of instructions.

PGTABLE_BENCH := $(BENCH)/pgtable/bench/pgtable
FAULTS_BENCH := $(BENCH)/pgtable/bench/faults
bench_objects = $(patsubst %.c,$(BENCH)/pgtable/%.o,$(1) bench/race.c \
	$(call sources,pgtable/*.c))
OBJ_pgtable_bench := $(call bench_objects,bench/pgtable.c bench/tables.c)
# core/, but for what the threads of the PC do in its place, and registers.
OBJ_faults_bench := $(call bench_objects,bench/faults.c \
	$(filter-out core/sched.c core/timer.c core/vcpu_regs.c,$(call sources,core/*.c)) \
	core/testing/fake_sched.c core/testing/fake_stage2.c \
	core/testing/fake_vcpu.c lib/log.c lib/printf.c)
CFLAGS_pgtable_bench := $(CSTD) $(WARN) -O2 -g -fno-strict-aliasing -pthread -I.

.PHONY: bench-pgtable bench-programs
bench-programs: $(PGTABLE_BENCH) $(FAULTS_BENCH)
bench-pgtable: $(PGTABLE_BENCH) $(FAULTS_BENCH) ## count what the page-table engine executes; fail over a goal
	@BUILD=$(BUILD) sh bench/pgtable.sh $^

$(BENCH)/pgtable/%.o: %.c bench/pgtable.mk
	$(call compile,gcc $(CFLAGS_pgtable_bench))

$(PGTABLE_BENCH): $(OBJ_pgtable_bench)
$(FAULTS_BENCH): $(OBJ_faults_bench)
$(PGTABLE_BENCH) $(FAULTS_BENCH):
	@echo "  LD      $@"
	$(Q)gcc -pthread -o $@ $^
