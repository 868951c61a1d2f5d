// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/guest.c vmm/guest_fdt.c vmm/fdt_writer.c vmm/image.c vmm/shared.c
// link: vmm/description.c vmm/description_shared.c vmm/console.c vmm/stats.c
// link: dev/pl011.c core/vm.c core/vcpu.c core/memslot.c core/backing.c
// link: core/mmio.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/notifier.c core/memcache.c core/page_alloc.c core/hyp_alloc.c
// link: core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_vcpu.c core/testing/fake_stage2.c pgtable/build.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/unmap.c lib/fdt.c
// link: lib/log.c lib/printf.c libfdt core/rwlock.c core/stage2_tables.c
// link: core/dirty_log.c pgtable/dirty.c pgtable/split.c pgtable/collapse.c
// link: pgtable/step.c pgtable/flush.c
// flags: -pthread
/*
 * Guests from their description to their end, on the core that ships. The
 * vCPUs' threads are pthreads; what a guest does is a function of the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "core/backing.h"
#include "core/memslot.h"
#include "core/testing/fake_arch.h"
#include "core/timer.h"
#include "core/vcpu_regs.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vmm/guest.h"
#include "vmm/machine.h"
#include "vmm/stats.h"

#define BOARD_RAM (64 * SZ_1M)
#define KERNEL_PA (FAKE_RAM + 32 * SZ_1M)
#define RAMDISK_PA (FAKE_RAM + 40 * SZ_1M)

/* ---- What the guests run on ---------------------------------------------- */

struct pthread_thread {
	struct fake_thread f;
	pthread_t p;
};

static void *run_thread(void *arg)
{
	struct pthread_thread *t = arg;

	fake_be_thread(&t->f);
	thread_block();
	t->f.t.fn(t->f.t.arg);
	__atomic_store_n(&t->f.t.state, THREAD_DEAD, __ATOMIC_RELEASE);
	return NULL;
}

static int threads_left = 1000; /* that can be had */

struct thread *thread_create(const char *name, void (*fn)(void *), void *arg,
			     struct cpu *cpu)
{
	struct pthread_thread *t;

	if (!threads_left)
		return NULL;
	threads_left--;
	t = calloc(1, sizeof(*t));
	fake_thread_init(&t->f, 1 + threads_left % 3);
	t->f.t.fn = fn;
	t->f.t.arg = arg;
	t->f.t.state = THREAD_BLOCKED;
	pthread_create(&t->p, NULL, run_thread, t);
	return &t->f.t;
}

void thread_destroy(struct thread *thread)
{
	struct fake_thread *f = container_of(thread, struct fake_thread, t);
	struct pthread_thread *t = container_of(f, struct pthread_thread, f);

	assert_int_equal(thread->state, THREAD_DEAD);
	pthread_join(t->p, NULL);
	free(t);
	threads_left++;
}

u64 arch_counter(void)
{
	return 5000;
}

u64 arch_counter_hz(void)
{
	return 62500000;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
}

void timer_set(struct timer *t, u64 deadline)
{
}

static void write_cpus(struct fdt_writer *w, unsigned int n, u64 granule)
{
	fdtw_begin(w, "cpus");
	fdtw_cell(w, "count", n);
	fdtw_end(w);
}

#define UART_BASE 0x1000

static void init_uart(union machine_uart *uart, const struct irq_line *irq,
		      const struct serial_backend *backend)
{
	pl011_init(&uart->pl011, GPA(UART_BASE), irq, backend);
}

#define VCPU_TABLES 10

const struct machine machine = {
	.compatible = "test,machine",
	.vcpu_table_pages = VCPU_TABLES,
	.whole_kernel = true,
	.intc_phandle = 7,
	.ram_base = 0x40000000,
	.init_uart = init_uart,
	.uart_irq = 5,
	.uart_path = "/uart",
	.write_nodes = write_cpus,
};

/* How each vCPU was reset last but at the end of its run. */
static struct {
	u64 pc, arg;
	unsigned int count;
} resets[VM_MAX_VCPUS];

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	/* In the vCPU's own thread, on its CPU. */
	assert_ptr_equal(vcpu->thread, thread_current());
	resets[vcpu->id].count++;
	if (!pc.v)
		return;
	resets[vcpu->id].pc = pc.v;
	resets[vcpu->id].arg = arg;
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	strcpy(buf, "pc 0x1234");
}

