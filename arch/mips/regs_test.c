// SPDX-License-Identifier: BSD-2-Clause
// link: core/vcpu_regs.c arch/mips/regs.c
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/guest_smp.c core/mmio.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c lib/printf.c
/* K12: registers by KVM's ids of MIPS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/regs.h"
#include "arch/mips/segments.h"
#include "arch/mips/testing/fake_guest.h"
#include "core/arch.h"
#include "lib/errno.h"

/* ---- The rooms around it ------------------------------------------------------ */

struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;
struct mips_features features;
static unsigned int requests, activated, unloads;

struct cpu *this_cpu(void)
{
	return &cpus[0];
}

void vcpu_request(struct vcpu *vcpu, u32 request)
{
	vcpu->requests |= request;
	requests++;
}

void vcpu_unload(struct vcpu *vcpu)
{
	unloads++;
}

void gva_activate(struct mips_vcpu *v)
{
	assert_int_equal(activated, 0);
	activated++;
}

void gva_deactivate(void)
{
	assert_int_equal(activated, 1);
	activated--;
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	struct mips_guest *g = &to_mips(vcpu)->guest;

	mips_guest_reset(g);
	g->cp0[CP0_STATUS] = ST_BEV;
	g->pc = pc.v;
}

void guest_set_layout(struct mips_vcpu *v, const struct mips_layout *layout)
{
	v->guest.layout = *layout;
}

bool segments_available(void)
{
	return features.segments;
}

/* ---- A vCPU, and one to become the same ----------------------------------------- */

#define GP_ID(n)   (0x7030000000000000ULL + (n))
#define PC         GP_ID(34)
#define C32(n, s)  (0x7020000000010000ULL + 8 * (n) + (s))
#define C64(n, s)  (0x7030000000010000ULL + 8 * (n) + (s))
#define INDEX      C32(0, 0)
#define PAGEMASK   C32(5, 0)
#define WIRED      C32(6, 0)
#define COUNT      C32(9, 0)
#define ENTRYHI    C64(10, 0)
#define COMPARE    C32(11, 0)
#define STATUS     C32(12, 0)
#define CAUSE      C32(13, 0)
#define EBASE      C64(15, 1)
#define CTL        0x7030000000020000ULL
#define RESUME     0x7030000000020001ULL
#define HZ         0x7030000000020002ULL
#define POWER      0xf020000000000000ULL
#define RESULT     0xf020000000060004ULL
#define START_PC   0xf020000000060008ULL
#define START_ARG  0xf020000000060014ULL
#define LAYOUT     0xf020000000070000ULL
#define TLB(n)     (0xf040000000050000ULL + (n))

#define MOST 256

struct snapshot {
	unsigned int count;
	u64 id[MOST];
	union reg_value val[MOST];
};

static struct mips_vm machine;
static struct mips_vcpu v, twin;
static u32 page[2][CP0_REGISTERS];
static struct snapshot a, b;

static void add(struct mips_vcpu *to, unsigned int id)
{
	memset(to, 0, sizeof(*to));
	to->guest = guest;
	to->guest.cp0 = page[id];
	mips_guest_reset(&to->guest);
	page[id][CP0_STATUS] = 0;
	mips_guest_before_entry(&to->guest);
	to->vcpu.vm = &machine.vm;
	to->vcpu.id = id;
	to->vcpu.powered = true;
	machine.vm.vcpus[id] = &to->vcpu;
}

static int setup(void **state)
{
	fake_reset();
	memset(&features, 0, sizeof(features));
	memset(&machine, 0, sizeof(machine));
	guest_smp_init(&machine.vm);
	features.count_hz = 160000000;
	cpu_count = 1;
	machine.vm.vcpu_count = 2;
	add(&v, 0);
	add(&twin, 1);
	fake_drops = 0;
	requests = activated = unloads = 0;
	return 0;
}

static int set(struct mips_vcpu *to, u64 id, u64 val)
{
	union reg_value value = {.d = val};

	return vcpu_set_reg(&to->vcpu, id, &value);
}

