# SPDX-License-Identifier: BSD-2-Clause
# The hypervisor images: one an architecture.

VERSION := 0.1.0

# ---- What is in an image ------------------------------------------------------
sources = $(filter-out %_test.c,$(wildcard $(1)))

SRC_common := lib/string.c lib/printf.c lib/log.c lib/fdt.c \
	$(call sources,pgtable/*.c) $(call sources,core/*.c) \
	$(call sources,dev/*.c) $(call sources,drivers/*.c) \
	$(call sources,vmm/*.c)
SRC_arm64 := $(SRC_common) $(call sources,arch/armcommon/*.c) \
	$(call sources,arch/arm64/*.c) $(wildcard arch/arm64/*.S)
OBJ_arm64 := $(patsubst %.S,$(BUILD)/arm64/%.o,$(patsubst %.c,$(BUILD)/arm64/%.o,$(SRC_arm64))) \
	$(LIBFDT_SRC:%=$(BUILD)/arm64/libfdt/%.o)

CFLAGS_arm64 += -ffixed-x18 -DTWOFOLD_VERSION='"$(VERSION)"'

# Page tables of Arm's kind alone, of all granules.
CFLAGS_arm64 += -DPGTABLE_KINDS=1

# What runs once, at boot, or seldom is compiled for size: all but the ways that
# exits, interrupts, faults and mapping take.
COLD_arm64 := $(patsubst %.c,$(BUILD)/arm64/%.o,lib/fdt.c lib/log.c lib/printf.c \
	pgtable/build.c pgtable/pgtable.c pgtable/protect.c \
	pgtable/collapse.c pgtable/dirty.c pgtable/flush.c pgtable/split.c \
	pgtable/step.c \
	core/backing.c core/backing_static.c core/dirty_log.c core/hyp_alloc.c \
	core/memslot.c core/page_alloc.c \
	core/notifier.c core/vm.c \
	drivers/irqchip.c drivers/psci.c drivers/uart.c $(call sources,drivers/uart_*.c) \
	$(call sources,vmm/*.c) arch/armcommon/machine.c arch/armcommon/psci.c \
	$(addprefix arch/arm64/,early.c features.c mmu.c panic.c setup.c smp.c \
	stage2_choose.c stage2_encode.c)) \
	$(LIBFDT_SRC:%=$(BUILD)/arm64/libfdt/%.o)
$(COLD_arm64): CFLAGS_arm64 += -Os
# Which are cold is said here.
$(OBJ_arm64): scripts/image.mk

IMAGE_arm64 := $(BUILD)/twofold-arm64.bin

.PHONY: image
image: $(IMAGE_arm64)
all: image

$(BUILD)/twofold-arm64.elf: $(OBJ_arm64) arch/arm64/image.lds
	@echo "  LD      $@"
	$(Q)$(LD_arm64) -pie --no-dynamic-linker -z text -z noexecstack \
		--gc-sections --no-warn-rwx-segments -T arch/arm64/image.lds -o $@ $(OBJ_arm64)

$(IMAGE_arm64): $(BUILD)/twofold-arm64.elf
	@echo "  IMAGE   $@"
	$(Q)$(OBJCOPY_arm64) -O binary $< $@