bool vcpu_format_regs(struct vcpu *vcpu, unsigned int *next, char *buf,
		      size_t size)
{
	/* In its own thread, outside vcpu_run(). */
	assert_ptr_equal(vcpu->thread, thread_current());
	assert_false(vcpu->in_guest);
	strcpy(buf, *next ? "x1 0x2" : "x0 0x1");
	return (*next)++ < 2;
}

void irq_turn_on(unsigned int irq, bool level)
{
	fail();
}

static char printed[16384];
static size_t printed_len;

static bool uart_is_stuck;

static bool uart_tx_ready(volatile void *regs)
{
	return !uart_is_stuck;
}

static void uart_tx(volatile void *regs, u8 c)
{
	assert_true(printed_len < sizeof(printed) - 1);
	printed[printed_len++] = c;
	printed[printed_len] = '\0';
}

static int uart_rx(volatile void *regs)
{
	return -1;
}

static void uart_irq(volatile void *regs, bool on)
{
}

static void uart_ack(volatile void *regs)
{
}

static const struct uart_driver driver = {
	.ack = uart_ack,
	.tx_ready = uart_tx_ready,
	.tx = uart_tx,
	.rx = uart_rx,
	.rx_interrupt = uart_irq,
	.tx_interrupt = uart_irq,
};
static const struct uart uart = {.driver = &driver, .irq = IRQ_NONE};

void uart_putc(const struct uart *u, u8 c)
{
	uart_tx(NULL, c);
}

/* ---- A board with modules in its memory ---------------------------------- */

static u8 board_fdt[256] __attribute__((aligned(8)));

static void write_board(u64 pa, const void *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fake_bytes(hpa_to_pfn(HPA(pa + i)))[(pa + i) % PAGE_SIZE] =
			((const u8 *)bytes)[i];
}

static void start_board(u64 ram)
{
	fdt_create_empty_tree(board_fdt, sizeof(board_fdt));
	fake_cpus_init(4);
	fake_memory_init(ram);
	if (ram == BOARD_RAM)
		page_alloc_reserve(HPA(KERNEL_PA), 32 * SZ_1M);
	threads_left = 1000;
	memset(resets, 0, sizeof(resets));
	printed_len = 0;
	printed[0] = '\0';
	console_init(&uart);
	console_start(false);
}

#define RING 0x50000000

static struct vm_description hello = {
	.name = "hello",
	.memory = 16 * SZ_1M,
	.cpus = 3,
	.bootargs = "quiet",
	.kernel = {.pa = {KERNEL_PA}, .size = 0x2400},
	.ramdisk = {.pa = {RAMDISK_PA}, .size = 0x1801},
	.shared_count = 1,
	.shared = {{.id = "ring", .address = RING, .size = SZ_1M}},
};

#define ENTRY (machine.ram_base + 0x200010)

/*
 * An ELF file whose second segment begins in the page where the first ends,
 * and whose bytes are the low byte of their offset in the file.
 */
