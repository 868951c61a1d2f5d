/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the virtual interrupt controller share. Everything here is
 * called with vgic->lock held unless it says otherwise.
 */
#ifndef ARMCOMMON_VGIC_INTERNAL_H
#define ARMCOMMON_VGIC_INTERNAL_H

#include "arch/armcommon/vgic.h"
#include "core/cpu.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/util.h"

/* ---- Back ends (vgic_hw_v2.c, arm64/vgic_hw_v3.c) -------------------------------- */

/* GICH_VTR and ICH_VTR_EL2; each is one less than what there is. */
#define VTR_LIST_REGS GENMASK64(5, 0) /* of ICH_VTR_EL2 4:0, and 5 is 0 */
#define VTR_PRE_BITS GENMASK64(28, 26)
#define VTR_PRI_BITS GENMASK64(31, 29)

/* A struct vgic_hw of the functions that a back end has by these names. */
#define VGIC_HW(version_, vtr, set_phys_active_)                               \
	((struct vgic_hw){                                                     \
		.version = version_,                                           \
		.lrs = min(FIELD_GET(VTR_LIST_REGS, vtr) + 1,                  \
			   (u64)VGIC_MAX_LRS),                                 \
		.pri_bits = FIELD_GET(VTR_PRI_BITS, vtr) + 1,                  \
		.pre_bits = FIELD_GET(VTR_PRE_BITS, vtr) + 1,                  \
		.read_lr = read_lr,                                            \
		.write_lr = write_lr,                                          \
		.empty_lrs = empty_lrs,                                        \
		.ended_lrs = ended_lrs,                                        \
		.read_hcr = read_hcr,                                          \
		.write_hcr = write_hcr,                                        \
		.save = save,                                                  \
		.restore = restore,                                            \
		.set_phys_active = set_phys_active_,                           \
	})

/* List registers (IHI 0069 12.4.10). */
#define LR_CPUID_SHIFT 10             /* GICv2 SGI: its source, 3 bits */
#define LR_PHYS_SHIFT 32
#define LR_EOI BIT64(41)              /* HW clear: maintenance at the end */
#define LR_PRIORITY_SHIFT 48
#define LR_GROUP1 BIT64(60)
#define LR_HW BIT64(61)
#define LR_PENDING BIT64(62)
#define LR_ACTIVE BIT64(63)

/* GICH_HCR and ICH_HCR_EL2 agree on these, and on VMCR's fields below. */
#define HCR_EN BIT32(0)
#define HCR_LRENPIE BIT32(2)          /* an end with no list register */
#define HCR_NPIE BIT32(3)             /* no list register is pending */
#define HCR_GROUP0_EIE BIT32(4)       /* VMCR enables the group */
#define HCR_GROUP0_DIE BIT32(5)       /* VMCR disables it */
#define HCR_GROUP1_EIE BIT32(6)
#define HCR_GROUP1_DIE BIT32(7)
#define HCR_EOICOUNT_SHIFT 27
/* Any of these is set when some interrupt has no list register. */
#define HCR_WAITING GENMASK64(7, 1)

#define VMCR_ENG0 BIT32(0)
#define VMCR_ENG1 BIT32(1)
#define VMCR_FIQEN BIT32(3)
#define VMCR_CBPR BIT32(4)
#define VMCR_BPR1_SHIFT 18
#define VMCR_BPR0_SHIFT 21
#define VMCR_PMR_SHIFT 24

#define CTLR_GROUP0 BIT32(0)
#define CTLR_GROUP1 BIT32(1)

#define ALL_SGIS 0xffffU

static inline struct vgic_bank *vgic_bank(struct vgic *vgic,
					  struct vgic_cpu *vc, unsigned int b)
{
	return b ? &vgic->spi[b - 1] : &vc->private;
}

static inline bool vgic_is_local(const struct vgic_cpu *vc)
{
	return vc->cpu && vc->cpu == this_cpu();
}

static inline void vgic_lock(struct vgic *vgic)
{
	spin_lock(&vgic->lock);
}

/* Releases the lock, then calls the vCPUs that were poked meanwhile. */
void vgic_unlock(struct vgic *vgic);

/* ---- vgic_model.c: which interrupts are to be delivered, and to whom ------ */

/* The vCPU with this id, or NULL. Needs no lock. */
struct vcpu *vgic_vcpu(const struct vm *vm, unsigned int id);

/* Have the vCPU redo its list registers, and look whether to go on. */
static inline void vgic_poke(struct vgic *vgic, struct vcpu *v)
{
	vgic_cpu_of(v)->stale = true;
	vgic->kicks |= BIT32(v->id);
}

/* Pending, enabled, and of a group that the distributor forwards. */
static inline u32 vgic_wanted(const struct vgic *vgic,
			      const struct vgic_bank *bank)
{
	u32 pending = bank->latched | (bank->line & ~bank->edge), groups = 0;

	if (vgic->ctlr & CTLR_GROUP0)
		groups |= ~bank->group1;
	if (vgic->ctlr & CTLR_GROUP1)
		groups |= bank->group1;
	return pending & bank->enabled & groups;
}