static u64 get(struct mips_vcpu *from, u64 id)
{
	union reg_value val = {.d = 0};
	int err = vcpu_get_reg(&from->vcpu, id, &val);

	if (err)
		fail_msg("%#llx: error %d", id, -err);
	return val.d;
}

/* An entry, in the order of its words. */
static int set_tlb(unsigned int n, u32 hi, u32 mask, u32 lo0, u32 lo1)
{
	u32 e[4] = {hi, mask, lo0, lo1};

	return vcpu_set_reg(&v.vcpu, TLB(n), e);
}

static void get_all(struct mips_vcpu *from, struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	s->count = MOST;
	assert_int_equal(vcpu_list_regs(&from->vcpu, s->id, &s->count), 0);
	for (unsigned int i = 0; i < s->count; i++) {
		assert_int_equal(vcpu_get_reg(&from->vcpu, s->id[i], &s->val[i]),
				 0);
		for (unsigned int j = 0; j < i; j++)
			assert_true(s->id[i] != s->id[j]);
	}
}

static void set_all(struct mips_vcpu *to, const struct snapshot *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		int err = vcpu_set_reg(&to->vcpu, s->id[i], &s->val[i]);

		if (err)
			fail_msg("%#llx: error %d", s->id[i], -err);
	}
}

static void assert_same(void)
{
	assert_int_equal(a.count, b.count);
	for (unsigned int i = 0; i < a.count; i++) {
		assert_true(a.id[i] == b.id[i]);
		if (memcmp(&a.val[i], &b.val[i], sizeof(a.val[i])))
			fail_msg("%#llx: %#llx and %#llx", a.id[i], a.val[i].d,
				 b.val[i].d);
	}
}

static u32 next_random(u32 *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8 ^ *seed << 12;
}

/* All that a guest can have: nonsense in the commpage, and any TLB. */
static void scribble(u32 seed)
{
	struct mips_guest *g = &v.guest;

	for (int i = 1; i < 32; i++)
		g->gpr[i] = next_random(&seed);
	g->hi = next_random(&seed);
	g->lo = next_random(&seed);
	g->pc = next_random(&seed);
	for (int i = 0; i < MIPS_TLB_ENTRIES; i++) {
		g->cp0[CP0_ENTRYHI] = next_random(&seed);
		g->cp0[CP0_ENTRYLO0] = next_random(&seed);
		g->cp0[CP0_ENTRYLO1] = next_random(&seed);
		g->cp0[CP0_PAGEMASK] = i & 1 ? next_random(&seed) : 0x7e000;
		mips_tlb_write(g, i);
	}
	mips_write_entryhi(g, next_random(&seed));
	mips_timer_set_count(g, next_random(&seed));
	mips_timer_set_compare(g, next_random(&seed));
	mips_write_cp0(g, CP0_CAUSE, next_random(&seed));
	for (int i = 0; i < CP0_REGISTERS; i++)
		g->cp0[i] = next_random(&seed);
	v.cpu = (struct guest_cpu){
		.given = {next_random(&seed), next_random(&seed),
			  next_random(&seed), next_random(&seed)},
		.result = seed >> 20 & 3};
	v.vcpu.powered = seed & 1 << 20;
}

/* ---- Ids -------------------------------------------------------------------------- */

