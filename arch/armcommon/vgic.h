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
 * take it themselves, and call vcpu_request() only after they released it.
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
#define VGIC_INTIDS (VGIC_PRIVATE + VGIC_SPIS)
#define VGIC_BANKS (VGIC_INTIDS / 32)
#define VGIC_MAX_LRS 16

#define VGIC_DIST_SIZE SZ_64K
#define VGIC_REDIST_SIZE (2 * SZ_64K) /* of one vCPU */

struct vm;
struct vcpu;
struct cpu;

/* What a vCPU's virtual CPU interface holds while it is not loaded. */
struct vgic_cpu_hw_state {
	u32 vmcr;
	u32 ap0r[4], ap1r[4]; /* GICv2 has only ap1r[0] (GICH_APR) */
	u64 sre;              /* GICv3: ICC_SRE_EL1 */
};

/*
 * The CPU's virtual interface, as found; one for the machine. List registers
 * are in the GICv3 layout (IHI 0069 12.4.10) on both versions: the GICv2
 * back end converts; the source CPU of a GICv2 SGI is in bits 12:10. Called
 * with interrupts masked on the CPU in question.
 */
struct vgic_hw {
	unsigned int version;    /* 2 or 3 */
	unsigned int lrs;        /* list registers implemented */
	unsigned int pri_bits;   /* priority bits implemented, 5 to 8 */
	unsigned int pre_bits;   /* of these, for preemption: 5 to 7 */
	/* Do not leave it to the hardware to deactivate a physical interrupt
	 * when the guest ends the virtual one: see vgic_hw_v2.c. */
	bool soft_deactivate;
	u64 (*read_lr)(unsigned int n);
	void (*write_lr)(unsigned int n, u64 v);
	u32 (*empty_lrs)(void);              /* ELRSR: bit n: LR n is empty */
	u32 (*ended_lrs)(void);              /* EISR: ended, and had LR_EOI */
	u32 (*read_hcr)(void);
	void (*write_hcr)(u32 v);            /* GICH_HCR / ICH_HCR */
	/* VMCR and active priorities: all of a vCPU's interface state. save
	 * only reads: it may be called while the vCPU stays loaded. */
	void (*save)(struct vgic_cpu_hw_state *s);
	void (*restore)(const struct vgic_cpu_hw_state *s);
	/* The active state of a physical PPI of this CPU, for interrupts that
	 * are tied to hardware. */
	void (*set_phys_active)(unsigned int intid, bool active);
};

/*
 * 32 interrupts of a guest: a bit for each, counted from the bank's first.
 *
 * While an interrupt is listed (in a list register), the hardware has its
 * pending and active state, and what stands here adds to it: `latched` and
 * `active` are what happened since. lr_latched and lr_active say what was
 * written to the list register; clearing lr_latched, or setting drop_active,
 * takes it back when the register is next read.
 */
struct vgic_bank {
	u32 enabled;
	u32 group1;
	u32 edge;
	u32 latched;     /* pending: an edge came, or ISPENDR was written */
	u32 line;        /* level of the input; hw: came and not yet taken */
	u32 active;
	u32 hw;          /* tied to a physical interrupt */
	u32 listed;      /* in list register lr[] of vCPU owner[] */
	u32 lr_latched;
	u32 lr_active;
	u32 drop_active;
	u8 priority[32];
	u8 lr[32];
	u8 owner[32];    /* whose list register, or who is handling it */
};

/* In each vCPU: port's structure. */
struct vgic_cpu {
	struct vgic_bank private;
	u8 sgi_sources[VGIC_SGIS];       /* GICv2: pending, a bit a source */
	u8 sgi_active_source[VGIC_SGIS]; /* GICv2: being handled */
	u8 phys[VGIC_PRIVATE];           /* hw: the physical INTID */
	u32 targeted[VGIC_BANKS];        /* interrupts that come to this vCPU */
	u32 lr_used;                     /* what we put something in */
	u8 lr_intid[VGIC_MAX_LRS];
	u32 hcr;                         /* as it stands in GICH_HCR / ICH_HCR */
	bool loaded;
	bool stale;                      /* list registers are to be redone */
	bool hw_reset;                   /* loaded, but hw is what counts */
	bool phys_stale;                 /* physical active state is, too */
	u32 waker_sleep;                 /* GICR_WAKER.ProcessorSleep: 1 */
	struct cpu *cpu;                 /* where it is loaded */
	/* The level of a hw interrupt's physical line, now. May be NULL. */
	bool (*hw_level)(struct vcpu *vcpu, unsigned int intid);
	struct vgic_cpu_hw_state hw;
};

