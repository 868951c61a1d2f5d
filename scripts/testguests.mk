# SPDX-License-Identifier: BSD-2-Clause
# The test guests: bare-metal programs for a VM, from tests/guests/*.c and the
# benchmarks' from bench/*_guest.c, for each architecture. One may have a part that
# is an architecture's, in tests/guests/ARCH/NAME*.c.
#   NAME.elf      linked at RAM + 2 MiB
#   NAME.Image    position independent, with the header of a Linux Image or zImage
#   NAME.bin      the same bytes without the header's magic: a raw binary (arm64)
# Those for arm are called arm-NAME, those for mips mips-NAME: the ELF alone, and of
# those that have a meaning there.

GUESTS_DIR := $(BUILD)/guests
GUEST_OBJ := $(BUILD)/obj/guests
TEST_GUESTS := $(patsubst tests/guests/%.c,%,$(wildcard tests/guests/*.c))
BENCH_GUESTS := $(patsubst bench/%_guest.c,bench-%,$(wildcard bench/*_guest.c))
TESTGUEST_PORTS := arm64 arm mips
GUESTS_arm64 := $(TEST_GUESTS) $(BENCH_GUESTS)
GUESTS_arm := $(GUESTS_arm64)
GUESTS_mips := hello memory console runaway shared greedy inspected reset timers errors
# Of its own altogether.
GUESTS_OWN_mips := timers errors

# The hypervisor keeps x18 for itself; a guest has it.
GUEST_CFLAGS_arm64 = $(filter-out -ffixed-x18,$(CFLAGS_arm64))
# An address is a u64 in every guest's source.
GUEST_CFLAGS_arm = $(CFLAGS_arm) -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
GUEST_CFLAGS_mips = $(CFLAGS_mips) -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
GUEST_ASFLAGS_arm64 := -march=armv8-a
GUEST_ASFLAGS_arm := $(filter -march=% -mcpu=% -mfloat-abi=%,$(CFLAGS_arm))
GUEST_ASFLAGS_mips = $(CFLAGS_mips)
GUEST_LDFLAGS := --gc-sections -z norelro -z noexecstack -z max-page-size=4096 \
	--no-warn-rwx-segments
# What the compiler calls for what ARMv7 has no instruction for.
GUEST_SUPPORT_arm := arch/arm/aeabi.o lib/divide.o
GUEST_SUPPORT_mips := arch/mips/libgcc.o lib/divide.o
GUEST_COMMON_arm64 := armcommon
GUEST_COMMON_arm := armcommon
GUEST_PREFIX_arm := arm-
GUEST_PREFIX_mips := mips-
GUEST_LD_mips := -EL
GUEST_KINDS_arm64 := .elf .Image .bin
GUEST_KINDS_arm := .elf .Image
GUEST_KINDS_mips := .elf

.PHONY: testguests
testguests: $(foreach p,$(TESTGUEST_PORTS),$(foreach g,$(GUESTS_$p),\
	$(addprefix $(GUESTS_DIR)/$(GUEST_PREFIX_$p)$g,$(GUEST_KINDS_$p))))

# $(call guest_rules,PORT)
define guest_rules
GUEST_CFLAGS_$1 += -fno-builtin -Wno-missing-field-initializers \
	-Itests/guests/rt/$1 -Ibench/$1
GUEST_RT_$1 := $(patsubst %.c,$(GUEST_OBJ)/$1/%.o,$(wildcard tests/guests/rt/*.c \
		$(addprefix tests/guests/rt/,$(addsuffix /*.c,$1 $(GUEST_COMMON_$1))))) \
	$(GUEST_OBJ)/$1/tests/guests/rt/$1/start.o \
	$(addprefix $(GUEST_OBJ)/$1/,lib/printf.o lib/string.o $(GUEST_SUPPORT_$1)) \
	$(addprefix $(GUEST_OBJ)/$1/libfdt/,fdt.o fdt_ro.o fdt_addresses.o)

$(GUEST_OBJ)/$1/%.o: %.c $(THIRD_STAMP) scripts/testguests.mk
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC_$1) $$(GUEST_CFLAGS_$1) -MMD -MP -c -o $$@ $$<

$(GUEST_OBJ)/$1/%.o: %.S scripts/testguests.mk
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC_$1) -I. $$(GUEST_ASFLAGS_$1) -MMD -MP -c -o $$@ $$<

# Not our code: its sign comparisons are its own.
$(GUEST_OBJ)/$1/libfdt/%.o: $(THIRD_STAMP) scripts/testguests.mk
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC_$1) $$(GUEST_CFLAGS_$1) -Wno-error -w -c -o $$@ $(LIBFDT)/$$*.c

$(foreach g,$(filter $(TEST_GUESTS) $(GUESTS_OWN_$1),$(GUESTS_$1)),\
	$(call guest_link,$1,$g,$(patsubst %.c,$(GUEST_OBJ)/$1/%.o,\
	$(addprefix tests/guests/,$(addsuffix .c,$(filter-out $(GUESTS_OWN_$1),$g))) \
	$(wildcard tests/guests/$1/$g*.c))))
$(foreach g,$(filter $(BENCH_GUESTS),$(GUESTS_$1)),$(call guest_link,$1,$g,\
	$(GUEST_OBJ)/$1/bench/$(g:bench-%=%)_guest.o))

endef

# $(call guest_link,PORT,NAME,OBJECTS)
define guest_link

$(GUESTS_DIR)/$(GUEST_PREFIX_$1)$2.elf: $3 $$(GUEST_RT_$1) tests/guests/rt/$1/guest.ld
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  GUEST   $$@"
	$$(Q)$$(LD_$1) $$(GUEST_LDFLAGS) $$(GUEST_LD_$1) -T tests/guests/rt/$1/guest.ld \
		--defsym=BASE=0x40200000 -o $$@ $$(filter %.o,$$^)

$(GUEST_OBJ)/$1/$2.pie: $3 $$(GUEST_RT_$1) tests/guests/rt/$1/guest.ld
	$$(Q)$$(LD_$1) $$(GUEST_LDFLAGS) -T tests/guests/rt/$1/guest.ld \
		-pie --no-dynamic-linker --defsym=BASE=0 -o $$@ $$(filter %.o,$$^)

$(GUESTS_DIR)/$(GUEST_PREFIX_$1)$2.Image: $(GUEST_OBJ)/$1/$2.pie
	$$(Q)$$(OBJCOPY_$1) -O binary $$< $$@
endef

$(foreach p,$(TESTGUEST_PORTS),$(eval $(call guest_rules,$p)))

$(GUESTS_DIR)/%.bin: $(GUESTS_DIR)/%.Image
	$(Q)cp $< $@
	$(Q)printf '\0\0\0\0' | dd of=$@ bs=1 seek=56 conv=notrunc status=none