/* As Linux's uapi and its api.rst have them. */
static void ids_are_kvms(void **state)
{
	static const struct {
		u64 id;
		const u32 *at;
	} row[] = {
		{0x7030000000000001, &v.guest.gpr[1]},
		{0x703000000000001d, &v.guest.gpr[29]},
		{0x703000000000001f, &v.guest.gpr[31]},
		{0x7030000000000020, &v.guest.hi},
		{0x7030000000000021, &v.guest.lo},
		{0x7030000000000022, &v.guest.pc},
		{0x7030000000010010, &page[0][CP0_ENTRYLO0]},
		{0x7030000000010018, &page[0][CP0_ENTRYLO1]},
		{0x7030000000010020, &page[0][CP0_CONTEXT]},
		{0x7030000000010022, &page[0][CP0_USERLOCAL]},
		{0x7020000000010028, &page[0][CP0_PAGEMASK]},
		{0x7020000000010030, &page[0][CP0_WIRED]},
		{0x7020000000010038, &page[0][CP0_HWRENA]},
		{0x7030000000010040, &page[0][CP0_BADVADDR]},
		{0x7030000000010050, &page[0][CP0_ENTRYHI]},
		{0x7020000000010058, &v.guest.compare},
		{0x7020000000010060, &page[0][CP0_STATUS]},
		{0x7020000000010061, &page[0][CP0_INTCTL]},
		{0x7020000000010068, &page[0][CP0_CAUSE]},
		{0x7030000000010070, &page[0][CP0_EPC]},
		{0x7020000000010078, &page[0][CP0_PRID]},
		{0x7030000000010079, &page[0][CP0_EBASE]},
		{0x7020000000010080, &page[0][CP0_CONFIG]},
		{0x7020000000010081, &page[0][CP0_CONFIG1]},
		{0x7020000000010085, &page[0][CP0_CONFIG5]},
		{0x70300000000100f0, &page[0][CP0_ERROREPC]},
	};
	/* What a guest has, and no two the same. */
	static const u32 value[] = {
		[CP0_ENTRYLO0] = 0x12342, [CP0_ENTRYLO1] = 0x34562,
		[CP0_CONTEXT] = 0x88800010, [CP0_USERLOCAL] = 0x80001234,
		[CP0_PAGEMASK] = 0x6000, [CP0_WIRED] = 9, [CP0_HWRENA] = 5,
		[CP0_BADVADDR] = 0x81234567, [CP0_STATUS] = 0x10000401,
		[CP0_EPC] = 0x40123454, [CP0_ERROREPC] = 0x40654320,
	};

	for (unsigned int i = 1; i < 32; i++)
		v.guest.gpr[i] = 0xc0de0000 + i;
	v.guest.hi = 0x11111111;
	v.guest.lo = 0x91111111;
	v.guest.pc = 0x40104444;
	for (unsigned int i = 0; i < ARRAY_SIZE(value); i++)
		if (value[i])
			page[0][i] = value[i];
	mips_write_entryhi(&v.guest, 0x50010012);
	mips_timer_set_compare(&v.guest, 0x777);
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		if (get(&v, row[i].id) !=
		    (reg_size(row[i].id) == 4 ? *row[i].at :
						(u64)(s64)(s32)*row[i].at))
			fail_msg("%#llx is another register", row[i].id);
	assert_int_equal(get(&v, GP_ID(0)), 0);
}

/* KVM's user space has them by sign and without. */
static void of_64_bits_32_are_there(void **state)
{
	assert_int_equal(set(&v, GP_ID(4), 0xffffffff80001000), 0);
	assert_int_equal(v.guest.gpr[4], 0x80001000);
	assert_int_equal(set(&v, GP_ID(5), 0x80002000), 0);
	assert_int_equal(v.guest.gpr[5], 0x80002000);
	assert_true(get(&v, GP_ID(5)) == 0xffffffff80002000);
	assert_int_equal(set(&v, GP_ID(5), 0x100000000), -EINVAL);
	assert_int_equal(set(&v, GP_ID(5), 0xffffffff00000000), -EINVAL);
	assert_int_equal(v.guest.gpr[5], 0x80002000);
	assert_int_equal(set(&v, GP_ID(0), 0), 0);
	assert_int_equal(set(&v, GP_ID(0), 1), -EINVAL);
}

static void what_guests_have_not_has_no_id(void **state)
{
	static const u64 id[] = {
		C32(1, 0),  /* Random */
		C32(5, 1),  /* PageGrain */
		C64(31, 2), /* KScratch1 */
		C32(8, 1),  /* BadInstr */
		C32(12, 2), /* SRSCtl */
		0x7030000000030000, /* FPU */
		0x7020000000030100,
		GP_ID(35),
		0x7030000000010060, /* Status, of another size */
		TLB(64),
	};
	union reg_value val;

	for (unsigned int i = 0; i < ARRAY_SIZE(id); i++)
		assert_int_equal(vcpu_get_reg(&v.vcpu, id[i], &val), -ENOENT);
}