static void write_elf(void)
{
	u8 e[0x2400];
	u64 ph[2][7] = {
		{1, 0x1000, machine.ram_base + 0x200000,
		 machine.ram_base + 0x200000, 0x800, 0x800, 0},
		{1, 0x1800, machine.ram_base + 0x200800,
		 machine.ram_base + 0x200800, 0xc00, 0x5000, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(e); i++)
		e[i] = i * 7;
	memset(e, 0, 64);
	memcpy(e, "\x7f" "ELF\x02\x01\x01", 7);
	e[16] = 2;
	e[18] = 183;
	*(u64 *)(e + 24) = ENTRY;
	e[32] = 64;
	e[54] = 56;
	e[56] = 2;
	memcpy(e + 64, ph, sizeof(ph));
	write_board(KERNEL_PA, e, sizeof(e));
}

static void write_modules(void)
{
	u8 r[0x1801];

	memset(r, 0xab, sizeof(r));
	write_elf();
	write_board(RAMDISK_PA, r, sizeof(r));
}

static struct guest *build(const struct vm_description *d)
{
	struct guest *g = hyp_alloc(sizeof(*g));
	char why[DESCRIPTION_WHY_SIZE];

	assert_non_null(g);
	assert_int_equal(guest_plan(g, board_fdt, d, why, sizeof(why)), 0);
	assert_int_equal(guest_build(g), 0);
	return g;
}

static struct fake_thread monitor;

static void run(struct guest *g)
{
	fake_thread_init(&monitor, 0);
	fake_be_thread(&monitor);
	guest_start(g);
	while (guest_service(g))
		thread_block();
}

static void end_board(struct guest *g)
{
	guest_destroy(g);
	hyp_free(g, sizeof(*g));
	fake_memory_exit();
}

/* ---- What guests do ------------------------------------------------------- */

static int leave(struct vcpu *vcpu, enum system_event event)
{
	vcpu->exit.reason = EXIT_SYSTEM_EVENT;
	vcpu->exit.event = event;
	return 1;
}

static void expect(struct vm *vm, u64 gpa, size_t n, int (*byte)(size_t i))
{
	u8 buf[0x6000];
	size_t i;

	assert_int_equal(guest_read(vm, GPA(gpa), buf, n), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(buf[i], byte(i));
}

static int elf_byte(size_t i)
{
	return i < 0x1400 ? (u8)((i + 0x1000) * 7) : 0;
}

static int ramdisk_byte(size_t i)
{
	return i < 0x1801 ? 0xab : 0;
}

/* machine.whole_kernel: the block that it is in is the VM's own. */
static void check_kernel_is_whole(struct vm *vm)
{
	u64 gpa = machine.ram_base + 0x200000;
	const struct memslot *slot = memslot_find(vm, gpa_to_gfn(GPA(gpa)));
	struct backing_page p;

	assert_int_equal(slot->backing->ops->get(slot->backing,
						 0x200000 / PAGE_SIZE, false, &p), 0);
	assert_int_equal(p.order, CHUNK_ORDER);
	assert_true(p.writable);
}

static void check_memory(struct vm *vm)
{
	u8 fdt[8192] __attribute__((aligned(8)));
	u64 start, end, base, size;
	int chosen, shm, len;

	expect(vm, machine.ram_base + 0x200000, 0x5800, elf_byte);
	check_kernel_is_whole(vm);
	assert_int_equal(guest_read(vm, GPA(resets[0].arg), fdt, sizeof(fdt)),
			 0);
	assert_int_equal(fdt_validate(fdt, sizeof(fdt)), 0);
	chosen = fdt_path_offset(fdt, "/chosen");
	assert_string_equal(fdt_getprop(fdt, chosen, "bootargs", &len),
			    "quiet");
	assert_int_equal(fdt_number(fdt, chosen, "linux,initrd-start", &start),
			 0);
	assert_int_equal(fdt_number(fdt, chosen, "linux,initrd-end", &end), 0);
	assert_int_equal(end - start, 0x1801);
	expect(vm, start, 0x2000, ramdisk_byte);
	assert_int_equal(fdt_reg(fdt, fdt_path_offset(fdt, "/memory@40000000"),
				 0, &base, &size), 0);
	assert_int_equal(size, 16 * SZ_1M);
	shm = fdt_path_offset(fdt, "/reserved-memory/xen-shmem@50000000");
	assert_int_equal(
		fdt_node_check_compatible(fdt, shm, "xen,shared-memory-v1"), 0);
	assert_string_equal(fdt_getprop(fdt, shm, "xen,id", &len), "ring");
	assert_int_equal(fdt_reg(fdt, shm, 0, &base, &size), 0);
	assert_int_equal(base, RING);
	assert_int_equal(size, SZ_1M);
	assert_int_equal(fdt_number(fdt, shm, "xen,offset", &base), 0);
	assert_int_equal(base, 0);
}

static int checks_and_powers_off(struct vcpu *vcpu)
{
	assert_int_equal(vcpu->id, 0);
	assert_int_equal(resets[0].pc, ENTRY);
	check_memory(vcpu->vm);
	return leave(vcpu, SYSTEM_EVENT_OFF);
}

/* K1 */
static void a_guest_finds_its_kernel_ramdisk_and_tree_and_leaves_nothing(
	void **state)
{
	struct guest *g;
	u64 used;

	start_board(BOARD_RAM);
	write_modules();
	g = hyp_alloc(64);
	used = fake_pages_used();
	hyp_free(g, 64);
	fake_enter = checks_and_powers_off;
	g = build(&hello);
	run(g);
	assert_int_equal(g->end, GUEST_OFF);
	assert_int_equal(g->ended_at, 5000);
	stats_guest(g);
	assert_non_null(strstr(printed, "twofold: hello: exits: total 0, irq 0"));
	stats_instructions(g);
	assert_non_null(strstr(printed,
			       "instructions to power-off: 80000\r\n"));
	/* The program's pages were read only, so they are the module's; the
	 * tree, in one block with the tail of the ramdisk, is its own. */
	assert_true(g->vm->page_budget.used <= 1024);
	guest_destroy(g);
	hyp_free(g, sizeof(*g));
	assert_in_range(fake_pages_used(), 0, used + 1);
	fake_memory_exit();
}

static unsigned int runs;

static int writes_and_resets_twice(struct vcpu *vcpu)
{
	static const u8 junk[0x3000] = {1, 2, 3};
	u8 mark = 0;

	/* The secondary ones run until the first says stop. */
	if (vcpu->id)
		return 0;
	check_memory(vcpu->vm);
	assert_false(vcpu->vm->vcpus[2]->powered);
	/* What others have too is as it was. */
	assert_int_equal(guest_read(vcpu->vm, GPA(RING + 9), &mark, 1), 0);
	assert_int_equal(mark, runs);
	mark = runs + 1;
	assert_int_equal(guest_write(vcpu->vm, GPA(RING + 9), &mark, 1), 0);
	if (runs++ == 2)
		return leave(vcpu, SYSTEM_EVENT_OFF);
	assert_int_equal(guest_write(vcpu->vm, GPA(machine.ram_base + 0x200000),
				     junk, sizeof(junk)), 0);
	assert_int_equal(guest_write(vcpu->vm, GPA(resets[0].arg), junk,
				     sizeof(junk)), 0);
	/* As the port does when the guest turns a CPU on. */
	__atomic_store_n(&vcpu->vm->vcpus[1]->powered, true, __ATOMIC_RELEASE);
	vcpu_request(vcpu->vm->vcpus[1], REQ_IRQ);
	return leave(vcpu, SYSTEM_EVENT_RESET);
}

static void a_guest_that_is_reset_starts_as_at_first(void **state)
{
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	runs = 0;
	fake_enter = writes_and_resets_twice;
	g = build(&hello);
	run(g);
	assert_int_equal(runs, 3);
	assert_int_equal(g->end, GUEST_OFF);
	assert_int_equal(fake_vm(g->vm)->resets, 2);
	assert_int_equal(resets[0].count, 6); /* before and after each run */
	assert_int_equal(resets[2].count, 3);
	assert_non_null(strstr(printed, "twofold: hello: reset\r\n"));
	end_board(g);
}

static int runs_out_of_memory(struct vcpu *vcpu)
{
	vcpu->exit.reason = EXIT_ERROR;
	vcpu->exit.error.code = -ENOMEM;
	vcpu->exit.error.what = "no memory for a page";
	vcpu->exit.error.fault = (struct guest_fault){
		.gpa = {0x40001000},
		.gva = {0xffff000000001000},
		.write = true,
		.syndrome = 0x92000047,
	};
	return 1;
}

/* K11 */
static void a_guest_that_cannot_go_on_is_stopped_with_all_that_is_known(
	void **state)
{
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	fake_enter = runs_out_of_memory;
	g = build(&hello);
	run(g);
	assert_int_equal(g->end, GUEST_ERROR);
	assert_non_null(strstr(
		printed,
		"twofold: error: hello: vCPU 0 is stopped: no memory for a "
		"page (error 12)\r\n"
		"twofold: error: hello: vCPU 0: pc 0x1234\r\n"
		"twofold: error: hello: vCPU 0: write of guest-physical "
		"0x40001000 (stage 2 level "));
	assert_non_null(strstr(printed, "guest-virtual 0xffff000000001000, "
					"syndrome 0x92000047\r\n"
					"twofold: error: hello: vCPU 0: x0 0x1\r\n"
					"twofold: error: hello: vCPU 0: x1 0x2\r\n"));
	end_board(g);
}

static unsigned int accesses;

static int reads_where_nothing_is(struct vcpu *vcpu)
{
	if (accesses++ == 20)
		return leave(vcpu, SYSTEM_EVENT_OFF);
	vcpu->exit.reason = EXIT_MMIO;
	vcpu->exit.mmio.gpa = GPA(0x30000000);
	vcpu->exit.mmio.access = (struct mmio_access){.size = 4};
	return 1;
}

/* K3, K11 */
static void an_access_that_nothing_answers_is_an_abort_and_few_words(
	void **state)
{
	struct guest *g;
	unsigned int messages = 0;
	const char *s;

	start_board(BOARD_RAM);
	write_modules();
	accesses = 0;
	log_set_level(LOG_DEBUG);
	fake_enter = reads_where_nothing_is;
	g = build(&hello);
	run(g);
	log_set_level(LOG_INFO);
	assert_int_equal(g->end, GUEST_OFF);
	assert_int_equal(g->unanswered, 20);
	assert_int_equal(fake_vcpu(g->vcpus[0].vcpu)->injections, 20);
	for (s = printed; (s = strstr(s, "nothing is there")); s++)
		messages++;
	assert_int_equal(messages, 9); /* 1 to 8, and 16 */
	end_board(g);
}

static int prints_and_powers_off(struct vcpu *vcpu)
{
	const char *s = "no newline";

	for (; *s; s++) {
		struct mmio_access a = {.size = 1, .value = *s, .write = true};

		assert_int_equal(mmio_access(&vcpu->vm->bus, vcpu,
					     GPA(UART_BASE), &a), 0);
	}
	return leave(vcpu, SYSTEM_EVENT_OFF);
}

static void what_a_guest_prints_comes_out(void **state)
{
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	fake_enter = prints_and_powers_off;
	g = build(&hello);
	run(g);
	log_info("done");
	assert_string_equal(printed, "no newline\r\ntwofold: done\r\n");
	end_board(g);
}

/* Registers of the UART: data, flags (BUSY), line control (FIFOs on), control
 * (enable, transmit, receive, loopback). */
#define DR 0x00
#define FR 0x18
#define FR_BUSY 8
#define LCR 0x2c
#define LCR_FEN 0x10
#define CR 0x30
#define CR_LOOP 0x381

static u64 uart_access(struct vcpu *vcpu, u64 offset, u64 value, bool write)
{
	struct mmio_access a = {.size = 4, .value = value, .write = write};

	assert_int_equal(mmio_access(&vcpu->vm->bus, vcpu,
				     GPA(UART_BASE + offset), &a), 0);
	return a.value;
}

static int resets_while_the_uart_is_stuck(struct vcpu *vcpu)
{
	if (runs++) {
		uart_access(vcpu, CR, CR_LOOP, true);
		assert_false(uart_access(vcpu, FR, 0, false) & FR_BUSY);
		return leave(vcpu, SYSTEM_EVENT_OFF);
	}
	uart_access(vcpu, LCR, LCR_FEN, true);
	uart_is_stuck = true;
	while (!(uart_access(vcpu, FR, 0, false) & FR_BUSY))
		uart_access(vcpu, DR, runs++ % 64 ? '.' : '\n', true);
	uart_access(vcpu, DR, '!', true);
	uart_is_stuck = false;
	return leave(vcpu, SYSTEM_EVENT_RESET);
}

static void what_a_guest_printed_before_a_reset_is_not_the_next_runs(
	void **state)
{
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	runs = 0;
	fake_enter = resets_while_the_uart_is_stuck;
	g = build(&hello);
	run(g);
	assert_int_equal(g->end, GUEST_OFF);
	assert_non_null(strchr(printed, '!'));
	assert_non_null(strstr(strchr(printed, '!'), "hello: reset"));
	end_board(g);
}

/* Take all memory but pages of one chunk, for guests, and `spare` pages. */
static void leave_memory(unsigned int spare)
{
	static u64 taken[4096];
	unsigned int n = 0;
	pfn_t pfn;

	assert_int_equal(page_alloc(PAGE_GUEST, 0, NULL, &pfn), 0);
	while (!page_alloc(PAGE_GUEST, CHUNK_ORDER, NULL, &pfn))
		;
	while (!page_alloc(PAGE_HYP, 0, NULL, &pfn)) {
		assert_true(n < ARRAY_SIZE(taken));
		taken[n++] = pfn.v;
	}
	while (spare-- && n)
		page_put(PFN(taken[--n]), 0, NULL);
}

/* K: a backing with users in several VMs. */
static void what_one_guest_writes_the_other_reads_and_may_not_write(void **state)
{
	struct vm_description d = hello;
	struct guest *a, *b;
	char text[8] = "";
	u64 used;

	start_board(BOARD_RAM);
	write_modules();
	used = fake_pages_used();
	d.shared[0].address = RING + SZ_1M;
	d.shared[0].read_only = true;
	a = build(&hello);
	b = build(&d);
	assert_int_equal(guest_write(a->vm, GPA(RING + 4095), "words", 6), 0);
	assert_int_equal(guest_read(b->vm, GPA(RING + SZ_1M + 4095), text, 6),
			 0);
	assert_string_equal(text, "words");
	/* It is charged to neither. */
	assert_true(a->vm->page_budget.used < 1024);
	assert_true(b->vm->page_budget.used < 1024);
	/* And outlives the one that came with it. */
	guest_destroy(a);
	memset(text, 0, sizeof(text));
	assert_int_equal(guest_read(b->vm, GPA(RING + SZ_1M + 4095), text, 6),
			 0);
	assert_string_equal(text, "words");
	guest_destroy(b);
	hyp_free(a, sizeof(*a));
	hyp_free(b, sizeof(*b));
	assert_in_range(fake_pages_used(), used, used + 1);
	/* The next that has it finds it empty: nobody had it any more. */
	a = build(&hello);
	assert_int_equal(guest_read(a->vm, GPA(RING + 4095), text, 6), 0);
	assert_string_equal(text, "");
	end_board(a);
}

/* VMs with 4 KiB granules share what is left of a board in single pages. */
static void shared_memory_does_without_runs_where_no_vm_needs_them(void **state)
{
	pfn_t page[1024], other;
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	g = build(&hello);
	for (unsigned int i = 0; i < ARRAY_SIZE(page); i++)
		assert_int_equal(page_alloc(PAGE_GUEST, 0, NULL, &page[i]), 0);
	while (!page_alloc(PAGE_GUEST, 1, NULL, &other))
		;
	for (unsigned int i = 0; i < ARRAY_SIZE(page); i += 2)
		page_put(page[i], 0, NULL);
	for (u64 at = 0; at < SZ_1M; at += PAGE_SIZE)
		assert_int_equal(guest_write(g->vm, GPA(RING + at), "x", 1), 0);
	end_board(g);
}

static void shared_memory_beyond_stage_2_is_refused(void **state)
{
	struct vm_description d = hello;
	char why[DESCRIPTION_WHY_SIZE];
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	g = hyp_alloc(sizeof(*g));
	d.shared[0].address = BIT64(40) - SZ_1M;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)), 0);
	d.shared[0].address += SZ_4K;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "/: xen,shared-mem: 0xfffff01000: beyond the 40 "
				 "bits of guest-physical addresses");
	/* It ends where addresses of 64 bits do. */
	d.shared[0].address = -SZ_1M;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "/: xen,shared-mem: 0xfffffffffff00000: beyond the "
				 "40 bits of guest-physical addresses");
	hyp_free(g, sizeof(*g));
	fake_memory_exit();
}

