// SPDX-License-Identifier: BSD-2-Clause
// link: core/rwlock.c core/testing/fake_sched.c
// flags: -pthread -fsanitize=thread
/*
 * Read-write locks between threads, each a CPU, or two of them the same one,
 * under ThreadSanitizer (B1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>
#include "core/rwlock.h"
#include "core/testing/fake_arch.h"
#include "lib/string.h"

#define CPUS 3
#define THREADS 4 /* the last two are one CPU */
#define ROUNDS 4000

struct line {
	u32 first, second; /* counts of two locks */
} __attribute__((aligned(RWLOCK_STRIDE)));

static struct line lines[CPUS];
static struct rwlock rw, other;
static unsigned long a, b;   /* equal whenever the lock is free */
static unsigned int inside;  /* readers that hold the lock, atomic */
static bool shared_seen, wrote;

static int set_up(void **state)
{
	fake_cpus_init(CPUS);
	memset(lines, 0, sizeof(lines));
	rwlock_init(&rw, &lines->first);
	rwlock_init(&other, &lines->second);
	a = b = inside = 0;
	shared_seen = wrote = false;
	return 0;
}

static void be_cpu_of(uintptr_t thread)
{
	fake_be_cpu(thread < CPUS ? thread : CPUS - 1);
}

static void write_round(void)
{
	write_lock(&rw);
	if (__atomic_load_n(&inside, __ATOMIC_RELAXED))
		fail();
	a++;
	cpu_relax();
	b++;
	write_unlock(&rw);
}

static void read_round(void)
{
	read_lock(&rw);
	read_lock(&other); /* another lock counts in the same line */
	if (__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED) > 1)
		__atomic_store_n(&shared_seen, true, __ATOMIC_RELAXED);
	if (a != b)
		fail();
	cpu_relax();
	__atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
	read_unlock(&other);
	read_unlock(&rw);
}

static void *read_and_write(void *arg)
{
	uintptr_t me = (uintptr_t)arg;

	be_cpu_of(me);
	for (uintptr_t i = 0; i < ROUNDS; i++) {
		if (i % THREADS == me)
			write_round();
		else
			read_round();
	}
	return NULL;
}

static void writers_exclude_and_readers_share(void **state)
{
	pthread_t t[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, read_and_write, (void *)i);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(a, ROUNDS);
	assert_int_equal(a, b);
	assert_true(shared_seen);
	for (unsigned int i = 0; i < CPUS; i++)
		assert_int_equal(lines[i].first | lines[i].second, 0);
}

static void readers_count_on_their_own_lines(void **state)
{
	fake_be_cpu(1);
	read_lock(&rw);
	assert_int_equal(lines[1].first, 1);
	assert_int_equal(lines[0].first | lines[2].first | lines[1].second, 0);
	read_unlock(&rw);
	assert_int_equal(lines[1].first, 0);
}

static void *write_once(void *arg)
{
	fake_be_cpu(1);
	write_lock(&rw);
	__atomic_store_n(&wrote, true, __ATOMIC_RELAXED);
	write_unlock(&rw);
	return NULL;
}

static void *read_once(void *arg)
{
	fake_be_cpu(2);
	read_lock(&rw);
	if (!__atomic_load_n(&wrote, __ATOMIC_RELAXED))
		fail();
	__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED);
	read_unlock(&rw);
	return NULL;
}

/* A reader inside, a writer waiting: a new reader waits behind the writer. */
static void a_waiting_writer_holds_off_new_readers(void **state)
{
	pthread_t writer, reader;

	read_lock(&rw);
	pthread_create(&writer, NULL, write_once, NULL);
	while (!__atomic_load_n(&rw.writer, __ATOMIC_SEQ_CST))
		cpu_relax();
	pthread_create(&reader, NULL, read_once, NULL);
	for (unsigned int i = 0; i < 100; i++)
		cpu_relax();
	assert_false(__atomic_load_n(&wrote, __ATOMIC_RELAXED));
	read_unlock(&rw);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	assert_true(wrote);
}

/* A writer waits for the readers of each CPU, whichever it is. */
static void a_writer_waits_for_every_cpu(void **state)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		pthread_t writer;

		wrote = false;
		fake_be_cpu(cpu);
		read_lock(&rw);
		pthread_create(&writer, NULL, write_once, NULL);
		while (!__atomic_load_n(&rw.writer, __ATOMIC_SEQ_CST))
			cpu_relax();
		for (unsigned int i = 0; i < 100; i++)
			cpu_relax();
		assert_false(__atomic_load_n(&wrote, __ATOMIC_RELAXED));
		read_unlock(&rw);
		pthread_join(writer, NULL);
		assert_true(wrote);
	}
}

/* A writer that unlocks and locks at once, as an operation in steps does. */
static void a_waiting_reader_comes_before_the_next_writer(void **state)
{
	for (unsigned int i = 0; i < 50; i++) {
		pthread_t reader;

		inside = 0;
		wrote = true; /* for read_once() */
		write_lock(&rw);
		pthread_create(&reader, NULL, read_once, NULL);
		while (!__atomic_load_n(&rw.waiting, __ATOMIC_RELAXED))
			cpu_relax();
		write_unlock(&rw);
		write_lock(&rw);
		assert_int_equal(__atomic_load_n(&inside, __ATOMIC_RELAXED), 1);
		write_unlock(&rw);
		pthread_join(reader, NULL);
		assert_int_equal(rw.waiting, 0);
	}
}

/* A reader that was held up is out of every count when it has unlocked. */
static void readers_that_waited_leave_no_count(void **state)
{
	pthread_t t[THREADS];

	for (unsigned int round = 0; round < 20; round++) {
		wrote = true;
		write_lock(&rw);
		for (uintptr_t i = 0; i < THREADS; i++)
			pthread_create(&t[i], NULL, read_once, NULL);
		while (__atomic_load_n(&rw.waiting, __ATOMIC_RELAXED) < THREADS)
			cpu_relax();
		write_unlock(&rw);
		write_lock(&rw);
		write_unlock(&rw);
		for (unsigned int i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
		assert_int_equal(rw.waiting | rw.writer, 0);
		assert_int_equal(lines[2].first, 0);
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
		CASE(writers_exclude_and_readers_share),
		CASE(readers_count_on_their_own_lines),
		CASE(a_waiting_writer_holds_off_new_readers),
		CASE(a_writer_waits_for_every_cpu),
		CASE(a_waiting_reader_comes_before_the_next_writer),
		CASE(readers_that_waited_leave_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