/* Nothing in the model is pending or active: most banks, most of the time. */
static inline bool vgic_is_idle(const struct vgic_bank *bank)
{
	return !(bank->latched | bank->line | bank->active);
}

/* Pending interrupts of bank b that should be in a list register of vc. */
static inline u32 vgic_ready(struct vgic *vgic, struct vgic_cpu *vc,
			     unsigned int b)
{
	const struct vgic_bank *bank = vgic_bank(vgic, vc, b);

	if (vgic_is_idle(bank))
		return 0;
	return vgic_wanted(vgic, bank) & vc->targeted[b] &
	       ~(bank->listed | bank->active);
}

/* Active ones that should be in one of `v`. */
u32 vgic_spilled(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		 unsigned int b);

/* A GICv2 SGI: pending once for each source. */
static inline bool vgic_has_sources(const struct vgic *vgic, unsigned int intid)
{
	return vgic->version == 2 && intid < VGIC_SGIS;
}

/* The vCPU that a pending SPI would go to now, or NULL. */
struct vcpu *vgic_spi_target(struct vgic *vgic, unsigned int intid);

/* Which SPIs come to `v`, from GICD_ITARGETSR or GICD_IROUTER. */
void vgic_retarget(struct vgic *vgic, struct vcpu *v);

/* ---- vgic_lr.c: list registers of a vCPU that is loaded here -------------- */

/* The active state of what a hw interrupt is tied to. */
static inline void vgic_set_phys_active(struct vgic_cpu *vc, unsigned int intid,
					bool on)
{
	vgic_hw.set_phys_active(vc->phys[intid], on);
}

/* What makes a list register's interrupt a hw one: the hardware deactivates the
 * physical interrupt at its end, or we do. */
static inline u64 vgic_hw_bits(const struct vgic_cpu *vc, unsigned int intid)
{
	if (vgic_hw.soft_deactivate)
		return LR_EOI;
	return LR_HW | (u64)vc->phys[intid] << LR_PHYS_SHIFT;
}

/*
 * The interrupt in list register n goes back into the model. The register keeps
 * its old contents: the caller overwrites it. An interrupt that was taken from
 * us by a reset is not there any more.
 */
void vgic_absorb(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		 unsigned int n);
/* Put an interrupt that is ready or active into list register n. */
void vgic_place(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		unsigned int intid, unsigned int n);
/* All list registers back into the model, and emptied. */
void vgic_unlist_all(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc);
/* The long way: read everything back, choose anew. */
void vgic_refresh(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc);
/*
 * Physical active state follows the model: a physical interrupt whose virtual
 * one is pending or active must not fire again. Right after vgic_refresh(), when
 * `listed` is the truth.
 */
void vgic_sync_phys(struct vgic_cpu *vc);

/* ---- vgic_change.c: interrupts of vCPUs that may be loaded ---------------- */

/*
 * Change one interrupt of `v` (an SPI: v is not looked at) in three steps:
 * vgic_recall() takes it back into the model, the caller changes the model,
 * and vgic_settle(), given what vgic_recall() returned, lists it again or has
 * another vCPU do so. An interrupt in a list register of another CPU cannot be
 * taken back: its owner is poked and will combine the two.
 */
int vgic_recall(struct vgic *vgic, struct vcpu *v, unsigned int intid);
void vgic_settle(struct vgic *vgic, struct vcpu *v, unsigned int intid,
		 int recalled);

/*
 * The short way, for what comes most often: a private interrupt that is neither
 * pending nor active becomes pending on the vCPU that runs here, and a list
 * register is free. `lr`: what is special in the register, its source or
 * vgic_hw_bits(). False, and nothing done: go the long way.
 */
bool vgic_deliver_at_once(struct vgic *vgic, struct vcpu *v,
			  unsigned int intid, u64 lr);

/*
 * The short way of a maintenance interrupt: only what ended in list registers of
 * `v`, loaded here, is looked at. False, and nothing done: that was not all.
 */
bool vgic_settle_ended(struct vgic *vgic, struct vcpu *v);

/* As vgic_recall() and vgic_settle(), for several interrupts of a bank, by `by`,
 * who is running here. */
bool vgic_recall_word(struct vgic *vgic, struct vcpu *v, unsigned int b,
		      u32 mask);
void vgic_settle_word(struct vgic *vgic, struct vcpu *by, struct vcpu *v,
		      unsigned int b, u32 mask, bool recalled);

/* Every list register of every vCPU is to be thought over. */
void vgic_settle_all(struct vgic *vgic);

/* ---- vgic_state.c ---------------------------------------------------------- */

/*
 * Pending and active as a guest reads them. What is in a list register of
 * another CPU is shown as it last was known, and its owner is poked, so that
 * a guest that reads until it changes gets there.
 */