/* ---- Limits (B6) ---------------------------------------------------------- */

static struct page_budget *exhausted;

static int gets_no_memory(struct vcpu *vcpu)
{
	if (exhausted)
		exhausted->refused = true;
	vcpu->exit.reason = EXIT_ERROR;
	vcpu->exit.error.what = "no memory for a fault";
	vcpu->exit.error.code = -ENOMEM;
	return 1;
}

static void a_guest_at_its_limit_is_told_which_and_how_to_raise_it(void **state)
{
	static const char *const says[] = {
		"hello: its memory is used up: all of 8 MiB; "
		"twofold,max-memory or memory raises the limit",
		"hello: its memory for page tables is used up: all of 256 KiB; "
		"twofold,max-table-memory in a .dts description raises the limit",
		"hello: the board has no memory left",
	};
	struct vm_description d = hello;

	d.max_memory = 8 * SZ_1M;
	d.max_table_memory = 256 * 1024;
	d.cpus = 1;
	for (unsigned int i = 0; i < 3; i++) {
		struct guest *g;

		start_board(BOARD_RAM);
		write_modules();
		fake_enter = gets_no_memory;
		g = build(&d);
		assert_int_equal(g->vm->page_budget.limit, 2048);
		assert_int_equal(g->vm->table_budget.limit, 64);
		stats_guest(g);
		assert_non_null(strstr(printed, " of 2048, all that"));
		exhausted = i == 0 ? &g->vm->page_budget :
			    i == 1 ? &g->vm->table_budget :
				     NULL;
		run(g);
		assert_int_equal(g->end, GUEST_ERROR);
		if (!strstr(printed, says[i]))
			fail_msg("%s", printed);
		end_board(g);
	}
}

