# SPDX-License-Identifier: BSD-2-Clause
# What can be run as a guest: Debian's kernel and installer, as Debian ships
# them, and small programs of our own (scripts/testguests.mk).

# Those that run guests: unmodified kernels, and the small ones.
GUEST_PORTS := arm64 arm
# $(call netboot,DEBIAN-ARCHITECTURE)
netboot = /usr/lib/debian-installer/images/12/$1/text/debian-installer/$1
KERNEL_arm64 := $(call netboot,arm64)/linux
INITRD_arm64 := $(call netboot,arm64)/initrd.gz
DEBIAN_arm64 := $(BUILD)/guests/debian-arm64
KERNEL_arm := $(call netboot,armhf)/vmlinuz
INITRD_arm := $(call netboot,armhf)/initrd.gz
DEBIAN_arm := $(BUILD)/guests/debian-arm

include scripts/testguests.mk

.PHONY: guests debian testguests
guests: debian testguests ## unpack and build the guests
debian: $(foreach p,$(GUEST_PORTS),$(addprefix $(DEBIAN_$p)/,Image initrd.gz initrd-installer.gz))

# Debian's initrd as it is, and after it a second archive, which the kernel
# unpacks over the first: a /bin/sh that can be process 1, and `nproc`.
# $(call debian_rules,PORT)
define debian_rules
$(DEBIAN_$1)/Image: $(KERNEL_$1)
	@echo "  UNPACK  $$@"
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@
$(DEBIAN_$1)/initrd-installer.gz: $(INITRD_$1)
	@echo "  UNPACK  $$@"
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@
$(DEBIAN_$1)/shell/bin/sh: tests/guests/debian/shell.c \
		tests/guests/debian/$1/shell_arch.h $(BUILD)/$1/.flags
	@echo "  GUEST   $$@"
	@mkdir -p $$(@D) $(DEBIAN_$1)/shell/usr/bin
	$$(Q)$$(CC_$1) $$(CSTD) $$(WARN) -O2 -ffreestanding -nostdlib -static \
		-Itests/guests/debian/$1 \
		-fno-stack-protector -fno-asynchronous-unwind-tables \
		$$(SHELL_FLAGS_$1) -Wl,--build-id=none -o $$@ $$<
	$$(Q)ln -sf /bin/sh $(DEBIAN_$1)/shell/usr/bin/nproc
$(DEBIAN_$1)/initrd.gz: $(DEBIAN_$1)/initrd-installer.gz $(DEBIAN_$1)/shell/bin/sh
	@echo "  INITRD  $$@"
	$$(Q)(cd $(DEBIAN_$1)/shell && find . | LC_ALL=C sort | cpio -o -H newc \
		--quiet -R 0:0) | gzip -9n > $$@.tail
	$$(Q)cat $$< $$@.tail > $$@ && rm $$@.tail
endef
SHELL_FLAGS_arm64 := -mno-outline-atomics
SHELL_FLAGS_arm := -marm $(if $(filter clang,$(COMPILER)),\
	--target=arm-linux-gnueabi -march=armv7-a -mfloat-abi=soft --ld-path=$(shell command -v $(LD_arm)) -idirafter /usr/$(CROSS_arm)/include)
$(foreach p,$(GUEST_PORTS),$(eval $(call debian_rules,$p)))

# ---- Linux for the mips port ---------------------------------------------------
# A guest's kernel runs in user mode there, and is linked for that: it is built from
# Debian's source package with a patch. That takes minutes, and is done once.
LINUX_MIPS := $(BUILD)/guests/linux-mips
LINUX_MIPS_DIR := tests/guests/linux-mips
LINUX_SOURCE := /usr/src/linux-source-6.1.tar.xz
INITRD_mips := /usr/lib/debian-installer/images/12/mipsel/malta/initrd.gz

.PHONY: linux-mips
linux-mips: $(addprefix $(LINUX_MIPS)/,vmlinux vmlinux-native initrd.gz work.expected) ## build Linux 6.1 for MIPS guests, and a shell for it: minutes
guests: linux-mips

# build.sh calls make, so that its recipes have a `+`, and run even when nothing should.
LINUX_MIPS_BUILD = $(if $(strip $(foreach f,n q t,$(findstring $f,$(filter-out --%,$(firstword \
	-$(MAKEFLAGS)))))),:) sh $(LINUX_MIPS_DIR)/build.sh $(LINUX_SOURCE)

# By contents: it is kept when the sources are checked out anew.
LINUX_MIPS_INPUTS := $(addprefix $(LINUX_MIPS_DIR)/,build.sh config layout.patch)
$(call remember,$(LINUX_MIPS)/.inputs,$(shell cat $(LINUX_MIPS_INPUTS) | sha256sum))
$(LINUX_MIPS)/.inputs:
	@mkdir -p $(@D) && touch $@
$(LINUX_MIPS)/vmlinux: $(LINUX_MIPS)/.inputs
	@echo "  LINUX   $@ (takes minutes)"
	@mkdir -p $(@D)
	+$(Q)$(LINUX_MIPS_BUILD) $(BUILD)/obj/linux-mips $(CROSS_mips) $@
# The same kernel for hardware, of unmodified sources: a guest where the CPU has segment
# control, and to compare with.
$(LINUX_MIPS)/vmlinux-native: $(LINUX_MIPS)/.inputs
	@echo "  LINUX   $@ (takes minutes)"
	@mkdir -p $(@D)
	+$(Q)$(LINUX_MIPS_BUILD) $(BUILD)/obj/linux-mips-native \
		$(CROSS_mips) $@ CONFIG_MIPS_GUEST_LAYOUT=n
