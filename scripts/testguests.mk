# SPDX-License-Identifier: BSD-2-Clause
# The test guests: bare-metal programs for a VM, from tests/guests/*.c and the
# benchmarks' from bench/*_guest.c. Each is made three ways:
#   NAME.elf    linked at RAM + 2 MiB
#   NAME.Image  position independent, with the Linux Image header
#   NAME.bin    the same bytes without the header's magic: a raw binary

GUESTS_DIR := $(BUILD)/guests
GUEST_OBJ := $(BUILD)/obj/guests
TEST_GUESTS := $(patsubst tests/guests/%.c,%,$(wildcard tests/guests/*.c))
BENCH_GUESTS := $(patsubst bench/%_guest.c,bench-%,$(wildcard bench/*_guest.c))
ALL_GUESTS := $(TEST_GUESTS) $(BENCH_GUESTS)

GUEST_RT := $(patsubst %.c,$(GUEST_OBJ)/%.o,$(wildcard tests/guests/rt/*.c)) \
	$(GUEST_OBJ)/tests/guests/rt/start.o \
	$(addprefix $(GUEST_OBJ)/lib/,printf.o string.o) \
	$(addprefix $(GUEST_OBJ)/libfdt/,fdt.o fdt_ro.o fdt_addresses.o)

# The hypervisor keeps x18 for itself; a guest has it.
GUEST_CFLAGS = $(filter-out -ffixed-x18,$(CFLAGS_arm64)) -fno-builtin -Wno-missing-field-initializers
GUEST_LD = $(LD_arm64) --gc-sections -z norelro -z noexecstack \
	-z max-page-size=4096 -T tests/guests/rt/guest.ld

.PHONY: testguests
testguests: $(foreach g,$(ALL_GUESTS),$(addprefix $(GUESTS_DIR)/$(g),.elf .Image .bin))

$(GUEST_OBJ)/%.o: %.c $(THIRD_STAMP) scripts/testguests.mk
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_arm64) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(GUEST_OBJ)/%.o: %.S scripts/testguests.mk
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_arm64) -I. -march=armv8-a -MMD -MP -c -o $@ $<

# Not our code: its sign comparisons are its own.
$(GUEST_OBJ)/libfdt/%.o: $(THIRD_STAMP) scripts/testguests.mk
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_arm64) $(GUEST_CFLAGS) -Wno-error -w -c -o $@ $(LIBFDT)/$*.c

$(GUEST_OBJ)/bench-%.main.o: $(GUEST_OBJ)/bench/%_guest.o
	$(Q)cp $< $@
$(GUEST_OBJ)/%.main.o: $(GUEST_OBJ)/tests/guests/%.o
	$(Q)cp $< $@

$(GUESTS_DIR)/%.elf: $(GUEST_OBJ)/%.main.o $(GUEST_RT) tests/guests/rt/guest.ld
	$(Q)mkdir -p $(@D)
	$(Q)echo "  GUEST   $@"
	$(Q)$(GUEST_LD) --defsym=BASE=0x40200000 -o $@ $(filter %.o,$^)

$(GUEST_OBJ)/%.pie: $(GUEST_OBJ)/%.main.o $(GUEST_RT) tests/guests/rt/guest.ld
	$(Q)$(GUEST_LD) -pie --no-dynamic-linker --defsym=BASE=0 -o $@ \
		$(filter %.o,$^)

$(GUESTS_DIR)/%.Image: $(GUEST_OBJ)/%.pie
	$(Q)mkdir -p $(@D)
	$(Q)$(OBJCOPY_arm64) -O binary $< $@

$(GUESTS_DIR)/%.bin: $(GUESTS_DIR)/%.Image
	$(Q)cp $< $@
	$(Q)printf '\0\0\0\0' | dd of=$@ bs=1 seek=56 conv=notrunc status=none

.SECONDARY: $(GUEST_RT) $(foreach g,$(ALL_GUESTS),$(GUEST_OBJ)/$(g).main.o \
	$(GUEST_OBJ)/$(g).pie)

-include $(wildcard $(GUEST_OBJ)/*/*.d $(GUEST_OBJ)/*/*/*.d $(GUEST_OBJ)/*/*/*/*.d)

# ---- 32 bits: tests/guests/arm/NAME.c becomes arm-NAME.elf ---------------------
ARM_GUESTS := $(patsubst tests/guests/arm/%.c,$(GUESTS_DIR)/arm-%.elf,$(wildcard tests/guests/arm/*.c))
testguests: $(ARM_GUESTS)

$(GUESTS_DIR)/arm-%.elf: $(BUILD)/arm/tests/guests/arm/%.o \
		$(BUILD)/arm/tests/guests/arm/start.o tests/guests/arm/guest.ld
	$(Q)mkdir -p $(@D)
	$(Q)echo "  GUEST   $@"
	$(Q)$(LD_arm) --gc-sections -z noexecstack -z max-page-size=4096 \
		-T tests/guests/arm/guest.ld -o $@ $(filter %.o,$^)

.SECONDARY: $(ARM_GUESTS:$(GUESTS_DIR)/arm-%.elf=$(BUILD)/arm/tests/guests/arm/%.o) \
	$(BUILD)/arm/tests/guests/arm/start.o
