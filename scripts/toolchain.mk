# SPDX-License-Identifier: BSD-2-Clause
# Compilers and flags. COMPILER=clang builds everything with Clang.

COMPILER ?= gcc
CROSS_arm64 := aarch64-linux-gnu
TARGET_CLANG_arm64 := aarch64-linux-gnu

ifeq ($(COMPILER),clang)
HOSTCC := clang
CC_arm64 := clang --target=$(TARGET_CLANG_arm64)
else
HOSTCC := gcc
CC_arm64 := $(CROSS_arm64)-gcc
endif
LD_arm64 := $(CROSS_arm64)-ld
OBJCOPY_arm64 := $(CROSS_arm64)-objcopy
NM_arm64 := $(CROSS_arm64)-nm
SIZE_arm64 := $(CROSS_arm64)-size
AR := ar

WARN := -Wall -Wextra -Werror -Wundef -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wno-unused-parameter -Wno-sign-compare \
	-Wvla -Wimplicit-fallthrough
CSTD := -std=gnu11

# Freestanding code that runs on the board.
CFLAGS_target := $(CSTD) $(WARN) -O2 -g -ffreestanding -fno-common \
	-fno-strict-aliasing -fno-omit-frame-pointer -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables \
	-ffunction-sections -fdata-sections -I. -I$(LIBFDT)
CFLAGS_arm64 := $(CFLAGS_target) -march=armv8-a -mgeneral-regs-only \
	-mstrict-align -fpie -fvisibility=hidden -mbranch-protection=none
ifneq ($(COMPILER),clang)
CFLAGS_arm64 += -mno-outline-atomics -fno-tree-loop-distribute-patterns
else
CFLAGS_arm64 += -mno-outline-atomics
endif

# The same sources for a PC.
CFLAGS_host := $(CSTD) $(WARN) -O1 -g -fno-omit-frame-pointer -I. -I$(LIBFDT)
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined

# ---- libfdt, from Debian's kernel sources ---------------------------------
# Only what is needed is unpacked; nothing is copied into the tree.
LINUX_SOURCE := /usr/src/linux-source-6.1.tar.xz
THIRD := $(BUILD)/third-party
LIBFDT := $(THIRD)/scripts/dtc/libfdt
LIBFDT_SRC := fdt fdt_ro fdt_rw fdt_sw fdt_wip fdt_addresses fdt_strerror \
	fdt_empty_tree
THIRD_STAMP := $(THIRD)/.unpacked

$(THIRD_STAMP): | setup
	$(Q)echo "  UNPACK  libfdt and board device trees from linux-source-6.1"
	$(Q)mkdir -p $(THIRD)
	$(Q)tar xf $(LINUX_SOURCE) -C $(THIRD) --strip-components=1 --wildcards \
		'*/scripts/dtc/libfdt/*' '*/arch/arm64/boot/dts/xilinx/*' \
		'*/include/dt-bindings/*'
	$(Q)touch $@
