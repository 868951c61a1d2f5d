# SPDX-License-Identifier: BSD-2-Clause
# Benchmarks. They count executed instructions in QEMU, so that a busy machine
# does not blur them, and print tables; nothing passes or fails.

BENCH := $(BUILD)/bench
TINY_INITRD := $(DEBIAN_$(ARCH))/tiny-initrd.gz

.PHONY: bench-exits bench-boot bench-size
bench: ## run the benchmarks: exits, a boot, sizes
	@+$(MAKE) bench-exits
	@+$(MAKE) bench-boot
	@+$(MAKE) bench-size

bench-exits: all testguests ## count what each kind of exit costs
	@BUILD=$(BUILD) sh bench/exits.sh $(ARCH)

BOOTED_arm64 = debian $(TINY_INITRD)
BOOTED_arm = $(BOOTED_arm64)
BOOTED_mips := linux-mips
bench-boot: all $(BOOTED_$(ARCH)) $(BENCH)/count.so ## count a boot of Linux, bare and as a guest
	@BUILD=$(BUILD) sh bench/boot.sh $(ARCH)

bench-size: all ## the hypervisor's text, and what a guest's memory costs
	@[ -f $(BENCH)/boot-guest-gic3.txt ] || $(MAKE) -s bench-boot ARCH=arm64 >&2
	@[ -f $(BENCH)/boot-guest-24Kf.txt ] || $(MAKE) -s bench-boot ARCH=mips >&2
	@BUILD=$(BUILD) SIZE=$(SIZE_arm64) sh bench/size.sh

$(TINY_INITRD): $(INITRD_$(ARCH)) bench/tiny-initrd.sh
	@echo "  INITRD  $@"
	$(Q)sh bench/tiny-initrd.sh $< $@

$(BENCH)/count.so: bench/count_plugin.c
	@echo "  PLUGIN  $@"
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(CSTD) -Wall -Wextra -Werror -O2 -g -fPIC -shared -o $@ $<

include bench/pgtable.mk
