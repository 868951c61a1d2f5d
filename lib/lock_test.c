// SPDX-License-Identifier: BSD-2-Clause
// link: lib/log.c lib/printf.c
// flags: -pthread -fsanitize=thread
/* Locks and the log between threads, under ThreadSanitizer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <string.h>
#include <cmocka.h>
#include "lib/lock.h"
#include "lib/log.h"

#define THREADS 4
#define ROUNDS 5000

static struct spinlock spin = SPINLOCK_INIT;
static unsigned long a, b; /* equal whenever the lock is free */
static unsigned int inside;  /* threads that hold the lock, atomic */

static void run_all(void *(*fn)(void *))
{
	pthread_t t[THREADS];
	uintptr_t i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, fn, (void *)i), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
}

static void *count_with_spin(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&spin);
		a++;
		b++;
		spin_unlock(&spin);
	}
	return NULL;
}

static void spin_lock_excludes(void **state)
{
	a = b = 0;
	run_all(count_with_spin);
	assert_int_equal(a, THREADS * ROUNDS);
	assert_int_equal(b, THREADS * ROUNDS);
	assert_false(spin_is_locked(&spin));
}

static void *try_to_be_alone(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		while (!spin_trylock(&spin))
			cpu_relax();
		assert_int_equal(
			__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED), 1);
		__atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
		spin_unlock(&spin);
	}
	return NULL;
}

static void trylock_lets_one_in(void **state)
{
	run_all(try_to_be_alone);
	assert_int_equal(inside, 0);
	assert_false(spin_is_locked(&spin));
}

static void trylock_fails_while_held(void **state)
{
	spin_lock(&spin);
	assert_true(spin_is_locked(&spin));
	assert_false(spin_trylock(&spin));
	spin_unlock(&spin);
	assert_true(spin_trylock(&spin));
	spin_unlock(&spin);
}

/* ---- The log -------------------------------------------------------------------- */

static unsigned int lines;
static char last[512];

static void sink(const char *line, size_t len)
{
	assert_true(len > 0 && len < sizeof(last));
	assert_int_equal(line[len - 1], '\n');
	assert_null(memchr(line, '\n', len - 1));
	memcpy(last, line, len);
	last[len] = 0;
	lines++;
}

static void *log_many(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS / 10; i++)
		log_info("thread %d line %d", (int)(uintptr_t)arg, i);
	return NULL;
}

static void log_lines_stay_whole(void **state)
{
	char longer[1000];

	log_set_shared(true);
	log_set_sink(sink);
	run_all(log_many);
	assert_int_equal(lines, THREADS * (ROUNDS / 10));
	log_err("%s is %d", "answer", 42);
	assert_string_equal(last, "twofold: error: answer is 42\n");
	log_debug("not at this level");
	assert_string_equal(last, "twofold: error: answer is 42\n");
	log_set_level(LOG_DEBUG);
	log_debug("now");
	assert_string_equal(last, "twofold: debug: now\n");
	log_set_level(LOG_INFO);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	log_warn("%s", longer); /* cut, but still one line: the sink looks */
	assert_true(strlen(last) > 200);
	log_set_sink(NULL);
	log_err("to nobody");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spin_lock_excludes),
		cmocka_unit_test(trylock_lets_one_in),
		cmocka_unit_test(trylock_fails_while_held),
		cmocka_unit_test(log_lines_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