u32 vgic_pending_word(struct vgic *vgic, struct vcpu *v, unsigned int b);
u32 vgic_active_word(struct vgic *vgic, struct vcpu *v, unsigned int b);

/* ---- Registers -------------------------------------------------------- */

/* One access on its way through the register tables. No lock is held. */
struct vgic_access {
	struct vgic *vgic;
	struct vcpu *by;       /* who accesses */
	struct vcpu *v;        /* whose private interrupts are meant */
	u32 offset;            /* in the frame */
	u8 size;
	u8 first_bank, end_bank; /* banks that the frame shows */
};

/* The sizes that a register takes; the values are those of access->size. */
#define SIZE_8 1
#define SIZE_16 2
#define SIZE_32 4
#define SIZE_64 8

/* 128 bytes of a frame: what every architected range is a multiple of. */
struct vgic_regs {
	u64 (*read)(const struct vgic_access *a);  /* NULL: reads as zero */
	void (*write)(const struct vgic_access *a, u64 val); /* NULL: ignored */
	u8 sizes;
};
#define VGIC_REGS_SHIFT 7
#define VGIC_REGS 32 /* a table describes the first 4 KiB of a frame */

/*
 * Perform the access by the table. An offset that has no register, a size that
 * the register does not take, and an unaligned offset read as zero and ignore
 * writes: what the architecture allows (IHI 0069 12.1.3) and GIC-400 and
 * GIC-500 do.
 */
void vgic_regs_access(const struct vgic_regs *regs, struct vgic_access *a,
		      struct mmio_access *m);

/* vgic_dist.c: ranges that both versions, and redistributors, have. */
u64 vgic_read_group(const struct vgic_access *a);
u64 vgic_read_enable(const struct vgic_access *a);
u64 vgic_read_pending(const struct vgic_access *a);
u64 vgic_read_active(const struct vgic_access *a);
u64 vgic_read_priority(const struct vgic_access *a);
u64 vgic_read_config(const struct vgic_access *a);
void vgic_write_group(const struct vgic_access *a, u64 val);
void vgic_write_set_enable(const struct vgic_access *a, u64 val);
void vgic_write_clear_enable(const struct vgic_access *a, u64 val);
void vgic_write_set_pending(const struct vgic_access *a, u64 val);
void vgic_write_clear_pending(const struct vgic_access *a, u64 val);
void vgic_write_set_active(const struct vgic_access *a, u64 val);
void vgic_write_clear_active(const struct vgic_access *a, u64 val);
void vgic_write_priority(const struct vgic_access *a, u64 val);
void vgic_write_config(const struct vgic_access *a, u64 val);
/* Group enables of GICD_CTLR. */
void vgic_write_ctlr(struct vgic *vgic, u32 val);
/* Bank `b`, or NULL where the frame does not show it. */
struct vgic_bank *vgic_access_bank(const struct vgic_access *a,
				   unsigned int b);

#define VGIC_REGS_BANKED                                                       \
	[0x080 >> VGIC_REGS_SHIFT] = { vgic_read_group, vgic_write_group,      \
				       SIZE_32 },                              \
	[0x100 >> VGIC_REGS_SHIFT] = { vgic_read_enable,                       \
				       vgic_write_set_enable, SIZE_32 },       \
	[0x180 >> VGIC_REGS_SHIFT] = { vgic_read_enable,                       \
				       vgic_write_clear_enable, SIZE_32 },     \
	[0x200 >> VGIC_REGS_SHIFT] = { vgic_read_pending,                      \
				       vgic_write_set_pending, SIZE_32 },      \
	[0x280 >> VGIC_REGS_SHIFT] = { vgic_read_pending,                      \
				       vgic_write_clear_pending, SIZE_32 },    \
	[0x300 >> VGIC_REGS_SHIFT] = { vgic_read_active,                       \
				       vgic_write_set_active, SIZE_32 },       \
	[0x380 >> VGIC_REGS_SHIFT] = { vgic_read_active,                       \
				       vgic_write_clear_active, SIZE_32 },     \
	[0x400 >> VGIC_REGS_SHIFT] = { vgic_read_priority,                     \
				       vgic_write_priority,                    \
				       SIZE_8 | SIZE_16 | SIZE_32 },           \
	[0xc00 >> VGIC_REGS_SHIFT] = { vgic_read_config, vgic_write_config,    \
				       SIZE_32 }

/* GICD_IIDR and GICR_IIDR: product 'T', no Arm implementer. */
#define VGIC_IIDR 0x54000000U
#define VGIC_PIDR2(version) ((version) << 4)
/* CIDR0 to CIDR3 of CoreLink peripherals, the same for all. */
u32 vgic_component_id(unsigned int n);

extern const struct mmio_ops vgic_v2_dist_ops;
extern const struct mmio_ops vgic_v3_dist_ops;
extern const struct mmio_ops vgic_v3_redist_ops;

#endif
