// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the tests of the `twofold` command start in place of the hypervisor: an
 * arm64 Image that reads the device tree it is given as the hypervisor would,
 * does what the first VM's command line asks for, and powers the board off.
 *
 *   modules    print each module's VM, node, size and sum of bytes
 *   memory     print the board's memory and its CPUs
 *   echo       print "ready", then echo the input up to a 'q'
 *   flood      print 2000 numbered lines
 *   midline    print a line without an end
 *   crlf       end the status line with a carriage return, too
 *   hang       print "hanging" and stay
 *   stuck      stay after the status line
 *   silent     power off without a status line
 *   code=N     the status; 0 without
 */
#include <libfdt.h>

#include "lib/string.h"
#include "lib/types.h"
#include "lib/util.h"

void standin(const void *fdt);

__asm__("	.section .text.header, \"ax\"\n"
	"	.globl _start\n"
	"_start:	b	1f\n"
	"	.word	0\n"
	"	.quad	0\n"               /* text_offset */
	"	.quad	_end - _start\n"   /* image_size */
	"	.quad	0x2\n"             /* little-endian, 4K pages */
	"	.quad	0, 0, 0\n"
	"	.ascii	\"ARM\\x64\"\n"
	"	.word	0\n"
	"1:	adrp	x1, stack + 16384\n"
	"	add	x1, x1, :lo12:(stack + 16384)\n"
	"	mov	sp, x1\n"
	"	b	standin\n"
	"	.bss\n"
	"	.balign	16\n"
	"stack:	.skip	16384\n"
	"	.previous\n");

/* PL011 of `virt`, or the Cadence UART of the ZCU102. */
struct uart {
	u64 base;
	u32 data, flags, tx_full, rx_empty;
};

static struct uart uart;

static volatile u32 *reg(u32 offset)
{
	return (volatile u32 *)(uart.base + offset);
}

static void uart_find(const void *fdt)
{
	if (!fdt_node_check_compatible(fdt, 0, "linux,dummy-virt")) {
		uart = (struct uart){ 0x09000000, 0, 0x18, BIT32(5), BIT32(4) };
		return;
	}
	uart = (struct uart){ 0xff000000, 0x30, 0x2c, BIT32(4), BIT32(1) };
	*reg(0) = BIT32(4) | BIT32(2); /* transmit and receive on */
}

static void put(char c)
{
	while (*reg(uart.flags) & uart.tx_full)
		;
	*reg(uart.data) = c;
}

static char get(void)
{
	while (*reg(uart.flags) & uart.rx_empty)
		;
	return *reg(uart.data);
}

static void print(const char *s)
{
	while (*s)
		put(*s++);
}

static void print_number(u64 n)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = 0;
	do
		*--at = '0' + n % 10;
	while (n /= 10);
	print(at);
}

static void stay(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

static void power_off(void)
{
	register u64 x0 __asm__("x0") = 0x84000008; /* PSCI SYSTEM_OFF */

	__asm__ volatile("smc #0" : "+r"(x0) : : "memory");
	stay();
}

static const char *words;

/* What follows the word in the command line; NULL: it is not there. */
static const char *word(const char *name)
{
	size_t n = strlen(name);

	for (const char *at = words; *at; at++)
		if (!strncmp(at, name, n))
			return at + n;
	return NULL;
}

static void print_modules(const void *fdt, int chosen)
{
	int vm, module, len;

	fdt_for_each_subnode(vm, fdt, chosen) {
		fdt_for_each_subnode(module, fdt, vm) {
			const fdt32_t *r = fdt_getprop(fdt, module, "reg", &len);
			const u8 *at = (const u8 *)(u64)fdt32_to_cpu(r[1]);
			u64 size = fdt32_to_cpu(r[3]), sum = 0;

			for (u64 i = 0; i < size; i++)
				sum += at[i];
			print(fdt_get_name(fdt, vm, NULL));
			put(' ');
			print(fdt_get_name(fdt, module, NULL));
			put(' ');
			print_number(size);
			put(' ');
			print_number(sum);
			put('\n');
		}
	}
}

static void print_memory(const void *fdt)
{
	int node, cpus = 0, len;
	u64 size = 0;

	fdt_for_each_subnode(node, fdt, 0) {
		const char *name = fdt_get_name(fdt, node, NULL);
		const fdt32_t *r = fdt_getprop(fdt, node, "reg", &len);

		if (!strncmp(name, "memory", 6) && len == 16)
			size = (u64)fdt32_to_cpu(r[2]) << 32 |
			       fdt32_to_cpu(r[3]);
	}
	fdt_for_each_subnode(node, fdt, fdt_path_offset(fdt, "/cpus"))
		cpus += !strncmp(fdt_get_name(fdt, node, NULL), "cpu@", 4);
	print("memory ");
	print_number(size >> 20);
	print("M cpus ");
	print_number(cpus);
	put('\n');
}

static void echo(void)
{
	char c;

	print("ready\n");
	while ((c = get()) != 'q')
		put(c);
	put('\n');
}

static void act(const void *fdt, int chosen)
{
	if (word("modules"))
		print_modules(fdt, chosen);
	if (word("memory"))
		print_memory(fdt);
	if (word("echo"))
		echo();
	for (int i = 0; word("flood") && i < 2000; i++) {
		print("this is a line of output, number ");
		print_number(i);
		put('\n');
	}
	if (word("hang")) {
		print("hanging\n");
		stay();
	}
	if (word("silent"))
		power_off();
	if (word("midline"))
		print("no end");
}

void standin(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int vm = fdt_first_subnode(fdt, chosen);
	int kernel = fdt_first_subnode(fdt, vm);
	const char *code;

	uart_find(fdt);
	words = fdt_getprop(fdt, kernel, "bootargs", NULL);
	if (!words)
		words = "";
	act(fdt, chosen);
	print(fdt_getprop(fdt, chosen, "twofold,status-token", NULL));
	put(' ');
	code = word("code=");
	print_number(code ? strtoul(code, NULL, 10) : 0);
	print(word("crlf") ? "\r\n" : "\n");
	if (word("stuck"))
		stay();
	power_off();
}
