# SPDX-License-Identifier: BSD-2-Clause
# The command finds the hypervisor and the boards' device trees beside itself,
# so they are installed together, and linked to from where programs are.

PREFIX ?= /usr/local
LIB_DIR := $(DESTDIR)$(PREFIX)/lib/twofold
COMPLETIONS := $(DESTDIR)$(PREFIX)/share/bash-completion/completions

.PHONY: install uninstall
install: all ## install the command, with its completion, below PREFIX
	$(Q)install -d $(LIB_DIR)/boards $(DESTDIR)$(PREFIX)/bin $(COMPLETIONS)
	$(Q)install -m 755 $(CLI) $(LIB_DIR)/twofold
	$(Q)install -m 644 $(foreach p,$(PORTS),$(IMAGE_$p)) $(LIB_DIR)
	$(Q)install -m 644 $(BOARD_DTBS) $(BOARD_ROMS) $(LIB_DIR)/boards
	$(Q)install -m 644 cli/twofold.bash-completion $(COMPLETIONS)/twofold
	$(Q)ln -sf ../lib/twofold/twofold $(DESTDIR)$(PREFIX)/bin/twofold
	@echo "Installed $(PREFIX)/bin/twofold, and what it needs."
uninstall: ## remove what `make install` installed
	$(Q)rm -rf $(LIB_DIR)
	$(Q)rm -f $(DESTDIR)$(PREFIX)/bin/twofold $(COMPLETIONS)/twofold
