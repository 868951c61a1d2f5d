# SPDX-License-Identifier: BSD-2-Clause
# Compilers, flags, and the rules that turn a source into an object.
#
# COMPILER=clang builds everything with Clang. Objects of an image go to
# $(BUILD)/ARCH/, those of programs for the user's PC to $(BUILD)/host/, those
# of unit tests to $(BUILD)/tests/ (scripts/unit.mk).

COMPILER ?= gcc
PORTS := arm64 arm mips
# Of which port `make run` and the benchmarks are.
ARCH ?= arm64
CROSS_arm64 := aarch64-linux-gnu
CROSS_arm := arm-linux-gnueabihf
CROSS_mips := mipsel-linux-gnu
TARGET_CLANG_arm64 := aarch64-linux-gnu
TARGET_CLANG_arm := arm-none-eabi
TARGET_CLANG_mips := mipsel-linux-gnu

ifeq ($(COMPILER),clang)
HOSTCC := clang
$(foreach p,$(PORTS),$(eval CC_$p := clang --target=$(TARGET_CLANG_$p)))
else ifeq ($(COMPILER),gcc)
HOSTCC := gcc
$(foreach p,$(PORTS),$(eval CC_$p := $(CROSS_$p)-gcc))
else
$(error COMPILER=$(COMPILER): must be gcc or clang)
endif
$(foreach p,$(PORTS),$(foreach t,ld objcopy nm size,\
	$(eval $(shell echo $t | tr a-z A-Z)_$p := $(CROSS_$p)-$t)))
AR := ar

WARN := -Wall -Wextra -Werror -Wundef -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wno-unused-parameter -Wno-sign-compare \
	-Wvla
CSTD := -std=gnu11

# Third-party sources are unpacked once, and used by every build directory.
THIRD ?= $(BUILD)/third-party
THIRD_STAMP := $(THIRD)/.unpacked
LIBFDT := $(THIRD)/scripts/dtc/libfdt

# Freestanding code that runs on the board.
CFLAGS_target := $(CSTD) $(WARN) -O2 -g -ffreestanding -fno-common \
	-fno-strict-aliasing -fno-omit-frame-pointer -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables \
	-ffunction-sections -fdata-sections -I. -I$(LIBFDT)
# The tiny model: one instruction makes an address, and the image, with all its
# memory, has less than 1 MiB. The linker says so when it has more. Functions are
# aligned to what is fetched at once by small CPUs, not to cache lines.
CFLAGS_arm64 := $(CFLAGS_target) -march=armv8-a -mgeneral-regs-only \
	-mstrict-align -fpie -fvisibility=hidden -mbranch-protection=none \
	-mno-outline-atomics -mcmodel=tiny -falign-functions=8
# Arm state, and no register of VFP's: those are a guest's.
CFLAGS_arm := $(CFLAGS_target) -marm -mfloat-abi=soft -mno-unaligned-access \
	-fpie -fvisibility=hidden
# MIPS32 release 2, linked where it runs. There is no chain of frames to keep.
CFLAGS_mips := $(CFLAGS_target) -march=mips32r2 -mabi=32 -msoft-float \
	-mno-abicalls -fno-pic -G0 -fomit-frame-pointer
# No header of a C library: one of the PC's would be for another CPU. Only what
# the compiler itself brings (stdint.h, stddef.h, stdbool.h, stdarg.h).
ifeq ($(COMPILER),clang)
CFLAGS_arm64 += -nostdlibinc
CFLAGS_arm += -mcpu=cortex-a15 -nostdlibinc
# That atomic access to 64 bits is a call is known: arch/mips/libgcc.c.
CFLAGS_mips += -nostdlibinc -Wno-atomic-alignment
else
CFLAGS_arm += -march=armv7ve
$(foreach p,$(PORTS),$(eval CFLAGS_$p += -fno-tree-loop-distribute-patterns \
	-nostdinc -isystem $(shell $(CC_$p) -print-file-name=include 2>/dev/null)))
endif

# The same sources for a PC.
CFLAGS_host := $(CSTD) $(WARN) -O1 -g -fno-omit-frame-pointer -I. -I$(LIBFDT)
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZE_THREAD ?= -fsanitize=thread