/* All of its memory in pages, what every guest has, and each vCPU's share. */
static void tables_have_a_limit_if_none_is_set(void **state)
{
	struct vm_description d = hello;
	struct guest *g;

	d.max_table_memory = 0;
	d.shared_count = 0;
	for (d.cpus = 1; d.cpus <= 8; d.cpus += 7) {
		start_board(BOARD_RAM);
		write_modules();
		g = build(&d);
		assert_int_equal(g->vm->table_budget.limit,
				 d.memory / SZ_2M + 2 + 16 +
					 (16 + VCPU_TABLES) * d.cpus);
		end_board(g);
	}
}

static void a_guest_that_cannot_be_built_within_its_limit_is_told_so(void **state)
{
	struct vm_description d = hello;
	char why[DESCRIPTION_WHY_SIZE];
	struct guest *g;
	u64 used;

	start_board(BOARD_RAM);
	write_modules();
	g = hyp_alloc(sizeof(*g));
	d.max_memory = SZ_4K;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)), 0);
	used = fake_pages_used();
	assert_int_equal(guest_build(g), -ENOMEM);
	assert_int_equal(fake_pages_used(), used);
	if (!strstr(printed, "its memory is used up: all of 4 KiB"))
		fail_msg("%s", printed);
	hyp_free(g, sizeof(*g));
	fake_memory_exit();
}