$(LINUX_MIPS)/work: $(LINUX_MIPS_DIR)/work.c
	@mkdir -p $(@D)
	$(Q)$(CROSS_mips)-gcc -O1 -static -pthread -s -o $@ $<
$(LINUX_MIPS)/initrd.gz: $(INITRD_mips) $(LINUX_MIPS_DIR)/initrd.sh $(LINUX_MIPS)/work
	@echo "  INITRD  $@"
	$(Q)sh $(LINUX_MIPS_DIR)/initrd.sh $< $@ $(LINUX_MIPS)/work
# What the same program prints on this machine.
$(LINUX_MIPS)/work.expected: $(LINUX_MIPS_DIR)/work.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -pthread -o $(LINUX_MIPS)/work.here $<
	$(Q)$(LINUX_MIPS)/work.here >$@

# Its small guests with vectors of their own (tests/guests/mips/bare.h), which need no
# runtime of the others'; `upper` is `world` as a kernel for hardware.
MIPS_BARE := tests/guests/mips/bare_start.o tests/guests/mips/bare.o
MIPS_BARE_world := $(addprefix tests/guests/mips/,world_code.o world.o)
MIPS_BARE_upper := tests/guests/mips/world_code.o upper.o
MIPS_BARE_smp := $(addprefix tests/guests/mips/,smp_code.o smp.o)
MIPS_BARE_bench-exits := bench/mips/exits.o
MIPS_GUEST_OBJ := $(BUILD)/obj/guests/mips
$(MIPS_GUEST_OBJ)/%.o: %.c $(BUILD)/mips/.flags
	@mkdir -p $(@D)
	$(Q)$(CC_mips) $(CFLAGS_mips) -fno-builtin -MMD -MP -c -o $@ $<
$(MIPS_GUEST_OBJ)/%.o: %.S $(BUILD)/mips/.flags
	@mkdir -p $(@D)
	$(Q)$(CC_mips) $(CFLAGS_mips) -MMD -MP -c -o $@ $<
$(MIPS_GUEST_OBJ)/upper.o: tests/guests/mips/world.c $(BUILD)/mips/.flags
	@mkdir -p $(@D)
	$(Q)$(CC_mips) $(CFLAGS_mips) -DUPPER -fno-builtin -MMD -MP -c -o $@ $<
# $(call mips_bare,NAME)
define mips_bare
testguests: $(BUILD)/guests/mips-$1.elf
$(BUILD)/guests/mips-$1.elf: $(addprefix $(MIPS_GUEST_OBJ)/,$(MIPS_BARE) $(MIPS_BARE_$1)) \
		tests/guests/mips/guest.ld
	@echo "  GUEST   $$@"
	@mkdir -p $$(@D)
	$$(Q)$(LD_mips) -EL --no-warn-rwx-segments $(if $(filter upper,$1),--defsym UPPER=1) \
		-T tests/guests/mips/guest.ld -o $$@ $$(filter %.o,$$^)
-include $(addprefix $(MIPS_GUEST_OBJ)/,$(patsubst %.o,%.d,$(MIPS_BARE) $(MIPS_BARE_$1)))
endef
$(foreach g,world upper smp bench-exits,$(eval $(call mips_bare,$g)))

.PHONY: guests-lpae
guests-lpae: $(DEBIAN_arm)/Image-lpae ## download Debian's LPAE kernel for ARMv7, for its tests
$(DEBIAN_arm)/Image-lpae: scripts/lpae-kernel.sh
	@mkdir -p $(@D)
	$(Q)sh scripts/lpae-kernel.sh $@

# ---- make run ------------------------------------------------------------------
# Debian with a shell in its own initrd, in place of its installer; for mips the kernel
# and the shell of linux-mips. The board follows from the kernel. Standard input is the
# guest's console: this recipe must run alone and last.
RUN ?=
run: all ## boot Debian as a guest, to a shell; ARCH=arm: 32-bit; ARCH=mips: Linux 6.1; `poweroff -f` ends it
	@echo "$(RUN_WHAT_$(ARCH)), as a guest. 'poweroff -f' comes back."
	@$(BUILD)/twofold run $(RUN_VM_$(ARCH)) $(RUN) $(RUN_KERNEL_$(ARCH))
# $(call run_debian,PORT,DEBIAN-ARCHITECTURE)
define run_debian
RUN_WHAT_$1 := Debian's $2 kernel and initrd
RUN_VM_$1 := --name debian --memory 512M --initrd $(DEBIAN_$1)/initrd.gz \
	--append 'rdinit=/bin/sh console=ttyAMA0'
RUN_KERNEL_$1 := $(DEBIAN_$1)/Image
RUN_NEEDS_$1 := debian testguests
endef
$(eval $(call run_debian,arm64,arm64))
$(eval $(call run_debian,arm,armhf))
RUN_WHAT_mips := Linux 6.1 and BusyBox for MIPS
RUN_VM_mips := --name linux --initrd $(LINUX_MIPS)/initrd.gz
RUN_KERNEL_mips := $(LINUX_MIPS)/vmlinux
RUN_NEEDS_mips := $(LINUX_MIPS)/vmlinux $(LINUX_MIPS)/initrd.gz
run: $(RUN_NEEDS_$(ARCH))
ifneq ($(filter run bench%,$(MAKECMDGOALS)),)
ifeq ($(filter $(ARCH),$(PORTS)),)
$(error ARCH=$(ARCH): must be one of: $(PORTS))
endif
endif