static void all_set_is_as_all_got(void **state)
{
	for (u32 seed = 0; seed < 50; seed++) {
		setup(NULL);
		if (seed)
			scribble(seed);
		get_all(&v, &a);
		set_all(&v, &a);
		get_all(&v, &b);
		assert_same();
	}
}

/* B4: but for who it is. */
static void a_vcpu_with_the_same_registers_is_a_clone(void **state)
{
	struct mips_tlb_entry *tlb = v.guest.tlb;

	for (u32 seed = 1; seed < 20; seed++) {
		setup(NULL);
		twin.guest.id = 0;
		twin.guest.cp0[CP0_EBASE] = 0x40000000;
		scribble(seed);
		get_all(&v, &a);
		set_all(&twin, &a);
		get_all(&twin, &b);
		assert_same();
		assert_memory_equal(v.guest.gpr, twin.guest.gpr,
				    sizeof(v.guest.gpr));
		assert_memory_equal(tlb, twin.guest.tlb,
				    sizeof(v.guest.tlb));
		assert_int_equal(v.guest.pc, twin.guest.pc);
		assert_int_equal(v.guest.asid, twin.guest.asid);
		assert_int_equal(v.guest.timer.pending,
				 twin.guest.timer.pending);
		assert_int_equal(mips_timer_count(&v.guest),
				 mips_timer_count(&twin.guest));
		assert_int_equal(v.vcpu.powered, twin.vcpu.powered);
	}
}

/* ---- Values ------------------------------------------------------------------------- */

static void only_what_a_register_can_have_is_set(void **state)
{
	static const struct {
		u64 id, good, bad;
	} row[] = {
		{INDEX, 0x8000003f, 0x40},
		{C64(2, 0), 0x3fffffff, 0x40000000},
		{C64(4, 0), 0x12345670, 0x12345671},
		{PAGEMASK, 0x1fffe000, 0x20000000},
		{WIRED, 63, 64},
		{C32(7, 0), 0x2000000f, 0x10},
		{ENTRYHI, 0x7fffe0ff, 0x7fffe100},
		{STATUS, 0x1040ff17, 0x20000000}, /* CU1 */
		{STATUS, ST_UM | ST_IE, 8},       /* supervisor mode */
		{CAUSE, 0xb880ff7c, 0x00400000},  /* WP */
		{CAUSE, 0, 0x04000000},           /* PCI */
		{EBASE, 0x5ffff000, 0x9ffff000},
		{EBASE, 0x40002000, 0x40002001},  /* CPUNum */
		{C32(16, 0), 0x80000482, 0x80000082},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u64 now;

		if (set(&v, row[i].id, row[i].good))
			fail_msg("%#llx: %#llx is refused", row[i].id,
				 row[i].good);
		now = get(&v, row[i].id);
		/* Lines are their devices', but for IPIs. */
		assert_int_equal(now, row[i].id == CAUSE ?
				 row[i].good & ~(u64)0xe400 :
				 row[i].good);
		assert_int_equal(set(&v, row[i].id, row[i].bad), -EINVAL);
		assert_int_equal(get(&v, row[i].id), now);
	}
}

static void identification_does_not_change(void **state)
{
	static const u64 id[] = {C32(12, 1), C32(15, 0), C32(16, 1), C32(16, 2),
				 C32(16, 3), C32(16, 4), C32(16, 5), C32(16, 7),
				 HZ};

	for (unsigned int i = 0; i < ARRAY_SIZE(id); i++) {
		u64 now = get(&v, id[i]);

		assert_int_equal(set(&v, id[i], now), 0);
		assert_int_equal(set(&v, id[i], now ^ 2), -EINVAL);
		/* Not by the guest's writing over it, either. */
		if (id[i] != HZ)
			page[0][id[i] & 0xff] = 0xdeadbeef;
		assert_int_equal(get(&v, id[i]), now);
	}
	assert_int_equal(get(&v, C32(15, 0)), 0x19300);
	assert_int_equal(get(&v, HZ), 160000000);
}

