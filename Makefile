# SPDX-License-Identifier: BSD-2-Clause
# Twofold. `make help` lists what there is to make.

BUILD ?= build
ARCH ?= arm64
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: all
all:

include scripts/setup.mk
include scripts/toolchain.mk
include scripts/image.mk
include scripts/cli.mk
include scripts/guests.mk
include scripts/unit.mk
include scripts/check.mk
include scripts/bench.mk
