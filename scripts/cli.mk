# SPDX-License-Identifier: BSD-2-Clause
# The `twofold` command, for the user's PC, and what stands beside it.
#
# It is linked with the hypervisor's own readers of descriptions and kernels,
# so that both refuse the same things in the same words, and with its page-table
# engine, by which it reads stage 2.

CLI := $(BUILD)/twofold
CLI_SRC := $(filter-out %_test.c,$(wildcard cli/*.c))
CLI_SHARED := vmm/description.c vmm/description_shared.c vmm/image.c lib/fdt.c lib/printf.c \
	vmm/fdt_writer.c arch/armcommon/stage2_choose.c arch/mips/gpa_choose.c \
	$(call sources,pgtable/*.c)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/host/%.o) $(CLI_SHARED:%.c=$(BUILD)/host/%.o)
LIBFDT_host := $(BUILD)/host/libfdt.a

$(BUILD)/host/cli/%.o: CFLAGS_host += -D_GNU_SOURCE \
	-DTWOFOLD_VERSION='"$(VERSION)"'

$(LIBFDT_host): $(LIBFDT_SRC:%=$(BUILD)/host/libfdt/%.o)
	@echo "  AR      $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(CLI): $(CLI_OBJ) $(LIBFDT_host)
	@echo "  LINK    $@"
	$(Q)$(HOSTCC) $(CFLAGS_host) -o $@ $^ -lz

# ---- Device trees of real boards ---------------------------------------------
# From the kernel's sources. The ZCU102's names key codes in a header that is
# outside of what is unpacked; the C library's package has it as well.
BOARD_DTBS := $(addprefix $(BUILD)/boards/,zcu102.dtb vexpress-a15.dtb)
$(BUILD)/boards/zcu102.dtb: \
	DTS := $(THIRD)/arch/arm64/boot/dts/xilinx/zynqmp-zcu102-rev1.0.dts
$(BUILD)/boards/vexpress-a15.dtb: \
	DTS := $(THIRD)/arch/arm/boot/dts/vexpress-v2p-ca15-tc1.dts
KEY_CODES := /usr/include/linux/input-event-codes.h

$(BOARD_DTBS): $(THIRD_STAMP) scripts/cli.mk
	@echo "  DTC     $@"
	@mkdir -p $@.inc
	@ln -sf $(KEY_CODES) $@.inc/linux-event-codes.h
	$(Q)$(HOSTCC) -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp -P \
		-I$(THIRD)/include -I$@.inc -o $@.dts $(DTS)
	$(Q)dtc -q -I dts -O dtb -o $@ $@.dts
	@rm -rf $@.dts $@.inc

# What Malta's firmware has, and QEMU's has not.
BOARD_ROMS := $(BUILD)/boards/malta-rom.bin
$(BOARD_ROMS): cli/malta_rom.S $(BUILD)/mips/.flags
	@echo "  ROM     $@"
	@mkdir -p $(@D)
	$(Q)$(CC_mips) $(CFLAGS_mips) -c -o $@.o $<
	$(Q)$(OBJCOPY_mips) -O binary -j .text $@.o $@
	@rm -f $@.o

cli: $(CLI) $(BOARD_DTBS) $(BOARD_ROMS)

# ---- For tests/cli/run.sh ------------------------------------------------------
# An Image that stands in for the hypervisor, with a libfdt of its own: objects of
# the hypervisor's can only be linked as it is.
STANDIN := $(BUILD)/tests/cli/standin.bin
STANDIN_OBJ := $(BUILD)/arm64/tests/cli/standin.o $(BUILD)/arm64/lib/string.o \
	$(addprefix $(BUILD)/tests/cli/,fdt.o fdt_ro.o)

$(BUILD)/tests/cli/%.o: $(LIBFDT)/%.c $(BUILD)/arm64/.flags
	$(call compile,$(CC_arm64) $(CFLAGS_arm64) -w)

$(STANDIN): $(STANDIN_OBJ) tests/cli/standin.lds
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	$(Q)$(LD_arm64) -pie --no-dynamic-linker --gc-sections -z noexecstack --no-warn-rwx-segments \
		-T tests/cli/standin.lds -o $(@:.bin=.elf) $(STANDIN_OBJ)
	$(Q)$(OBJCOPY_arm64) -O binary $(@:.bin=.elf) $@