/* Nothing that stands there is the hypervisor's: it is masked where it is got. */
static void a_commpage_written_over_is_no_state(void **state)
{
	for (unsigned int i = 0; i < CP0_REGISTERS; i++)
		page[0][i] = ~0U;
	assert_int_equal(get(&v, STATUS), 0x1040ff17);
	assert_int_equal(get(&v, WIRED), 63);
	assert_int_equal(get(&v, ENTRYHI) & 0xff, 0);
	assert_int_equal(get(&v, EBASE), 0x5ffff000);
	assert_int_equal(get(&v, COMPARE), ~0U);
	assert_int_equal(get(&v, CAUSE), 0xb080037c);
}

/* ---- What follows from them ------------------------------------------------------------ */

static void another_asid_takes_another_table(void **state)
{
	assert_int_equal(set(&v, ENTRYHI, 0x10000007), 0);
	assert_int_equal(v.guest.asid, 7);
	assert_int_equal(v.guest.space, 0);
	mips_guest_before_entry(&v.guest);
	assert_int_equal(v.guest.space, 7);
	assert_int_equal(fake_space[fake_now], 7);
}

static void status_takes_effect_when_it_is_entered(void **state)
{
	assert_int_equal(set(&v, STATUS, ST_ERL), 0);
	mips_guest_before_entry(&v.guest);
	assert_int_equal(v.guest.space, MIPS_SPACE_ERL);
	assert_int_equal(set(&v, STATUS, ST_UM), 0);
	mips_guest_before_entry(&v.guest);
	assert_int_equal(v.guest.table, MIPS_USER);
	assert_true(requests);
}

static void an_interrupt_that_is_let_through_is_taken(void **state)
{
	v.guest.pc = 0x40100000;
	assert_int_equal(set(&v, CAUSE, CAUSE_IP(1)), 0);
	mips_guest_before_entry(&v.guest);
	assert_int_equal(get(&v, PC), 0x40100000);
	assert_int_equal(set(&v, STATUS, CAUSE_IP(1) | ST_IE), 0);
	mips_guest_before_entry(&v.guest);
	assert_int_equal(get(&v, PC), 0x40000180);
	assert_int_equal(get(&v, C64(14, 0)), 0x40100000);
}

static void an_ipi_is_copied_a_devices_line_is_not(void **state)
{
	mips_guest_set_line(&v.guest, 2, true);
	mips_guest_set_line(&v.guest, 4, true);
	mips_guest_set_line(&twin.guest, 3, true);
	assert_int_equal(set(&twin, CAUSE, get(&v, CAUSE)), 0);
	assert_int_equal(get(&twin, CAUSE), CAUSE_IP(4));
	assert_int_equal(set(&v, CAUSE, 0), 0);
	assert_int_equal(get(&v, CAUSE), CAUSE_IP(2));
}

/* bugs.md 31, 35: of the entry that was there. */
static void an_entry_that_is_set_drops_the_pages_of_the_old(void **state)
{
	struct mips_guest *g = &v.guest;

	assert_int_equal(set_tlb(3, 0x10000000, 0, 0x1007, 0x1047), 0);
	assert_int_equal(fake_drops, 0);
	assert_non_null(mips_tlb_find(g, 0x10001234));
	assert_int_equal(set_tlb(3, 0x20000000, 0x6000, 0, 0), 0);
	assert_int_equal(fake_drops, 1); /* a pair */
	assert_null(mips_tlb_find(g, 0x10001234));
	/* Registers are as they were. */
	assert_int_equal(get(&v, ENTRYHI), 0);
	assert_int_equal(get(&v, PAGEMASK), 0);
}

