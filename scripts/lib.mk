# SPDX-License-Identifier: BSD-2-Clause
# The page-table engine as a library for other projects: an archive, the headers
# that it takes and a pkg-config file, in $(BUILD)/lib, to be used there, copied
# or installed. Freestanding: it asks for memcpy and memset alone.
#
#   make libpgtable LIB_CROSS=aarch64-linux-gnu-     for another CPU
#   make libpgtable LIB_CFLAGS='-O2 -mgeneral-regs-only'

LIB := $(BUILD)/lib
LIB_CROSS ?=
LIB_CFLAGS ?= -O2 -fPIC
LIB_CC := $(if $(LIB_CROSS),$(LIB_CROSS)gcc,$(HOSTCC))
LIB_HEADERS := lib/types.h pgtable/mips32.h pgtable/pgtable.h
LIB_OBJ := $(patsubst %.c,$(LIB)/obj/%.o,$(call sources,pgtable/*.c))
LIB_INSTALLED := $(LIB_HEADERS:%=$(LIB)/include/twofold/%)
CFLAGS_lib := $(CSTD) $(WARN) $(LIB_CFLAGS) -g -ffile-prefix-map=$(CURDIR)=twofold \
	-ffreestanding -fno-strict-aliasing -fno-stack-protector -ffunction-sections \
	-fdata-sections -I.

# No name is global but pgtable_*.
$(LIB)/libpgtable.a: $(LIB_OBJ)
	@echo "  AR      $@"
	$(Q)$(LIB_CROSS)ld -r -o $(LIB)/obj/libpgtable.o $(LIB_OBJ)
	$(Q)$(LIB_CROSS)objcopy --wildcard --keep-global-symbol='pgtable_*' $(LIB)/obj/libpgtable.o
	@rm -f $@
	$(Q)$(LIB_CROSS)ar rcs $@ $(LIB)/obj/libpgtable.o

$(LIB)/obj/%.o: %.c $(LIB)/.flags
	$(call compile,$(LIB_CC) $(CFLAGS_lib))

$(LIB_INSTALLED): $(LIB)/include/twofold/%: %
	@mkdir -p $(@D)
	$(Q)cp $< $@

# $(call pkgconfig,PREFIX,LIBDIR): beside the archive it says where it is itself.
pkgconfig = sed -e 's|@prefix@|$(1)|' -e 's|@libdir@|$(2)|' -e 's|@version@|$(VERSION)|' \
	pgtable/twofold-pgtable.pc.in

$(LIB)/twofold-pgtable.pc: pgtable/twofold-pgtable.pc.in scripts/image.mk
	@mkdir -p $(@D)
	$(Q)$(call pkgconfig,$${pcfiledir},$${prefix}) > $@

.PHONY: libpgtable install-libpgtable
libpgtable: $(LIB)/libpgtable.a $(LIB_INSTALLED) $(LIB)/twofold-pgtable.pc ## build the page-table engine as a library, in build/lib
install-libpgtable: libpgtable ## install libpgtable, its headers and pkg-config file, below PREFIX
	$(Q)install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	$(Q)install -m 644 $(LIB)/libpgtable.a $(DESTDIR)$(PREFIX)/lib
	$(Q)for header in $(LIB_HEADERS); do \
		install -D -m 644 $$header $(DESTDIR)$(PREFIX)/include/twofold/$$header || exit; \
	done
	$(Q)$(call pkgconfig,$(PREFIX),$${prefix}/lib) > $(DESTDIR)$(PREFIX)/lib/pkgconfig/twofold-pgtable.pc
	@echo "Installed libpgtable below $(DESTDIR)$(PREFIX)"
