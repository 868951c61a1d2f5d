/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests: what binutils reads in words. Include after cmocka.h. */
#ifndef ARCH_MIPS_TESTING_DISASSEMBLE_H
#define ARCH_MIPS_TESTING_DISASSEMBLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/types.h"

/* "lw k0,4(k1)": one space behind the mnemonic, which is no alias; targets of
 * branches as addresses. `words` are at `va`. */
static inline void disassemble(const u32 *words, unsigned int n, u32 va,
			       char (*text)[64])
{
	char name[] = "/tmp/twofold-asm-XXXXXX", command[256], line[256];
	int fd = mkstemp(name);
	unsigned int i = 0;
	FILE *f;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, words, 4 * n), 4 * n);
	close(fd);
	snprintf(command, sizeof(command),
		 "mipsel-linux-gnu-objdump -D -b binary -m mips:isa32r2 -EL "
		 "-M no-aliases,msa -z --adjust-vma=0x%x %s",
		 va, name);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *code = strchr(line, ':'), *to;

		if (!code || strspn(line, " 0123456789abcdef") !=
				     (size_t)(code - line))
			continue;
		/* Address, word, mnemonic and operands, with tabs between. */
		code = strchr(code + 2, '\t');
		assert_non_null(code);
		assert_true(i < n);
		to = text[i++];
		snprintf(to, 64, "%.63s", code + 1);
		to[strcspn(to, "\n")] = '\0';
		if (strchr(to, '\t'))
			*strchr(to, '\t') = ' ';
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(i, n);
	unlink(name);
}

#endif
