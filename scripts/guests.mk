# SPDX-License-Identifier: BSD-2-Clause
# What can be run as a guest: Debian's kernel and installer, as Debian ships
# them, and small programs of our own (scripts/testguests.mk).

DEBIAN_IMAGES := /usr/lib/debian-installer/images/12/arm64/text
DEBIAN_NETBOOT := $(DEBIAN_IMAGES)/debian-installer/arm64
DEBIAN_arm64 := $(BUILD)/guests/debian-arm64

include scripts/testguests.mk
# Kept, although only on the way to a guest: else it would be made each time.
.SECONDARY: $(TEST_GUESTS:%=$(GUEST_OBJ)/tests/guests/%.o) \
	$(BENCH_GUESTS:bench-%=$(GUEST_OBJ)/bench/%_guest.o)

.PHONY: guests debian testguests
guests: debian testguests ## unpack and build the guests
debian: $(DEBIAN_arm64)/Image $(DEBIAN_arm64)/initrd.gz \
	$(DEBIAN_arm64)/initrd-installer.gz

$(DEBIAN_arm64)/Image: $(DEBIAN_NETBOOT)/linux
	@echo "  UNPACK  $@"
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(DEBIAN_arm64)/initrd-installer.gz: $(DEBIAN_NETBOOT)/initrd.gz
	@echo "  UNPACK  $@"
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Debian's initrd as it is, and after it a second archive, which the kernel
# unpacks over the first: a /bin/sh that can be process 1, and `nproc`.
SHELL_ROOT := $(BUILD)/guests/debian-arm64/shell
$(SHELL_ROOT)/bin/sh: tests/guests/debian/shell.c $(BUILD)/arm64/.flags
	@echo "  GUEST   $@"
	@mkdir -p $(@D) $(SHELL_ROOT)/usr/bin
	$(Q)$(CC_arm64) $(CSTD) $(WARN) -O2 -ffreestanding -nostdlib -static \
		-fno-stack-protector -fno-asynchronous-unwind-tables \
		-mno-outline-atomics -Wl,--build-id=none -o $@ $<
	$(Q)ln -sf /bin/sh $(SHELL_ROOT)/usr/bin/nproc
$(DEBIAN_arm64)/initrd.gz: $(DEBIAN_arm64)/initrd-installer.gz \
		$(SHELL_ROOT)/bin/sh
	@echo "  INITRD  $@"
	$(Q)(cd $(SHELL_ROOT) && find . | LC_ALL=C sort | cpio -o -H newc \
		--quiet -R 0:0) | gzip -9n > $@.tail
	$(Q)cat $< $@.tail > $@ && rm $@.tail

# A shell in Debian's own initrd, in place of its installer. Standard input is
# the guest's console: this recipe must run alone and last.
RUN ?=
run: all guests ## boot Debian as a guest, to a shell; `poweroff -f` ends it
	@echo "Debian's arm64 kernel and initrd, as a guest. 'poweroff -f' comes back."
	@$(BUILD)/twofold run --name debian --memory 512M \
		--initrd $(DEBIAN_arm64)/initrd.gz \
		--append 'rdinit=/bin/sh console=ttyAMA0' $(RUN) \
		$(DEBIAN_arm64)/Image
