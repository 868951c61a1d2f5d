/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual interrupt controller of both Arm ports: an emulated GICv2 or
 * GICv3 distributor (and redistributors), and list registers through which the
 * CPU's virtual interface delivers.
 *
 * Sources: GICv2 architecture specification IHI 0048B; GICv3/v4 IHI 0069.
 *
 * One model, two faces. The state of each interrupt (enabled, pending, active,
 * priority, group, level, target) stands in memory; list registers hold the
 * interrupts most urgent for the vCPU that is loaded. They are written only
 * when something changed (REQ_IRQ) and read back only when their contents
 * matter: a distributor access that shows pending or active state, a maintenance
 * interrupt, the vCPU's leaving the CPU.
 *
 * Lock: one per VM, vgic->lock; taken after no other lock of core. Functions
 * take it themselves.
 */
#ifndef ARMCOMMON_VGIC_H
#define ARMCOMMON_VGIC_H

#include "core/mmio.h"
#include "lib/bitmap.h"
#include "lib/lock.h"
#include "lib/types.h"

#define VGIC_SGIS 16
#define VGIC_PRIVATE 32
#define VGIC_SPIS 96        /* INTID 32 to 127: what the guest's virt map uses */
#define VGIC_MAX_LRS 16

struct vm;
struct vcpu;

/* What a vCPU's virtual CPU interface holds while it is not loaded. */
struct vgic_cpu_hw_state {
	u32 vmcr;
	u32 ap0r[4], ap1r[4]; /* GICv2 has only ap1r[0] (GICH_APR) */
	u64 sre;              /* GICv3: ICC_SRE_EL1 */
};

/*
 * The CPU's virtual interface, as found; one for the machine. List registers
 * are in the GICv3 layout (IHI 0069 12.4.10) on both versions: the GICv2
 * back end converts. Called with interrupts masked on the CPU in question.
 */
struct vgic_hw {
	unsigned int version;    /* 2 or 3 */
	unsigned int lrs;        /* list registers implemented */
	unsigned int pri_bits;   /* priority bits implemented, 5 to 8 */
	u64 (*read_lr)(unsigned int n);
	void (*write_lr)(unsigned int n, u64 v);
	u32 (*empty_lrs)(void);              /* ELRSR: bit n: LR n is empty */
	u32 (*eoi_lrs)(void);                /* EISR */
	void (*write_hcr)(u32 v);            /* GICH_HCR / ICH_HCR */
	u32 (*read_misr)(void);
	/* VMCR and active priorities: all of a vCPU's interface state. */
	void (*save)(struct vgic_cpu_hw_state *s, unsigned int pri_bits);
	void (*restore)(const struct vgic_cpu_hw_state *s,
			unsigned int pri_bits);
	/* The active state of a physical PPI of this CPU, for interrupts that
	 * are tied to hardware. */
	void (*set_phys_active)(unsigned int intid, bool active);
};

/* One interrupt of a guest. */
struct vgic_irq {
	u8 priority;
	u8 targets;          /* GICv2 SPI: CPU mask (GICD_ITARGETSR) */
	u8 sources;          /* GICv2 SGI: pending, a bit for each source CPU */
	u8 active_source;    /* GICv2 SGI: the source that is being handled */
	bool enabled : 1;
	bool group1 : 1;
	bool edge : 1;
	bool pending : 1;    /* latched: edge, or written to ISPENDR */
	bool line : 1;       /* level of the input line */
	bool active : 1;
	bool hw : 1;         /* tied to physical interrupt hw_intid */
	s8 lr;               /* in this list register of `owner`, or -1 */
	u8 owner;            /* vCPU id whose LR or whose turn it is */
	u16 hw_intid;
	u64 route;           /* GICv3 SPI: GICD_IROUTER */
};

/* In each vCPU: port's structure. */
struct vgic_cpu {
	struct vgic_irq private[VGIC_PRIVATE];
	DECLARE_BITMAP(lr_used, 64);
	u16 lr_intid[VGIC_MAX_LRS];
	u32 hcr;                     /* as it stands in GICH_HCR / ICH_HCR */
	bool loaded;
	bool waker_sleep;            /* GICR_WAKER.ProcessorSleep */
	struct vgic_cpu_hw_state hw;
};

/* In each VM: port's structure. */
struct vgic {
	struct spinlock lock;
	unsigned int version;
	u32 ctlr;
	struct vgic_irq spi[VGIC_SPIS];
	struct mmio_device dist;
	struct mmio_device redist;   /* version 3: every vCPU's, 128 KiB each */
};

/* Where the guest sees it: QEMU virt's map. */
struct vgic_config {
	unsigned int version;
	gpa_t dist_base;             /* 64 KiB */
	gpa_t redist_base;           /* version 3 */
};

/* Supplied by the port: where the structures are, and the machine's hardware. */
struct vgic *vgic_of(struct vm *vm);
struct vgic_cpu *vgic_cpu_of(struct vcpu *vcpu);
u64 vgic_vcpu_affinity(const struct vcpu *vcpu); /* as MPIDR: Aff3..Aff0 */
extern struct vgic_hw vgic_hw;

/* Registers its devices on vm->bus. -EEXIST, -ENOSPC from the bus. */
int vgic_init(struct vm *vm, const struct vgic_config *config);
void vgic_vcpu_init(struct vcpu *vcpu);
/* Reset state of the vCPU's own part; vgic_reset for the distributor. */
void vgic_vcpu_reset(struct vcpu *vcpu);
void vgic_reset(struct vm *vm);

/* The vCPU comes to this CPU, or leaves it. Interrupts masked. */
void vgic_load(struct vcpu *vcpu);
void vgic_put(struct vcpu *vcpu);
/* Loaded, REQ_IRQ was set: fill list registers from the model. */
void vgic_flush(struct vcpu *vcpu);
/* Loaded, the maintenance interrupt came. */
void vgic_maintenance(struct vcpu *vcpu);
/* Would an interrupt be signalled to the vCPU now (enabled, pending, priority
 * over PMR and running priority, groups enabled)? Loaded or not. */
bool vgic_pending(struct vcpu *vcpu);

/* The level of an input line; for an edge interrupt a rising level makes it
 * pending. vcpu: for a PPI; NULL for an SPI. Any CPU; kicks the target. */
void vgic_set_line(struct vm *vm, struct vcpu *vcpu, unsigned int intid,
		   bool level);
/* Tie a PPI to a physical one: the guest's end of interrupt deactivates it. */
void vgic_map_hw(struct vcpu *vcpu, unsigned int intid, unsigned int phys);
/* GICv3: a write to ICC_SGI1R_EL1 (or SGI0R, ASGI1R: group). */
void vgic_send_sgi_reg(struct vcpu *vcpu, u64 sgi1r, bool group1);

#endif
