// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trapped system registers: ID registers that tell the guest what it gets and
 * nothing else (K23), debug and timer registers, interrupt generation, cache
 * maintenance by set/way.
 *
 * What is not in here is undefined for the guest.
 */
#include "arch/armcommon/arm.h"
#include "arch/arm64/registers.h"
#include "core/arch.h"
#include "lib/string.h"

/* An encoding as the trap's syndrome has it, Rt and direction left out
 * (DDI 0487, ESR_ELx, ISS for MSR, MRS or System instruction). */
#define ENC(op0, op1, crn, crm, op2)                                           \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define ISS_ENC_MASK ENC(3U, 7U, 15U, 15U, 7U)
#define ISS_RT(iss) ((iss) >> 5 & 31)
#define ISS_CRM(iss) ((iss) >> 1 & 15)
#define ISS_OP2(iss) ((iss) >> 17 & 7)

/* ---- ID registers ------------------------------------------------------------ */

/* A four-bit field, by its lowest bit. */
#define F(bit) (0xfULL << (bit))

static u64 field_at_most(u64 v, unsigned int bit, u64 most)
{
	return (v & ~F(bit)) | (min(v >> bit & 0xf, most) << bit);
}

static u64 sanitise_pfr0(u64 v)
{
	/* FP, AdvSIMD, DIT, CSV2, CSV3; AArch32 at EL0 where it is. */
	u64 out = v & (F(0) | F(16) | F(20) | F(48) | F(56) | F(60));

	out |= 1ULL << 4; /* EL1: AArch64 only */
	out |= (u64)features.port.gicv3 << 24;
	return field_at_most(out, 56, 1); /* CSV2_2 brings SCXTNUM_ELx */
}

static u64 sanitise_dfr0(u64 v)
{
	/* ARMv8.0 debug, its breakpoints and watchpoints, double lock. */
	return (v & (F(12) | F(20) | F(28) | F(36))) | 6;
}

/* PARange: no more than stage 2 can take. */
static u64 sanitise_mmfr0(u64 v)
{
	/* ASIDBits, BigEnd, SNSMem, BigEndEL0, stage-1 granules. */
	u64 out = v & (F(4) | F(8) | F(12) | F(16) | F(20) | F(24) | F(28));

	return out | min(v & 0xf, 2ULL); /* 40 bits */
}

static void sanitise_aarch64_ids(struct id_registers *id)
{
	id->r[4][0] = sanitise_pfr0(sysreg_read(id_aa64pfr0_el1));
	/* BT, SSBS */
	id->r[4][1] = sysreg_read(id_aa64pfr1_el1) & (F(0) | F(4));
	id->r[5][0] = sanitise_dfr0(sysreg_read(id_aa64dfr0_el1));
	/* All but TME. */
	id->r[6][0] = sysreg_read(id_aa64isar0_el1) & ~F(24);
	/* DPB, JSCVT, FCMA, LRCPC, FRINTTS, SB, BF16, DGH, I8MM */
	id->r[6][1] = sysreg_read(id_aa64isar1_el1) &
			(F(0) | F(12) | F(16) | F(20) | F(32) | F(36) | F(44) |
			 F(48) | F(52));
	id->r[7][0] = sanitise_mmfr0(sysreg_read(id_aa64mmfr0_el1));
	/* HAFDBS, HPDS, PAN, ETS, AFP, nTLBPA */
	id->r[7][1] = sysreg_read(id_aa64mmfr1_el1) &
			(F(0) | F(12) | F(20) | F(36) | F(44) | F(48));
	/* CnP, UAO, VARange, CCIDX, ST, AT, TTL, BBM, E0PD */
	id->r[7][2] = sysreg_read(s3_0_c0_c7_2) &
			(F(0) | F(4) | F(16) | F(20) | F(28) | F(32) | F(48) |
			 F(52) | F(60));
}

static void sanitise_aarch32_ids(struct id_registers *id)
{
	ids_read_aarch32(id->r[1], id->r[2]);
	id->r[1][0] &= ~(F(16) | F(20) | F(28)); /* ID_PFR0 */
	id->r[1][1] &= ~(F(12) | F(24) | F(28)); /* ID_PFR1 */
	id->r[1][2] &= ~(F(24) | F(28)); /* ID_DFR0 */
	/* ID_MMFR4, ID_ISAR6 */
	id->r[2][6] = sysreg_read(s3_0_c0_c2_6);
	id->r[2][7] = sysreg_read(s3_0_c0_c2_7);
	/* MVFR0 to 2, ID_PFR2 (CSV3, SSBS) */
	id->r[3][0] = sysreg_read(mvfr0_el1);
	id->r[3][1] = sysreg_read(mvfr1_el1);
	id->r[3][2] = sysreg_read(mvfr2_el1);
	id->r[3][4] = sysreg_read(s3_0_c0_c3_4) & (F(0) | F(4));
}

