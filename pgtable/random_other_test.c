// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
// flags: -DPGTABLE_NO_USUAL -DSTEPS=50
/* The same without the usual tree's own way: what the others take. */
#include "pgtable/random_test.c"