static void entries_that_no_write_makes_are_refused(void **state)
{
	static const u32 bad[][4] = {
		{0x10000100, 0, 0, 0},      /* more than an ASID */
		{0x10000000, 0x2000, 0, 0}, /* half a size */
		{0x10002000, 0x6000, 0, 0}, /* within the page */
		{0x10000000, 0, 0x80000000, 0},
		{0x10000000, 0, 1, 0},      /* global by half */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(set_tlb(1, bad[i][0], bad[i][1], bad[i][2],
					 bad[i][3]), -EINVAL);
	assert_int_equal(v.guest.tlb[1].hi, 0x80002000);
	assert_int_equal(set_tlb(1, 0x10000011, 0x6000, 0x1007, 0x1107), 0);
}

/* ---- Time ---------------------------------------------------------------------------- */

static void count_and_compare_are_of_one_time(void **state)
{
	assert_int_equal(set(&v, COUNT, 500), 0);
	assert_int_equal(set(&v, COMPARE, 600), 0);
	assert_int_equal(fake_due, fake_time + 100);
	fake_time += 99;
	assert_int_equal(get(&v, CAUSE), 0);
	fake_time++;
	assert_int_equal(get(&v, COUNT), 600);
	assert_int_equal(get(&v, CAUSE), CAUSE_TI | CAUSE_IP(7));
	/* By id nothing is acknowledged; Cause has what there is. */
	assert_int_equal(set(&v, COMPARE, 900), 0);
	assert_int_equal(get(&v, CAUSE), CAUSE_TI | CAUSE_IP(7));
	assert_int_equal(set(&v, CAUSE, 0), 0);
	assert_int_equal(get(&v, CAUSE), 0);
	assert_int_equal(fake_due, fake_time + 300);
	/* And DC stops it. */
	assert_int_equal(set(&v, CAUSE, CAUSE_DC), 0);
	fake_time += 1000;
	assert_int_equal(get(&v, COUNT), 600);
	assert_int_equal(get(&v, CAUSE), CAUSE_DC);
}

/* KVM's way to copy a timer that runs: nothing is lost, nothing comes twice. */
static void a_timer_is_copied_while_it_runs(void **state)
{
	set(&v, COUNT, 500);
	set(&v, COMPARE, 510);
	assert_int_equal(set(&v, CTL, 1), 0);
	fake_time += 7;
	assert_int_equal(get(&v, COUNT), 500);
	get_all(&v, &a);
	twin.guest.id = 0;
	set_all(&twin, &a);
	fake_time += 7;
	assert_int_equal(get(&twin, COUNT), 500);
	assert_int_equal(get(&twin, CAUSE), 0);
	assert_int_equal(get(&twin, CTL), 1);
	/* It goes on as if it had never stood. */
	assert_int_equal(set(&twin, CTL, 0), 0);
	assert_int_equal(get(&twin, COUNT), 514);
	assert_int_equal(get(&twin, CAUSE), CAUSE_TI | CAUSE_IP(7));
	assert_int_equal(set(&v, CTL, 2), -EINVAL);
}

/* In nanoseconds; 160 MHz are 6.25 of them. */
static void the_time_that_stands_still_can_be_set(void **state)
{
	u64 then;

	fake_time = 0x123456789abULL;
	assert_int_equal(set(&v, COUNT, 10000), 0);
	assert_int_equal(set(&v, CTL, 1), 0);
	then = get(&v, RESUME);
	assert_int_equal(then, fake_time * 25 / 4);
	assert_int_equal(set(&v, RESUME, then), 0);
	assert_int_equal(get(&v, COUNT), 10000);
	assert_int_equal(set(&v, RESUME, then - 625), 0);
	assert_int_equal(get(&v, COUNT), 9900);
	/* Of a board that has been up for longer: no later than now. */
	assert_int_equal(set(&v, RESUME, then + 7), 0);
	assert_int_equal(get(&v, RESUME), then);
	assert_int_equal(set(&v, RESUME, ~0ULL), 0);
	assert_int_equal(get(&v, RESUME), then);
	assert_int_equal(get(&v, COUNT), 10000);
}

static void a_timer_is_copied_to_a_board_of_less_uptime(void **state)
{
	for (int held = 0; held < 2; held++) {
		setup(NULL);
		twin.guest.id = 0;
		fake_time = 5000000;
		set(&v, CTL, 1);
		fake_time += 7;
		set(&v, CTL, held);
		set(&v, COUNT, 500);
		set(&v, COMPARE, 510);
		get_all(&v, &a);
		fake_time = 1000;
		set_all(&twin, &a);
		assert_int_equal(get(&twin, COUNT), 500);
		set(&twin, CTL, 0);
		assert_int_equal(get(&twin, CAUSE), 0);
		fake_time += 10;
		assert_int_equal(get(&twin, COUNT), 510);
		assert_int_equal(get(&twin, CAUSE), CAUSE_TI | CAUSE_IP(7));
	}
}

/* ---- Segments ---------------------------------------------------------------------- */

/* What addresses there are in EBase and the TLB goes by it. */
static void a_clone_has_the_segments_of_the_original(void **state)
{
	for (u32 seed = 1; seed < 20; seed++) {
		setup(NULL);
		features.segments = true;
		twin.guest.id = 0;
		v.guest.layout = MIPS_ARCHITECTURAL;
		scribble(seed);
		get_all(&v, &a);
		set_all(&twin, &a);
		get_all(&twin, &b);
		assert_same();
		assert_int_equal(twin.guest.layout.kseg0, 0x80000000);
		assert_int_equal(get(&twin, EBASE) >> 30 & 3, 2);
		/* And back. */
		assert_int_equal(set(&twin, LAYOUT, 0), 0);
		assert_int_equal(twin.guest.layout.kseg0, 0x40000000);
		assert_int_equal(get(&twin, EBASE) >> 30, 1);
	}
}

static void segments_that_the_cpu_does_not_have_are_refused(void **state)
{
	assert_int_equal(get(&v, LAYOUT), 0);
	assert_int_equal(set(&v, LAYOUT, 0), 0);
	assert_int_equal(set(&v, LAYOUT, 1), -EINVAL);
	features.segments = true;
	assert_int_equal(set(&v, LAYOUT, 2), -EINVAL);
	assert_int_equal(v.guest.layout.kseg0, 0x40000000);
	assert_int_equal(set(&v, LAYOUT, 1), 0);
	assert_int_equal(v.guest.layout.kseg0, 0x80000000);
}

/* ---- What is under way ---------------------------------------------------------------- */

/* Its value goes where the load wants it before anything is got. */
static void a_load_from_a_device_is_done_first(void **state)
{
	struct mips_guest *g = &v.guest;

	g->pc = FAKE_CODE;
	fake_put(FAKE_CODE, INSN_I(OP_LW, 4, 2, 0));
	g->gpr[4] = 0xbf000900;
	assert_int_equal(mips_guest_trap(g, CAUSE_EXC(EXC_ADEL), 0xbf000900,
					 NULL), MIPS_MMIO);
	g->mmio.value = 0x12345678;
	v.mmio_done = true;
	assert_int_equal(get(&v, GP_ID(2)), 0x12345678);
	assert_int_equal(get(&v, PC), FAKE_CODE + 4);
	assert_false(v.mmio_done);
	assert_int_equal(v.next, MIPS_RUN);
	assert_int_equal(activated, 0);
}

/* As `by` writes to the registers of CPU 1. */
static void tell_cpu_1(struct mips_vcpu *by, unsigned int reg, u32 value)
{
	struct mmio_access access = {.offset = MIPS_GUEST_SMP_SIZE / VM_MAX_VCPUS + reg,
				     .size = 4, .write = true, .value = value};

	assert_int_equal(machine.smp.ops->access(&machine.smp, &by->vcpu,
						 &access), 0);
}

/* B4: of a CPU between being turned on and its first instruction. */
static void a_cpu_that_was_turned_on_has_begun(void **state)
{
	twin.vcpu.powered = false;
	twin.guest.pc = 0x40000000;
	set(&v, COUNT, 0x1234);
	tell_cpu_1(&v, 0x08, 0x40100000);
	tell_cpu_1(&v, 0x0c, 0x40200000);
	tell_cpu_1(&v, 0x10, 0x40300000);
	tell_cpu_1(&v, 0x14, 5);
	tell_cpu_1(&v, 0x04, 1);
	assert_int_equal(get(&twin, PC), 0x40100000);
	assert_int_equal(get(&twin, GP_ID(29)), 0x40200000);
	assert_int_equal(get(&twin, GP_ID(28)), 0x40300000);
	assert_int_equal(get(&twin, GP_ID(4)), 5);
	assert_int_equal(get(&twin, COUNT), 0x1234);
	assert_int_equal(get(&twin, POWER), 1);

	/* And what is set stays. */
	twin.vcpu.powered = false;
	tell_cpu_1(&v, 0x04, 1);
	assert_int_equal(set(&twin, GP_ID(4), 77), 0);
	guest_smp_settle(&twin.vcpu);
	assert_int_equal(twin.guest.gpr[4], 77);
	assert_int_equal(twin.guest.pc, 0x40100000);
}

/* What a CPU is to start with, and what came of its last command. */
static void words_of_the_device_have_ids(void **state)
{
	tell_cpu_1(&v, 0x08, 0x40100000);
	tell_cpu_1(&v, 0x14, 5);
	tell_cpu_1(&v, 0x04, 99);
	assert_int_equal(get(&twin, START_PC), 0x40100000);
	assert_int_equal(get(&twin, START_ARG), 5);
	assert_int_equal(get(&v, RESULT), 3);
	assert_int_equal(set(&v, RESULT, 4), -EINVAL);
	assert_int_equal(set(&v, RESULT, 2), 0);
	assert_int_equal(set(&v, START_ARG, ~0U), 0);
	assert_int_equal(v.cpu.given.arg, ~0U);
	assert_int_equal(v.cpu.result, 2);
}

/* SC is not to store by what another had loaded. */
static void a_link_is_broken(void **state)
{
	v.guest.ll = true;
	v.next = MIPS_MMIO;
	assert_int_equal(set(&v, PC, 0x40000000), 0);
	assert_false(v.guest.ll);
	assert_int_equal(v.next, MIPS_RUN);
}

static void people_see_32_bits(void **state)
{
	char text[80];
	unsigned int next = 0;
	bool found = false;

	v.guest.pc = 0x80001000;
	while (vcpu_format_regs(&v.vcpu, &next, text, sizeof(text))) {
		assert_null(strstr(text, "0xffff"));
		found |= !!strstr(text, "pc 0x80001000");
	}
	assert_true(found);
}

static void power_wakes_it(void **state)
{
	v.vcpu.powered = false;
	assert_int_equal(set(&v, POWER, 2), -EINVAL);
	assert_int_equal(get(&v, POWER), 0);
	assert_int_equal(set(&v, POWER, 1), 0);
	assert_true(v.vcpu.powered);
	assert_true(v.vcpu.requests & REQ_IRQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(ids_are_kvms),
		CASE(of_64_bits_32_are_there),
		CASE(what_guests_have_not_has_no_id),
		CASE(all_set_is_as_all_got),
		CASE(a_vcpu_with_the_same_registers_is_a_clone),
		CASE(only_what_a_register_can_have_is_set),
		CASE(identification_does_not_change),
		CASE(a_commpage_written_over_is_no_state),
		CASE(another_asid_takes_another_table),
		CASE(status_takes_effect_when_it_is_entered),
		CASE(an_interrupt_that_is_let_through_is_taken),
		CASE(an_ipi_is_copied_a_devices_line_is_not),
		CASE(an_entry_that_is_set_drops_the_pages_of_the_old),
		CASE(entries_that_no_write_makes_are_refused),
		CASE(count_and_compare_are_of_one_time),
		CASE(a_timer_is_copied_while_it_runs),
		CASE(the_time_that_stands_still_can_be_set),
		CASE(a_timer_is_copied_to_a_board_of_less_uptime),
		CASE(a_clone_has_the_segments_of_the_original),
		CASE(segments_that_the_cpu_does_not_have_are_refused),
		CASE(a_load_from_a_device_is_done_first),
		CASE(a_cpu_that_was_turned_on_has_begun),
		CASE(words_of_the_device_have_ids),
		CASE(a_link_is_broken),
		CASE(people_see_32_bits),
		CASE(power_wakes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