/* A vCPU that has taken some of it, and gives that back when it fails. */
static int takes_too_much(struct vcpu *vcpu)
{
	unsigned int got = 0;
	void *page[8];

	while (got < 8 && (page[got] = hyp_alloc_pages(1, &vcpu->vm->table_budget)))
		got++;
	while (got--)
		hyp_free_pages(page[got], 1, &vcpu->vm->table_budget);
	return -ENOMEM;
}

static void so_is_one_whose_vcpus_have_given_back_what_they_had(void **state)
{
	static const struct {
		u64 limit;
		const char *says;
	} row[] = {
		{56 * 1024, "its memory for page tables is used up: all of 56 KiB"},
		/* The limit has had room for all 8: it is not that. */
		{1024 * 1024, "the board has no memory left"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct vm_description d = hello;
		char why[DESCRIPTION_WHY_SIZE];
		struct guest *g;

		start_board(BOARD_RAM);
		write_modules();
		g = hyp_alloc(sizeof(*g));
		d.max_table_memory = row[i].limit;
		assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)), 0);
		fake_vcpu_init = takes_too_much;
		assert_int_equal(guest_build(g), -ENOMEM);
		fake_vcpu_init = NULL;
		if (!strstr(printed, row[i].says))
			fail_msg("%s", printed);
		hyp_free(g, sizeof(*g));
		fake_memory_exit();
	}
}

