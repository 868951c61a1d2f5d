// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
// flags: -DPGTABLE_KINDS=2
/* The same with an engine that was built for MIPS alone. */
#include "pgtable/format_mips_test.c"
