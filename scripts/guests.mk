# SPDX-License-Identifier: BSD-2-Clause
# What can be run as a guest: Debian's kernel and installer, as Debian ships
# them, and small programs of our own (scripts/testguests.mk).

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
debian: $(foreach p,$(PORTS),$(addprefix $(DEBIAN_$p)/,Image initrd.gz initrd-installer.gz))

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
$(foreach p,$(PORTS),$(eval $(call debian_rules,$p)))

.PHONY: guests-lpae
guests-lpae: $(DEBIAN_arm)/Image-lpae ## download Debian's LPAE kernel for ARMv7, for its tests
$(DEBIAN_arm)/Image-lpae: scripts/lpae-kernel.sh
	@mkdir -p $(@D)
	$(Q)sh scripts/lpae-kernel.sh $@

# A shell in Debian's own initrd, in place of its installer; the board follows from
# the kernel. Standard input is the guest's console: this recipe must run alone and last.
RUN ?=
run: all guests ## boot Debian as a guest, to a shell; ARCH=arm: 32-bit; `poweroff -f` ends it
	@echo "Debian's $(DEBIAN_NAME_$(ARCH)) kernel and initrd, as a guest. 'poweroff -f' comes back."
	@$(BUILD)/twofold run --name debian --memory 512M \
		--initrd $(DEBIAN_$(ARCH))/initrd.gz \
		--append 'rdinit=/bin/sh console=ttyAMA0' $(RUN) \
		$(DEBIAN_$(ARCH))/Image
DEBIAN_NAME_arm64 := arm64
DEBIAN_NAME_arm := armhf
ifneq ($(filter run bench%,$(MAKECMDGOALS)),)
ifeq ($(filter $(ARCH),$(PORTS)),)
$(error ARCH=$(ARCH): must be one of: $(PORTS))
endif
endif