void port_read_ids(struct id_registers *id)
{
	memset(id, 0, sizeof(*id));
	sanitise_aarch64_ids(id);
	/* Without AArch32 at EL0 these are unknown: zero then. */
	if ((id->r[4][0] & 0xf) == 2)
		sanitise_aarch32_ids(id);
}

u64 sysreg_id(unsigned int crm, unsigned int op2)
{
	return guest_ids.r[crm][op2];
}

/* ---- Debug ---------------------------------------------------------------------- */

static bool is_debug_bank(u32 enc)
{
	/* op0 2, op1 0, CRn 0, CRm n, op2 4 to 7: BVR, BCR, WVR, WCR */
	return (enc & ENC(3U, 7U, 15U, 0U, 4U)) == ENC(2U, 0U, 0U, 0U, 4U);
}

static bool debug_bank(struct arm_vcpu *v, u32 iss)
{
	unsigned int n = ISS_CRM(iss), kind = ISS_OP2(iss) & 3;
	u64 *reg = debug_register(v, kind, n);

	if (!reg)
		return false;
	if (iss & ISS_READ)
		vcpu_set_x(v, ISS_RT(iss), *reg);
	else
		debug_write(v, kind, n, vcpu_get_x(v, ISS_RT(iss)));
	return true;
}

/* ---- The rest -------------------------------------------------------------------- */

bool port_read_register(struct arm_vcpu *v, u32 enc, u64 *val)
{
	struct vcpu *vcpu = &v->vcpu;

	switch (enc) {
	case ENC(3, 0, 1, 0, 1): /* ACTLR_EL1 */
	case ENC(2, 0, 0, 0, 2): /* OSDTRRX_EL1, DBGDTR: no debugger */
	case ENC(2, 0, 0, 3, 2):
	case ENC(2, 3, 0, 1, 0): /* MDCCSR_EL0 */
	case ENC(2, 3, 0, 4, 0): /* DBGDTR_EL0 */
	case ENC(2, 3, 0, 5, 0): /* DBGDTRRX_EL0 */
	case ENC(2, 0, 0, 2, 0): /* MDCCINT_EL1 */
	case ENC(2, 0, 0, 6, 2): /* OSECCR_EL1 */
	case ENC(2, 0, 1, 0, 0): /* MDRAR_EL1 */
	case ENC(2, 0, 1, 3, 4): /* OSDLR_EL1 */
	case ENC(2, 0, 1, 4, 4): /* DBGPRCR_EL1 */
	case ENC(2, 0, 7, 8, 6): /* DBGCLAIMSET_EL1 */
	case ENC(2, 0, 7, 9, 6): /* DBGCLAIMCLR_EL1 */
	case ENC(2, 0, 7, 14, 6): /* DBGAUTHSTATUS_EL1 */
		*val = 0;
		return true;
	case ENC(2, 0, 1, 1, 4): /* OSLSR_EL1: OS lock implemented, unlocked */
		*val = BIT64(3);
		return true;
	case ENC(2, 0, 0, 2, 2):
		*val = el1_read(v, EL1_MDSCR);
		return true;
	case ENC(3, 3, 14, 2, PTIMER_TVAL):
	case ENC(3, 3, 14, 2, PTIMER_CTL):
	case ENC(3, 3, 14, 2, PTIMER_CVAL):
		*val = ptimer_read(vcpu, ISS_OP2(enc));
		return true;
	}
	/* ID_*_EL1: op0 3, op1 0, CRn 0, CRm 1 to 7; unallocated read as 0. */
	if ((enc & ENC(3U, 7U, 15U, 8U, 0U)) == ENC(3U, 0U, 0U, 0U, 0U) &&
	    ISS_CRM(enc)) {
		*val = sysreg_id(ISS_CRM(enc), ISS_OP2(enc));
		return true;
	}
	return false;
}

