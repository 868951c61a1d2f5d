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

# What runs once, at boot, is compiled for size.
$(BUILD)/arm64/vmm/%.o: CFLAGS_arm64 += -Os

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
