# SPDX-License-Identifier: BSD-2-Clause
# The hypervisor images: one an architecture.

VERSION := 0.1.0

# ---- What is in an image ------------------------------------------------------
sources = $(filter-out %_test.c,$(wildcard $(1)))

SRC_common := lib/string.c lib/printf.c lib/log.c lib/fdt.c \
	$(call sources,pgtable/*.c) $(call sources,core/*.c) \
	$(call sources,vmm/*.c)
DRIVERS_arm := $(addprefix drivers/,gicv2.c irqchip.c power.c psci.c uart.c \
	uart_cadence.c uart_pl011.c why.c)
DRIVERS_mips := $(addprefix drivers/,irqchip_mips.c power.c power_syscon.c uart.c \
	uart_ns16550.c why.c)
# No ARMv7 CPU has the GICv3's registers; only boards with such CPUs have what turns
# them on here.
SRC_arm64 := $(SRC_common) dev/pl011.c $(DRIVERS_arm) drivers/gicv3.c \
	$(call sources,arch/armcommon/*.c) \
	$(call sources,arch/arm64/*.c) $(wildcard arch/arm64/*.S)
SRC_arm := $(SRC_common) dev/pl011.c $(DRIVERS_arm) drivers/power_vexpress.c \
	lib/divide.c $(call sources,arch/armcommon/*.c) \
	$(call sources,arch/arm/*.c) $(wildcard arch/arm/*.S)
SRC_mips := $(SRC_common) dev/ns16550.c $(DRIVERS_mips) lib/divide.c \
	$(call sources,arch/mips/*.c) $(wildcard arch/mips/*.S)

# What runs once, at boot, or seldom is compiled for size: all but the ways that
# exits, interrupts, faults and mapping take.
COLD := lib/fdt.c lib/log.c lib/printf.c \
	pgtable/build.c pgtable/pgtable.c pgtable/protect.c \
	pgtable/collapse.c pgtable/dirty.c pgtable/flush.c pgtable/split.c \
	pgtable/step.c \
	core/backing.c core/backing_static.c core/dirty_log.c core/hyp_alloc.c \
	core/memslot.c core/notifier.c core/page_alloc.c core/stage2_tables.c core/vm.c \
	$(call sources,drivers/*.c) $(call sources,vmm/*.c) \
	$(addprefix arch/armcommon/,aarch32.c early.c ids.c machine.c mmu.c \
	panic.c psci.c regs.c set_way.c setup.c smp.c stage2_choose.c state.c \
	vgic_by_id.c workarounds.c) \
	$(addprefix arch/arm64/,debug.c early.c features.c inject.c panic.c \
	regs.c stage2_encode.c stage2_tlb.c sysreg.c target_generic.c vcpu.c) \
	$(addprefix arch/arm/,early.c features.c inject.c panic.c regs.c stage2.c \
	target_cortex.c target_cortex_a15.c target_cortex_a7.c vcpu.c) \
	$(addprefix arch/mips/,cpu_start.c early.c features.c machine.c panic.c setup.c)

# Where each word of a tree is put in order by two instructions, half of a start is
# libfdt's.
FAST_LIBFDT := mips

# arch/mips/string.c calls them.
$(BUILD)/mips/lib/string.o: CFLAGS_mips += -Dmemset=memset_words -Dmemcpy=memcpy_words

# With GCC, an image is compiled as a whole when it is linked: smaller by a
# twentieth, and no call for an accessor of another file. Not so what the compiler
# itself calls, and what image.lds puts in its place by the name of its file.
ifeq ($(COMPILER),gcc)
LTO := -flto -flto-partition=one
NO_LTO := lib/string.c lib/divide.c arch/armcommon/cache.c arch/mips/libgcc.c \
	arch/mips/string.c \
	arch/mips/middle.c arch/mips/quick.c
# They use the registers that their headers name: all others are fixed.
$(BUILD)/mips/arch/mips/middle.o: CFLAGS_mips += \
	$(patsubst %,-ffixed-%,16 17 18 19 20 21 22 23 24 25 28 30)
$(BUILD)/mips/arch/mips/quick.o: CFLAGS_mips += \
	$(patsubst %,-ffixed-%,8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 \
	25 28 30) -fno-tree-fre -fno-tree-pre -fno-tree-dominator-opts -fno-gcse \
	-fno-schedule-insns -fno-tree-sink -fno-code-hoisting
$(BUILD)/mips/quick-registers: $(BUILD)/mips/arch/mips/quick.o \
		$(BUILD)/mips/arch/mips/middle.o scripts/quick-registers.sh
	$(Q)sh scripts/quick-registers.sh $(CROSS_mips)-objdump \
		$(BUILD)/mips/arch/mips/quick.o 'at|t[0-9]|s[0-8]|sp|gp|fp'
	$(Q)sh scripts/quick-registers.sh $(CROSS_mips)-objdump \
		$(BUILD)/mips/arch/mips/middle.o 'at|t[89]|s[0-8]|gp|fp'
	$(Q)touch $@
$(BUILD)/twofold-mips.elf: | $(BUILD)/mips/quick-registers
endif

CFLAGS_arm64 += -ffixed-x18
# Page tables of each port's kind alone (Arm's of all granules), by pgtable/format.h;
# and its own <port.h>.
KINDS_arm64 := 1
KINDS_arm := 1
KINDS_mips := 2
$(foreach p,$(PORTS),$(eval CFLAGS_$p += -DTWOFOLD_VERSION='"$(VERSION)"' \
	-DPGTABLE_KINDS=$(KINDS_$p) -Iarch/$p))
CFLAGS_arm += -DPGTABLE_ONLY_4K

# Arm's images relocate themselves, and boot loaders know them as raw ones.
RELOCATED := -pie --no-dynamic-linker -z text
LDFLAGS_arm64 := $(RELOCATED)
LDFLAGS_arm := $(RELOCATED)
LDFLAGS_mips := -EL
LINKED_arm64 := -static-pie
LINKED_arm := -static-pie
LINKED_mips := -static
FORM_arm64 := bin
FORM_arm := bin
FORM_mips := elf

LDS_arm64 := arch/armcommon/image.lds
LDS_arm := arch/armcommon/image.lds
LDS_mips := arch/mips/image.lds

# $(call image_rules,PORT)
define image_rules
OBJ_$1 := $(patsubst %.S,$(BUILD)/$1/%.o,$(patsubst %.c,$(BUILD)/$1/%.o,$(SRC_$1))) \
	$(LIBFDT_SRC:%=$(BUILD)/$1/libfdt/%.o)
COLD_$1 := $(COLD:%.c=$(BUILD)/$1/%.o) \
	$(if $(filter $1,$(FAST_LIBFDT)),,$(LIBFDT_SRC:%=$(BUILD)/$1/libfdt/%.o))
$$(COLD_$1): CFLAGS_$1 += -Os
$$(filter-out $(NO_LTO:%.c=$(BUILD)/$1/%.o),$$(OBJ_$1)): CFLAGS_$1 += $(LTO)
# Which are cold is said here.
$$(OBJ_$1): scripts/image.mk
IMAGE_$1 := $(BUILD)/twofold-$1.$(FORM_$1)

LDFLAGS_$1 += -z noexecstack --gc-sections \
	--no-warn-rwx-segments -T $(LDS_$1)
LINK_$1 = $$(if $(LTO),$$(CC_$1) $$(CFLAGS_$1) $(LTO) -nostdlib $(LINKED_$1) \
	$$(LDFLAGS_$1:%=-Xlinker %) -Xlinker --build-id=none,$$(LD_$1) $$(LDFLAGS_$1)) -o $$@

$(BUILD)/twofold-$1.elf: $$(OBJ_$1) $(LDS_$1)
	@echo "  LD      $$@"
	$$(Q)$$(LINK_$1) $$(OBJ_$1)

$(BUILD)/twofold-$1.bin: $(BUILD)/twofold-$1.elf
	@echo "  IMAGE   $$@"
	$$(Q)$$(OBJCOPY_$1) -O binary $$< $$@
endef
$(foreach p,$(PORTS),$(eval $(call image_rules,$p)))

.PHONY: image
image: $(foreach p,$(PORTS),$(IMAGE_$p))
all: image
