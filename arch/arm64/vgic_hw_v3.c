// SPDX-License-Identifier: BSD-2-Clause
/*
 * GICv3's virtual interface control, in system registers (IHI 0069 12.4). The
 * assembler need not know their names: it is given the encodings.
 */
#include "arch/armcommon/vgic_internal.h"

#define ICH_AP0R(n) S3_4_C12_C8_##n
#define ICH_AP1R(n) S3_4_C12_C9_##n
#define ICH_HCR_EL2 S3_4_C12_C11_0
#define ICH_VTR_EL2 S3_4_C12_C11_1
#define ICH_EISR_EL2 S3_4_C12_C11_3
#define ICH_ELRSR_EL2 S3_4_C12_C11_5
#define ICH_VMCR_EL2 S3_4_C12_C11_7
#define ICH_LR_LOW(n) S3_4_C12_C12_##n  /* LR 0 to 7 */
#define ICH_LR_HIGH(n) S3_4_C12_C13_##n /* LR 8 to 15 */
#define ICC_SRE_EL1 S3_0_C12_C12_5

#define NAME_OF(reg) #reg
#define READ(reg)                                                              \
	({                                                                     \
		u64 read_;                                                     \
		__asm__ volatile("mrs %0, " NAME_OF(reg) : "=r"(read_));       \
		read_;                                                         \
	})
#define WRITE(reg, v)                                                          \
	__asm__ volatile("msr " NAME_OF(reg) ", %0" ::"r"((u64)(v)))
#define isb() __asm__ volatile("isb" ::: "memory")

static u64 read_lr(unsigned int n)
{
	switch (n) {
	case 0:
		return READ(ICH_LR_LOW(0));
	case 1:
		return READ(ICH_LR_LOW(1));
	case 2:
		return READ(ICH_LR_LOW(2));
	case 3:
		return READ(ICH_LR_LOW(3));
	case 4:
		return READ(ICH_LR_LOW(4));
	case 5:
		return READ(ICH_LR_LOW(5));
	case 6:
		return READ(ICH_LR_LOW(6));
	case 7:
		return READ(ICH_LR_LOW(7));
	case 8:
		return READ(ICH_LR_HIGH(0));
	case 9:
		return READ(ICH_LR_HIGH(1));
	case 10:
		return READ(ICH_LR_HIGH(2));
	case 11:
		return READ(ICH_LR_HIGH(3));
	case 12:
		return READ(ICH_LR_HIGH(4));
	case 13:
		return READ(ICH_LR_HIGH(5));
	case 14:
		return READ(ICH_LR_HIGH(6));
	default:
		return READ(ICH_LR_HIGH(7));
	}
}

#define WRITE_CASE(n, reg)                                                     \
	case n:                                                                \
		WRITE(reg, lr);                                                \
		break

static void write_lr(unsigned int n, u64 lr)
{
	switch (n) {
	WRITE_CASE(0, ICH_LR_LOW(0));
	WRITE_CASE(1, ICH_LR_LOW(1));
	WRITE_CASE(2, ICH_LR_LOW(2));
	WRITE_CASE(3, ICH_LR_LOW(3));
	WRITE_CASE(4, ICH_LR_LOW(4));
	WRITE_CASE(5, ICH_LR_LOW(5));
	WRITE_CASE(6, ICH_LR_LOW(6));
	WRITE_CASE(7, ICH_LR_LOW(7));
	WRITE_CASE(8, ICH_LR_HIGH(0));
	WRITE_CASE(9, ICH_LR_HIGH(1));
	WRITE_CASE(10, ICH_LR_HIGH(2));
	WRITE_CASE(11, ICH_LR_HIGH(3));
	WRITE_CASE(12, ICH_LR_HIGH(4));
	WRITE_CASE(13, ICH_LR_HIGH(5));
	WRITE_CASE(14, ICH_LR_HIGH(6));
	WRITE_CASE(15, ICH_LR_HIGH(7));
	}
}

static u32 empty_lrs(void)
{
	return READ(ICH_ELRSR_EL2);
}

static u32 ended_lrs(void)
{
	return READ(ICH_EISR_EL2);
}

static u32 read_hcr(void)
{
	return READ(ICH_HCR_EL2);
}

static void write_hcr(u32 v)
{
	WRITE(ICH_HCR_EL2, v);
	isb();
}

/* Active priorities: as many registers as the preemption bits need; to touch
 * another is undefined. */
static void save(struct vgic_cpu_hw_state *s)
{
	s->vmcr = READ(ICH_VMCR_EL2);
	s->sre = READ(ICC_SRE_EL1);
	switch (vgic_hw.pre_bits) {
	case 7:
		s->ap0r[3] = READ(ICH_AP0R(3));
		s->ap1r[3] = READ(ICH_AP1R(3));
		s->ap0r[2] = READ(ICH_AP0R(2));
		s->ap1r[2] = READ(ICH_AP1R(2));
		/* fall through */
	case 6:
		s->ap0r[1] = READ(ICH_AP0R(1));
		s->ap1r[1] = READ(ICH_AP1R(1));
	}
	s->ap0r[0] = READ(ICH_AP0R(0));
	s->ap1r[0] = READ(ICH_AP1R(0));
}

/* ICC_SRE_EL1 first: it decides what VMCR's fields mean (12.2.24). */
static void restore(const struct vgic_cpu_hw_state *s)
{
	WRITE(ICC_SRE_EL1, s->sre);
	isb();
	WRITE(ICH_VMCR_EL2, s->vmcr);
	switch (vgic_hw.pre_bits) {
	case 7:
		WRITE(ICH_AP0R(3), s->ap0r[3]);
		WRITE(ICH_AP1R(3), s->ap1r[3]);
		WRITE(ICH_AP0R(2), s->ap0r[2]);
		WRITE(ICH_AP1R(2), s->ap1r[2]);
		/* fall through */
	case 6:
		WRITE(ICH_AP0R(1), s->ap0r[1]);
		WRITE(ICH_AP1R(1), s->ap1r[1]);
	}
	WRITE(ICH_AP0R(0), s->ap0r[0]);
	WRITE(ICH_AP1R(0), s->ap1r[0]);
}

void vgic_hw_v3_init(void (*set_phys_active)(unsigned int intid, bool active))
{
	u64 vtr = READ(ICH_VTR_EL2);

	vgic_hw = VGIC_HW(3, vtr, set_phys_active);
}