/* In each VM: port's structure. */
struct vgic {
	struct spinlock lock;
	struct vm *vm;
	unsigned int version;
	u32 ctlr;                    /* GICD_CTLR: group enables */
	u32 kicks;                   /* vCPUs to call once the lock is free */
	struct vgic_bank spi[VGIC_BANKS - 1];
	u8 targets[VGIC_SPIS];       /* GICv2: GICD_ITARGETSR */
	u64 route[VGIC_SPIS];        /* GICv3: GICD_IROUTER */
	struct mmio_device dist;
	struct mmio_device redist;   /* version 3: every vCPU's, 128 KiB each */
};

/* Where the guest sees it: QEMU virt's map. */
struct vgic_config {
	unsigned int version;
	gpa_t dist_base;             /* 64 KiB */
	gpa_t redist_base;           /* version 3; VM_MAX_VCPUS * 128 KiB */
};

/* Supplied by the port: where the structures are. */
struct vgic *vgic_of(struct vm *vm);
struct vgic_cpu *vgic_cpu_of(struct vcpu *vcpu);
u64 vgic_vcpu_affinity(const struct vcpu *vcpu); /* as MPIDR: Aff3..Aff0 */

/* The machine's virtual interface; in vgic.c, filled once by a back end. */
extern struct vgic_hw vgic_hw;

/*
 * Fill vgic_hw: from GICH registers at `gich` (armcommon/vgic_hw_v2.c), or from
 * the system registers (arm64/vgic_hw_v3.c). iidr: the physical distributor's
 * GICD_IIDR: some cannot be left to deactivate interrupts. set_phys_active: of the physical
 * controller's driver. Once, on the boot CPU; vgic_hw_init_cpu() then empties
 * the list registers of each CPU, whatever firmware left in them.
 */
void vgic_hw_v2_init(volatile void *gich, u32 iidr,
		     void (*set_phys_active)(unsigned int intid, bool active));
void vgic_hw_v3_init(void (*set_phys_active)(unsigned int intid, bool active));
void vgic_hw_init_cpu(void);

/*
 * Registers its devices on vm->bus. -EEXIST, -ENOSPC from the bus: the VM is of
 * no use then; -EOPNOTSUPP: a version other than the machine's.
 */
int vgic_init(struct vm *vm, const struct vgic_config *config);
/* Its id and affinity stand; it is in vm->vcpus before any vCPU runs. */
void vgic_vcpu_init(struct vcpu *vcpu);
/* Reset state of the vCPU's own part; vgic_reset for the distributor. Any CPU;
 * the vCPU is not in the guest, but may be loaded. */
void vgic_vcpu_reset(struct vcpu *vcpu);
void vgic_reset(struct vm *vm);

/* The vCPU comes to this CPU, or leaves it. Interrupts masked. */
void vgic_load(struct vcpu *vcpu);
void vgic_put(struct vcpu *vcpu);
/* Loaded, REQ_IRQ was set: fill list registers from the model. Returns at once
 * when they stand as they should. */
void vgic_flush(struct vcpu *vcpu);
/* Loaded, the maintenance interrupt came. */
void vgic_maintenance(struct vcpu *vcpu);
/*
 * Would an interrupt be signalled to the vCPU now (enabled, pending, priority
 * over PMR and running priority, groups enabled)? Loaded here or not loaded:
 * only the vCPU's own thread asks.
 */
bool vgic_pending(struct vcpu *vcpu);

/*
 * The level of an input line; for an edge interrupt a rising level makes it
 * pending. vcpu: for a PPI; NULL for an SPI. Any CPU; kicks the target. Calls
 * for one line are serialised by its owner. An INTID that is not there is
 * ignored. Of a PPI that is tied to hardware: true: the physical interrupt came
 * on this CPU and stays active; false: ignored.
 */
void vgic_set_line(struct vm *vm, struct vcpu *vcpu, unsigned int intid,
		   bool level);
/* The same for a PPI that is tied to hardware, for an interrupt handler. */
void vgic_raise_hw(struct vcpu *vcpu, unsigned int intid);
/* Tie a PPI to a physical one: the guest's end of interrupt deactivates it. */
void vgic_map_hw(struct vcpu *vcpu, unsigned int intid, unsigned int phys);
/*
 * How to ask for the level of the vCPU's hw interrupts: one that was raised
 * and fell before the guest took it is withdrawn when state is next gone
 * through. Called with vgic->lock held, on the vCPU's CPU.
 */
void vgic_set_hw_level(struct vcpu *vcpu,
		       bool (*level)(struct vcpu *vcpu, unsigned int intid));
/* GICv3: a write to ICC_SGI1R_EL1 (or SGI0R, ASGI1R: group). */
void vgic_send_sgi_reg(struct vcpu *vcpu, u64 sgi1r, bool group1);

#endif