# ---- Recipes ----------------------------------------------------------------

# Text as one word of the shell; text inside a JSON string.
quote = '$(subst ','\'',$(1))'
json = $(subst ",\",$(subst \,\\,$(1)))
entry = { "directory": "$(call json,$(CURDIR))", "file": "$<", "output": "$@", "command": "$(call json,$(1))" }

# $(call compile,COMMAND): compile $< to $@. It leaves the headers that were
# read in a .d file, and the command in a .o.json file: one entry of
# compile_commands.json.
define compile
$(if $(Q),@echo "  CC      $@")
@mkdir -p $(@D)
$(Q)$(1) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
@printf '%s\n' $(call quote,$(call entry,$(1) -c -o $@ $<)) > $@.json
endef

# $(call remember,FILE,TEXT): FILE changes when TEXT does, so that what depends
# on it is built again when a flag changes. Called where every flag is known, at
# the end of Makefile.
remember = $(if $(DRY_RUN),,$(if $(call same,$(strip $(file <$(1))),$(strip $(2))),,$(shell \
	mkdir -p $(dir $(1)))$(file >$(1),$(2))))
same = $(and $(findstring $(1),$(2)),$(findstring $(2),$(1)))

$(BUILD)/%/.flags:
	@mkdir -p $(@D) && touch $@
$(BUILD)/%/.objects:
	@mkdir -p $(@D) && touch $@

# ---- Objects ------------------------------------------------------------------

# $(call port_rules,PORT)
define port_rules
$(BUILD)/$1/%.o: %.c $(BUILD)/$1/.flags | $(THIRD_STAMP)
	$$(call compile,$$(CC_$1) $$(CFLAGS_$1))
$(BUILD)/$1/%.o: %.S $(BUILD)/$1/.flags | $(THIRD_STAMP)
	$$(call compile,$$(CC_$1) $$(CFLAGS_$1))
$(BUILD)/$1/libfdt/%.o: $(LIBFDT)/%.c $(BUILD)/$1/.flags
	$$(call compile,$$(CC_$1) $$(CFLAGS_$1) -w)
endef
$(foreach p,$(PORTS),$(eval $(call port_rules,$p)))

$(BUILD)/host/%.o: %.c $(BUILD)/host/.flags | $(THIRD_STAMP)
	$(call compile,$(HOSTCC) $(CFLAGS_host))

# ---- libfdt, from Debian's kernel sources --------------------------------------
# Only what is needed is unpacked, into the build; nothing is copied into the
# tree. libfdt is compiled as it is, without our warnings, except for the header
# that is there to be replaced: what it asks of its environment.
LINUX_SOURCE := /usr/src/linux-source-6.1.tar.xz
LIBFDT_SRC := fdt fdt_ro fdt_rw fdt_sw fdt_wip fdt_addresses fdt_strerror \
	fdt_empty_tree

$(THIRD_STAMP): $(LINUX_SOURCE) lib/libfdt_env.h scripts/toolchain.mk
	@echo "  UNPACK  libfdt and board device trees from $(<F) (about 15 s)"
	@rm -rf $(THIRD) && mkdir -p $(THIRD)
	$(Q)tar xf $< -C $(THIRD) --strip-components=1 --wildcards \
		'*/scripts/dtc/libfdt/*' '*/arch/arm64/boot/dts/xilinx/*' \
		'*/arch/arm/boot/dts/vexpress-v2*' \
		'*/include/dt-bindings/*'
	@cp lib/libfdt_env.h $(LIBFDT)
	@touch $@

# By name: what only a pattern leads to is deleted in the end.
$(LIBFDT_SRC:%=$(LIBFDT)/%.c): | $(THIRD_STAMP) ;
$(BUILD)/host/libfdt/%.o: $(LIBFDT)/%.c $(BUILD)/host/.flags
	$(call compile,$(HOSTCC) $(CFLAGS_host) -w)

# ---- compile_commands.json ---------------------------------------------------
.PHONY: compile-commands
compile-commands: image cli
	@BUILD=$(BUILD) sh scripts/compile-commands.sh compile_commands.json
