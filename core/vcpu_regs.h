/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's registers by id (K12): get, set, list.
 *
 * Ids are those of KVM's ONE_REG interface as they stand (Linux,
 * Documentation/virt/kvm/api.rst, 4.68; arch/.../include/uapi/asm/kvm.h):
 * architecture in bits 63:56, log2 of the size in bytes in 55:52. What KVM has
 * no id for has one of ours, with REG_OURS in bits 63:56: docs/registers.md.
 * Values are in memory as a CPU of this port has them, little-endian.
 *
 * Who may call: the vCPU's own thread, outside vcpu_run(); or another thread of
 * the CPU that its thread lives on, which therefore blocks, has ended its run or
 * has not begun. A vCPU without a thread is anybody's. Not from inside
 * arch_vcpu_enter(). Whatever of the vCPU is still in the CPU's registers is
 * put into memory first: vcpu_unload().
 *
 * -EBUSY: its thread lives on another CPU, or another CPU holds it; for a
 * register that its VM has only once (the GIC's distributor), or holds another
 * vCPU of the VM.
 */
#ifndef CORE_VCPU_REGS_H
#define CORE_VCPU_REGS_H

#include "lib/types.h"
#include "lib/util.h"

struct vcpu;

#define REG_ARM 0x4000000000000000ULL
#define REG_ARM64 0x6000000000000000ULL
#define REG_MIPS 0x7000000000000000ULL
#define REG_OURS 0xf000000000000000ULL
#define REG_U32 0x0020000000000000ULL
#define REG_U64 0x0030000000000000ULL
#define REG_U128 0x0040000000000000ULL

/* In bytes. */
static inline size_t reg_size(u64 id)
{
	return (size_t)1 << (id >> 52 & 0xf);
}

/*
 * buf has reg_size(id) bytes. -ENOENT: this vCPU has no register of the id.
 * Set: -EINVAL: a value that the register cannot have, above all one that would
 * give the guest more than it had; of a register that never changes, another than
 * it has. -EBUSY too: an EXIT_MMIO is not completed, and would write on top. On
 * an error nothing is changed.
 */
int vcpu_get_reg(struct vcpu *vcpu, u64 id, void *buf);
int vcpu_set_reg(struct vcpu *vcpu, u64 id, const void *buf);
/*
 * Every id that can be got and set, in the order in which they are to be set in
 * another vCPU to make it the same. *count: room in ids, in ids; how many there
 * are, afterwards. -E2BIG: there is not room for all, and none is written.
 */
int vcpu_list_regs(struct vcpu *vcpu, u64 *ids, unsigned int *count);

/*
 * For people: those that have a name, from the *next-th on (0 at first), as
 * many as buf holds, "pc 0x40080000, ...". False: there were none any more.
 */
bool vcpu_format_regs(struct vcpu *vcpu, unsigned int *next, char *buf,
		      size_t size);

/* ---- What a port supplies ------------------------------------------------- */

/*
 * `count` registers, the ids of which are `step` apart. Where they are is
 * between the port and its tables: `kind`, `where`, `stride`. In a table ranges
 * are sorted by id and do not overlap.
 */
struct reg_range {
	u64 id; /* of the first */
	u16 where, stride;
	u8 count, step;
	u8 kind;
	u8 flags;
	char name[8]; /* for people; a number is added where count > 1 */
};

#define REG_INVARIANT 1 /* to set another value than it has is -EINVAL */
#define REG_VM 2        /* one for all vCPUs of the VM */
#define REG_SIGNED 4    /* of 32 bits, sign-extended: people are shown those */
#define REG_PORT 8      /* and from there on: the port's */

union reg_value {
	u8 bytes[16];
	u32 w;
	u64 d;
};

/* The n-th table, its length in *count; NULL: no more. A table in core's
 * order: its registers are to be set after those of the tables before. */
const struct reg_range *arch_reg_table(const struct vcpu *vcpu, unsigned int n,
				       unsigned int *count);
/* The vCPU is in no CPU's registers. What is under way is done: it is the state
 * that the vCPU would go on with. */
void arch_regs_settle(struct vcpu *vcpu);
/*
 * Register n of the range, the vCPU's state all in memory. *val is zero before.
 * -ENOENT: not on this CPU or in this VM. Set: -EINVAL as above; of a
 * REG_INVARIANT never called.
 */
int arch_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val);
int arch_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val);

#endif
