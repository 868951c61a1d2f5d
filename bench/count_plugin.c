// SPDX-License-Identifier: BSD-2-Clause
/*
 * A QEMU plugin that counts the instructions that the board executes, from
 * reset to power-off: the only count that is made alike with and without a
 * hypervisor, and that time spent idle does not enter. Where a guest and the
 * hypervisor have addresses of their own, each is counted for itself as well.
 *
 * Debian ships QEMU with plugins but not their header; these are the
 * declarations of its interface (version 1) that are used here.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { QEMU_PLUGIN_INLINE_ADD_U64 };

#define EXPORT __attribute__((visibility("default")))

void qemu_plugin_register_vcpu_tb_trans_cb(
	qemu_plugin_id_t id,
	void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						int op, void *ptr,
						uint64_t imm);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
				    void (*cb)(qemu_plugin_id_t id, void *arg),
				    void *arg);
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			int argc, char **argv);

EXPORT int qemu_plugin_version = 1;

/* Exact with one CPU; several would race for it. */
static uint64_t below, above;
static uint64_t border = UINT64_MAX;
static FILE *out;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_insn_exec_inline(
			insn, QEMU_PLUGIN_INLINE_ADD_U64,
			qemu_plugin_insn_vaddr(insn) < border ? &below : &above,
			1);
	}
}

static void at_exit(qemu_plugin_id_t id, void *arg)
{
	(void)id;
	(void)arg;
	fprintf(out, "instructions %" PRIu64 "\n", below + above);
	if (border != UINT64_MAX)
		fprintf(out, "below %" PRIu64 "\n", below);
	fclose(out);
}

/*
 * out=FILE: where the count goes; standard error without it. border=ADDRESS: those
 * at lower virtual addresses are counted for themselves, too.
 */
EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
			       const struct qemu_info *info, int argc,
			       char **argv)
{
	(void)info;
	out = stderr;
	for (int i = 0; i < argc; i++)
		if (argv[i][0] == 'o')
			out = fopen(argv[i] + sizeof("out=") - 1, "w");
		else
			border = strtoull(argv[i] + sizeof("border=") - 1, NULL, 0);
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
