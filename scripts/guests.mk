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
debian: $(DEBIAN_arm64)/Image $(DEBIAN_arm64)/initrd.gz

$(DEBIAN_arm64)/Image: $(DEBIAN_NETBOOT)/linux
	@echo "  UNPACK  $@"
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(DEBIAN_arm64)/initrd.gz: $(DEBIAN_NETBOOT)/initrd.gz
	@echo "  UNPACK  $@"
	@mkdir -p $(@D)
	$(Q)cp $< $@

# A shell in Debian's own initrd, in place of its installer. Standard input is
# the guest's console: this recipe must run alone and last.
RUN ?=
run: all debian ## boot Debian as a guest, to a shell; `poweroff -f` ends it
	@echo "Debian's arm64 kernel and initrd, as a guest. 'poweroff -f' comes back."
	@$(BUILD)/twofold run --name debian --memory 512M \
		--initrd $(DEBIAN_arm64)/initrd.gz \
		--append 'rdinit=/bin/sh console=ttyAMA0' $(RUN) \
		$(DEBIAN_arm64)/Image