/* K1: whichever allocation fails, all before it is given back. */
static void a_build_that_fails_leaves_nothing(void **state)
{
	unsigned int spare, failed = 0, built = 0;

	for (spare = 0; !built; spare++) {
		char why[DESCRIPTION_WHY_SIZE];
		struct guest *g;
		u64 used;
		int err;

		assert_true(spare < 400);
		start_board(BOARD_RAM);
		write_modules();
		g = hyp_alloc(sizeof(*g));
		assert_int_equal(guest_plan(g, board_fdt, &hello, why,
					    sizeof(why)), 0);
		leave_memory(spare);
		used = fake_pages_used();
		err = guest_build(g);
		if (!err)
			guest_destroy(g);
		built += !err;
		failed += err == -ENOMEM;
		assert_int_equal(built + failed, spare + 1);
		assert_int_equal(fake_pages_used(), used);
		hyp_free(g, sizeof(*g));
		fake_memory_exit();
	}
	assert_true(failed > 5);
}

static void a_guest_without_a_thread_for_each_vcpu_is_not_built(void **state)
{
	char why[DESCRIPTION_WHY_SIZE];
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	threads_left = 2;
	g = hyp_alloc(sizeof(*g));
	assert_int_equal(guest_plan(g, board_fdt, &hello, why, sizeof(why)), 0);
	assert_int_equal(guest_build(g), -ENOMEM);
	assert_int_equal(threads_left, 2);
	hyp_free(g, sizeof(*g));
	fake_memory_exit();
}