static enum trap_result write_vm_register(struct arm_vcpu *v, u32 enc,
					  u64 val)
{
	static const struct {
		u32 enc;
		enum el1_register reg;
	} regs[] = {
		{ENC(3, 0, 1, 0, 0), EL1_SCTLR},  {ENC(3, 0, 2, 0, 0), EL1_TTBR0},
		{ENC(3, 0, 2, 0, 1), EL1_TTBR1},  {ENC(3, 0, 2, 0, 2), EL1_TCR},
		{ENC(3, 0, 5, 2, 0), EL1_ESR},    {ENC(3, 0, 6, 0, 0), EL1_FAR},
		{ENC(3, 0, 5, 1, 0), EL1_AFSR0},  {ENC(3, 0, 5, 1, 1), EL1_AFSR1},
		{ENC(3, 0, 10, 2, 0), EL1_MAIR},  {ENC(3, 0, 10, 3, 0), EL1_AMAIR},
		{ENC(3, 0, 13, 0, 1), EL1_CONTEXTIDR},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].enc == enc)
			return vm_register(v, regs[i].reg, val);
	}
	return TRAP_UNDEFINED;
}

enum trap_result port_write_register(struct arm_vcpu *v, u32 enc, u64 val)
{
	struct vcpu *vcpu = &v->vcpu;

	if (!features.port.gicv3 && (enc & ENC(3U, 7U, 15U, 15U, 4U)) ==
				       ENC(3U, 0U, 12U, 11U, 4U))
		return TRAP_UNDEFINED; /* ICC_*SGI*R_EL1 */
	switch (enc) {
	case ENC(3, 0, 12, 11, 5): /* ICC_SGI1R_EL1 */
		vgic_send_sgi_reg(vcpu, val, true);
		return TRAP_DONE;
	case ENC(3, 0, 12, 11, 6): /* ICC_ASGI1R_EL1 */
	case ENC(3, 0, 12, 11, 7): /* ICC_SGI0R_EL1 */
		vgic_send_sgi_reg(vcpu, val, false);
		return TRAP_DONE;
	case ENC(1, 0, 7, 6, 2):  /* DC ISW */
	case ENC(1, 0, 7, 10, 2): /* DC CSW */
	case ENC(1, 0, 7, 14, 2): /* DC CISW */
		return set_way(v);
	case ENC(3, 0, 1, 0, 1):   /* ACTLR_EL1 */
	case ENC(2, 0, 1, 0, 4):   /* OSLAR_EL1 */
	case ENC(2, 0, 1, 3, 4):   /* OSDLR_EL1 */
	case ENC(2, 0, 1, 4, 4):   /* DBGPRCR_EL1 */
	case ENC(2, 0, 0, 2, 0):   /* MDCCINT_EL1 */
	case ENC(2, 0, 0, 0, 2):   /* OSDTRRX_EL1 */
	case ENC(2, 0, 0, 3, 2):   /* OSDTRTX_EL1 */
	case ENC(2, 3, 0, 4, 0):   /* DBGDTR_EL0 */
	case ENC(2, 3, 0, 5, 0):   /* DBGDTRTX_EL0 */
	case ENC(2, 0, 0, 6, 2):   /* OSECCR_EL1 */
	case ENC(2, 0, 7, 8, 6):   /* DBGCLAIMSET_EL1 */
	case ENC(2, 0, 7, 9, 6):   /* DBGCLAIMCLR_EL1 */
		return TRAP_DONE;
	case ENC(2, 0, 0, 2, 2):
		el1_write(v, EL1_MDSCR, val & MDSCR_GUEST_MASK);
		return TRAP_DONE;
	case ENC(3, 3, 14, 2, PTIMER_TVAL):
	case ENC(3, 3, 14, 2, PTIMER_CTL):
	case ENC(3, 3, 14, 2, PTIMER_CVAL):
		ptimer_write(vcpu, ISS_OP2(enc), val);
		return TRAP_DONE;
	}
	return v->hcr & HCR_TVM ? write_vm_register(v, enc, val) :
				  TRAP_UNDEFINED;
}

enum trap_result port_trap(struct arm_vcpu *v, unsigned long esr)
{
	u32 iss = esr & ESR_ISS_MASK, enc = iss & ISS_ENC_MASK;

	if (esr >> ESR_EC_SHIFT != EC_SYSREG)
		return TRAP_UNKNOWN;
	if (is_debug_bank(enc))
		return debug_bank(v, iss) ? TRAP_DONE : TRAP_UNDEFINED;
	return register_trap(v, enc, ISS_RT(iss), iss & ISS_READ);
}
