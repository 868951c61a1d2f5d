// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trapped coprocessor registers: ID registers that tell the guest what it gets
 * and nothing else, timer registers, those that are implementation-defined, and
 * cache maintenance by set/way (K32).
 *
 * What is not in here is undefined for the guest.
 */
#include "arch/armcommon/arm.h"
#include "core/arch.h"
#include "lib/string.h"

/* An encoding as the trap's syndrome has it, Rt and direction left out (ARM DDI
 * 0406C, B3.13.6). */
#define ENC(op1, crn, crm, op2)                                                \
	((op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define ISS_ENC_MASK ENC(7U, 15U, 15U, 7U)
#define ISS_OP2(iss) ((iss) >> 17 & 7)
#define ISS_RT(iss) ((iss) >> 5 & 15)
/* MCRR and MRRC. */
#define ENC64(op1, crm) ((op1) << 16 | (crm) << 1)
#define ISS_ENC64_MASK ENC64(15U, 15U)
#define ISS_RT2(iss) ((iss) >> 10 & 15)

/* ---- ID registers ------------------------------------------------------------ */

#define F(bit) (0xfU << (bit))

void port_read_ids(struct id_registers *id)
{
	memset(id, 0, sizeof(*id));
	ids_read_aarch32(id->r[0], id->r[1]);
	/*
	 * No Jazelle (ID_PFR0). ThumbEE there is, and its registers are switched:
	 * QEMU 7.2 traps no ID registers of ARMv7, and Linux writes TEEHBR where it
	 * reads of ThumbEE.
	 */
	id->r[0][0] &= ~F(8);
	/* No Security nor Virtualization Extensions (ID_PFR1), nor SMC (ID_ISAR4). */
	id->r[0][1] &= ~(F(4) | F(12));
	id->r[1][4] &= ~F(12);
	id->r[0][2] = 0; /* ID_DFR0: neither debug nor trace nor PMU */
	id->mvfr[0] = vfp_id(0);
	id->mvfr[1] = vfp_id(1);
}

u32 sysreg_id(unsigned int crm, unsigned int op2)
{
	return guest_ids.r[crm - 1][op2];
}

u32 sysreg_mvfr(unsigned int n)
{
	return guest_ids.mvfr[n];
}

/* ---- MRC and MCR --------------------------------------------------------------- */

bool port_read_register(struct arm_vcpu *v, u32 enc, u64 *val)
{
	struct vcpu *vcpu = &v->vcpu;

	switch (enc) {
	case ENC(0, 1, 0, 1): /* ACTLR */
		*val = features.port.target->core->actlr(vcpu);
		return true;
	case ENC(1, 9, 0, 2): /* L2CTLR */
		*val = features.port.target->core->l2ctlr(vcpu);
		return true;
	case ENC(1, 9, 0, 3): /* L2ECTLR */
		*val = 0;
		return true;
	case ENC(0, 14, 2, PTIMER_TVAL):
	case ENC(0, 14, 2, PTIMER_CTL):
		*val = ptimer_read(vcpu, ISS_OP2(enc));
		return true;
	}
	/* c0, c1 to c7; unallocated read as 0. */
	if ((enc & ENC(7U, 15U, 8U, 0U)) == 0 && (enc >> 1 & 7)) {
		unsigned int crm = enc >> 1 & 7;

		*val = crm < 3 ? sysreg_id(crm, ISS_OP2(enc)) : 0;
		return true;
	}
	return false;
}

/* While HCR.TVM is set; a half of a register of 64 bits is written in place. */
static enum trap_result write_vm_register(struct arm_vcpu *v, u32 enc, u32 val)
{
	static const struct {
		u32 enc;
		enum el1_register reg;
	} regs[] = {
		{ENC(0, 1, 0, 0), EL1_SCTLR},   {ENC(0, 2, 0, 2), EL1_TCR},
		{ENC(0, 3, 0, 0), EL1_DACR},    {ENC(0, 5, 0, 0), EL1_DFSR},
		{ENC(0, 5, 0, 1), EL1_IFSR},    {ENC(0, 5, 1, 0), EL1_ADFSR},
		{ENC(0, 5, 1, 1), EL1_AIFSR},   {ENC(0, 6, 0, 0), EL1_DFAR},
		{ENC(0, 6, 0, 2), EL1_IFAR},    {ENC(0, 10, 2, 0), EL1_MAIR0},
		{ENC(0, 10, 2, 1), EL1_MAIR1},  {ENC(0, 10, 3, 0), EL1_AMAIR0},
		{ENC(0, 10, 3, 1), EL1_AMAIR1}, {ENC(0, 13, 0, 1), EL1_CONTEXTIDR},
		{ENC(0, 2, 0, 0), EL1_TTBR0},   {ENC(0, 2, 0, 1), EL1_TTBR1},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		enum el1_register r = regs[i].reg;

		if (regs[i].enc != enc)
			continue;
		if (r == EL1_TTBR0 || r == EL1_TTBR1)
			return vm_register(v, r, (el1_read(v, r) & ~0xffffffffULL) | val);
		return vm_register(v, r, val);
	}
	return TRAP_UNDEFINED;
}

enum trap_result port_write_register(struct arm_vcpu *v, u32 enc, u64 val)
{
	struct vcpu *vcpu = &v->vcpu;

	switch (enc) {
	case ENC(0, 7, 6, 2):  /* DCISW */
	case ENC(0, 7, 10, 2): /* DCCSW */
	case ENC(0, 7, 14, 2): /* DCCISW */
		return set_way(v);
	case ENC(0, 1, 0, 1): /* ACTLR */
	case ENC(1, 9, 0, 2): /* L2CTLR */
	case ENC(1, 9, 0, 3): /* L2ECTLR */
		return TRAP_DONE;
	case ENC(0, 14, 2, PTIMER_TVAL):
	case ENC(0, 14, 2, PTIMER_CTL):
		ptimer_write(vcpu, ISS_OP2(enc), val);
		return TRAP_DONE;
	}
	return v->hcr & HCR_TVM ? write_vm_register(v, enc, val) :
				  TRAP_UNDEFINED;
}

static enum trap_result trap_32(struct arm_vcpu *v, u32 iss)
{
	u32 enc = iss & ISS_ENC_MASK;

	/* A CPU may trap what HCR.TIDCP names from User mode too, which has
	 * nothing of all this but the timers (ARM DDI 0406C, B1.14.4). */
	if ((v->regs.pstate & SPSR_MODE_MASK) == MODE_USR &&
	    (enc & ENC(0, 15U, 0, 0)) != ENC(0, 14, 0, 0))
		return TRAP_UNDEFINED;
	return register_trap(v, enc, ISS_RT(iss), iss & ISS_READ);
}

/* ---- MRRC and MCRR ------------------------------------------------------------- */

static enum trap_result trap_64(struct arm_vcpu *v, u32 iss)
{
	u64 val = vcpu_get_x(v, ISS_RT(iss)) | vcpu_get_x(v, ISS_RT2(iss)) << 32;
	u32 enc = iss & ISS_ENC64_MASK;
	bool read = iss & ISS_READ;

	if (enc == ENC64(2, 14) && read) { /* CNTP_CVAL */
		val = ptimer_read(&v->vcpu, PTIMER_CVAL);
		vcpu_set_x(v, ISS_RT(iss), (u32)val);
		vcpu_set_x(v, ISS_RT2(iss), val >> 32);
		return TRAP_DONE;
	}
	if (read)
		return TRAP_UNDEFINED;
	if (enc == ENC64(2, 14)) {
		ptimer_write(&v->vcpu, PTIMER_CVAL, val);
		return TRAP_DONE;
	}
	if (v->hcr & HCR_TVM && enc == ENC64(0, 2))
		return vm_register(v, EL1_TTBR0, val);
	if (v->hcr & HCR_TVM && enc == ENC64(1, 2))
		return vm_register(v, EL1_TTBR1, val);
	return TRAP_UNDEFINED;
}

/* ---- VMRS of an ID register ------------------------------------------------------- */

#define VFP_MVFR1 6
#define VFP_MVFR0 7

/* ISS_ENC's CRn is the register's number. */
static enum trap_result trap_vfp_id(struct arm_vcpu *v, u32 iss)
{
	unsigned int reg = iss >> 10 & 15;

	if (!(iss & ISS_READ) || reg < VFP_MVFR1 || reg > VFP_MVFR0)
		return TRAP_UNDEFINED;
	vcpu_set_x(v, ISS_RT(iss), sysreg_mvfr(VFP_MVFR0 - reg));
	return TRAP_DONE;
}

/* ---- Debug ------------------------------------------------------------------------ */

/* There is none: DBGDIDR, which is read to find out, is 0. */
static enum trap_result trap_debug(struct arm_vcpu *v, u32 iss)
{
	if (!(iss & ISS_READ) || iss & ISS_ENC_MASK)
		return TRAP_UNDEFINED;
	vcpu_set_x(v, ISS_RT(iss), 0);
	return TRAP_DONE;
}

enum trap_result port_trap(struct arm_vcpu *v, unsigned long esr)
{
	u32 iss = esr & ESR_ISS_MASK;

	switch (esr >> ESR_EC_SHIFT) {
	case EC_CP15_32:
		return trap_32(v, iss);
	case EC_CP15_64:
		return trap_64(v, iss);
	case EC_CP10_ID:
		return trap_vfp_id(v, iss);
	case EC_CP14_32:
		return trap_debug(v, iss);
	default:
		return TRAP_UNKNOWN;
	}
}
