// SPDX-License-Identifier: BSD-2-Clause
// link: dev/pl011.c
// flags: -pthread -fsanitize=thread
/*
 * The PL011 model between threads, under ThreadSanitizer: two vCPUs (one sends
 * and polls, one receives) and a backend that gives and takes when it likes.
 * K24: several CPUs in one device.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>
#include "dev/pl011.h"
#include "lib/util.h"

#define BYTES 20000

enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, IMSC = 0x38 };
enum { RXFE = 1 << 4, TXFF = 1 << 5 };

static struct pl011 p;
static unsigned int room;  /* of the backend, atomic */
static unsigned int taken; /* bytes the backend has; under the model's lock */
static unsigned int ready; /* rx_ready calls, atomic */

static u32 rd(u64 offset)
{
	struct mmio_access a = {.offset = offset, .size = 4};

	p.serial.dev.ops->access(&p.serial.dev, NULL, &a);
	return a.value;
}

static void wr(u64 offset, u32 v)
{
	struct mmio_access a = {
		.offset = offset, .size = 4, .write = true, .value = v};

	p.serial.dev.ops->access(&p.serial.dev, NULL, &a);
}

static bool backend_tx(void *arg, u8 c)
{
	if (!__atomic_load_n(&room, __ATOMIC_RELAXED))
		return false;
	__atomic_fetch_sub(&room, 1, __ATOMIC_RELAXED);
	assert_int_equal(c, taken++ & 0xff);
	return true;
}

static void backend_rx_ready(void *arg)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELAXED);
}

static void *guest_sends(void *arg)
{
	unsigned int i;

	for (i = 0; i < BYTES; i++) {
		while (rd(FR) & TXFF)
			cpu_relax();
		wr(DR, i & 0xff);
	}
	return NULL;
}

static void *guest_receives(void *arg)
{
	unsigned int i;

	wr(LCR_H, 1 << 4);
	wr(IMSC, 0x50);
	for (i = 0; i < BYTES; i++) {
		while (rd(FR) & RXFE)
			cpu_relax();
		assert_int_equal(rd(DR), i & 0xff);
	}
	return NULL;
}

static void *backend_takes(void *arg)
{
	for (;;) {
		__atomic_store_n(&room, 5, __ATOMIC_RELAXED);
		serial_tx_room(&p.serial);
		if (__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE))
			return NULL;
		cpu_relax();
	}
}

static void *backend_gives(void *arg)
{
	unsigned int i, n;

	for (i = 0; i < BYTES; i += n) {
		n = min(serial_rx_room(&p.serial), BYTES - i);
		for (unsigned int j = 0; j < n; j++)
			serial_rx(&p.serial, (i + j) & 0xff);
		cpu_relax();
	}
	return NULL;
}

static void two_vcpus_and_a_backend_lose_nothing(void **state)
{
	static const struct irq_line irq;
	static const struct serial_backend backend = {
		.tx = backend_tx, .rx_ready = backend_rx_ready};
	static bool done;
	pthread_t sends, receives, takes, gives;

	pl011_init(&p, GPA(0), &irq, &backend);
	assert_int_equal(pthread_create(&sends, NULL, guest_sends, NULL), 0);
	assert_int_equal(pthread_create(&receives, NULL, guest_receives, NULL),
			 0);
	assert_int_equal(pthread_create(&gives, NULL, backend_gives, NULL), 0);
	assert_int_equal(pthread_create(&takes, NULL, backend_takes, &done),
			 0);
	assert_int_equal(pthread_join(sends, NULL), 0);
	assert_int_equal(pthread_join(receives, NULL), 0);
	assert_int_equal(pthread_join(gives, NULL), 0);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(takes, NULL), 0);
	room = ~0U;
	serial_tx_room(&p.serial);
	assert_int_equal(taken, BYTES);
	assert_true(ready > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_vcpus_and_a_backend_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