static void touch(struct guest *g, u64 gpa)
{
	struct guest_fault f = {.gpa = GPA(gpa), .write = true};

	assert_int_equal(fault_handle(g->vm->vcpus[0], &f), 0);
}

/*
 * The limit that it has by itself is enough for all of its memory in pages,
 * whichever parts of it are shared, and wherever those are.
 */
static void tables_for_shared_memory_are_in_the_limit(void **state)
{
	static const u64 places[] = {RING + SZ_64K, 31 * SZ_1G - SZ_64K,
				     BIT64(39) - SZ_64K};
	static const char *const names[] = {"a", "b", "c"};
	struct vm_description d = hello;
	struct guest *g;

	start_board(512 * SZ_1M);
	page_alloc_reserve(HPA(KERNEL_PA), 32 * SZ_1M);
	write_modules();
	d.shared_count = ARRAY_SIZE(places);
	for (unsigned int i = 0; i < d.shared_count; i++)
		d.shared[i] = (struct description_shared){
			.id = names[i], .address = places[i],
			.size = 128 * SZ_1M};
	g = build(&d);
	for (u64 at = 0; at < d.memory; at += SZ_64K)
		touch(g, machine.ram_base + at);
	for (unsigned int i = 0; i < d.shared_count; i++)
		for (u64 at = 0; at < d.shared[i].size; at += SZ_64K)
			touch(g, d.shared[i].address + at);
	end_board(g);
}

static void what_does_not_fit_is_refused_before_anything_is_built(void **state)
{
	struct vm_description d = hello;
	char why[DESCRIPTION_WHY_SIZE];
	struct guest *g;

	start_board(BOARD_RAM);
	write_modules();
	g = hyp_alloc(sizeof(*g));
	d.ramdisk.size = 16 * SZ_1M;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "/: memory: 16 MiB: kernel, ramdisk and "
				 "device tree do not fit");
	/* K13 */
	d.cpus = 5;
	fake_max_vcpus = 4;
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "/: cpus: 5: on a board with CPUs of this kind "
				 "a VM has at most 4");
	fake_max_vcpus = VM_MAX_VCPUS;
	write_board(KERNEL_PA, "\x1f\x8b", 2);
	assert_int_equal(guest_plan(g, board_fdt, &d, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "/: a gzip-compressed image: unpack it first "
				 "(`twofold run` does)");
	hyp_free(g, sizeof(*g));
	fake_memory_exit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_guest_finds_its_kernel_ramdisk_and_tree_and_leaves_nothing),
		cmocka_unit_test(a_guest_that_is_reset_starts_as_at_first),
		cmocka_unit_test(
			a_guest_that_cannot_go_on_is_stopped_with_all_that_is_known),
		cmocka_unit_test(
			an_access_that_nothing_answers_is_an_abort_and_few_words),
		cmocka_unit_test(what_a_guest_prints_comes_out),
		cmocka_unit_test(
			what_a_guest_printed_before_a_reset_is_not_the_next_runs),
		cmocka_unit_test(
			what_one_guest_writes_the_other_reads_and_may_not_write),
		cmocka_unit_test(tables_for_shared_memory_are_in_the_limit),
		cmocka_unit_test(shared_memory_does_without_runs_where_no_vm_needs_them),
		cmocka_unit_test(shared_memory_beyond_stage_2_is_refused),
		cmocka_unit_test(
			a_guest_at_its_limit_is_told_which_and_how_to_raise_it),
		cmocka_unit_test(tables_have_a_limit_if_none_is_set),
		cmocka_unit_test(
			a_guest_that_cannot_be_built_within_its_limit_is_told_so),
		cmocka_unit_test(
			so_is_one_whose_vcpus_have_given_back_what_they_had),
		cmocka_unit_test(a_build_that_fails_leaves_nothing),
		cmocka_unit_test(
			a_guest_without_a_thread_for_each_vcpu_is_not_built),
		cmocka_unit_test(
			what_does_not_fit_is_refused_before_anything_is_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
