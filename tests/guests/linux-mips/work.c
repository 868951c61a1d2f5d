// SPDX-License-Identifier: BSD-2-Clause
/*
 * Work for a guest's user space: arithmetic, memory, processes, signals, page
 * faults, and threads that share memory. What it prints is the same on every
 * machine, so that a run inside a guest is compared with one outside.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t state = 1;

static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static uint32_t checksum(const void *data, size_t size)
{
	const uint8_t *p = data;
	uint32_t sum = ~0U;

	while (size--) {
		sum ^= *p++;
		for (int i = 0; i < 8; i++)
			sum = sum & 1 ? sum >> 1 ^ 0xedb88320U : sum >> 1;
	}
	return ~sum;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* 64-bit and floating-point arithmetic, which the compiler may call for. */
static void arithmetic(void)
{
	uint64_t n = 0x0123456789abcdefULL;
	double x = 1;

	for (int i = 0; i < 1000; i++) {
		n = n * 6364136223846793005ULL + 1442695040888963407ULL;
		n ^= n / (next_random() | 1);
		x = x * 1.0009765625 + 1.0 / (i + 1);
	}
	printf("arithmetic %016llx %.9f\n", (unsigned long long)n, x);
}

static void sort(void)
{
	enum { COUNT = 20000 };
	uint32_t *a = malloc(COUNT * sizeof(*a));

	for (int i = 0; i < COUNT; i++)
		a[i] = next_random();
	qsort(a, COUNT, sizeof(*a), compare);
	printf("sort %08x %08x %08x\n", a[0], a[COUNT / 2],
	       checksum(a, COUNT * sizeof(*a)));
	free(a);
}

/* Each child changes its copy, which its parent must not see. */
static void forks(void)
{
	volatile uint32_t mine = 0;
	unsigned int sum = 0;

	for (int i = 0; i < 30; i++) {
		pid_t pid = fork();
		int status;

		if (pid < 0) {
			printf("fork fails\n");
			return;
		}
		if (!pid) {
			mine = i;
			_exit((mine * 7 + 3) & 0x7f);
		}
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
			printf("child %d is lost\n", i);
			return;
		}
		sum = sum * 31 + WEXITSTATUS(status);
	}
	printf("forks %08x %u\n", sum, mine);
}

static void pipes(void)
{
	int to[2], from[2];
	uint32_t n = 0;
	pid_t pid;

	if (pipe(to) || pipe(from))
		return;
	pid = fork();
	if (!pid) {
		while (read(to[0], &n, sizeof(n)) == sizeof(n) && n) {
			n = n * 3 + 1;
			if (write(from[1], &n, sizeof(n)) != sizeof(n))
				_exit(1);
		}
		_exit(0);
	}
	n = 1;
	for (int i = 0; i < 500; i++) {
		if (write(to[1], &n, sizeof(n)) != sizeof(n) ||
		    read(from[0], &n, sizeof(n)) != sizeof(n))
			break;
		n |= 1;
	}
	printf("pipes %08x\n", n);
	n = 0;
	if (write(to[1], &n, sizeof(n)) != sizeof(n))
		return;
	waitpid(pid, NULL, 0);
}

static volatile sig_atomic_t signals;

static void on_signal(int n)
{
	signals++;
}

static void send_signals(void)
{
	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 500; i++)
		kill(getpid(), SIGUSR1);
	printf("signals %d\n", (int)signals);
}

static unsigned char *window;
static size_t window_page;
static volatile unsigned int storm_faults;

/* One page at a time becomes writable, when it is written. */
static void on_fault(int n, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr & ~(window_page - 1);

	storm_faults++;
	if (mprotect((void *)at, window_page, PROT_READ | PROT_WRITE))
		_exit(9);
}

static void storm(void)
{
	enum { PAGES = 256 };
	struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	uint32_t sum = 0;

	window_page = 4096;
	sigaction(SIGSEGV, &act, NULL);
	window = mmap(NULL, PAGES * window_page, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < PAGES; i++)
			window[((i * 37) % PAGES) * window_page + i] += i + round;
		sum = sum * 31 + checksum(window, PAGES * window_page);
		mprotect(window, PAGES * window_page, PROT_READ);
		if (round & 1)
			madvise(window, PAGES * window_page / 2, MADV_DONTNEED);
	}
	printf("storm %08x %u\n", sum, storm_faults);
	munmap(window, PAGES * window_page);
}

/* Processes that count in one place: by atomic addition, and under a lock. */
static void contend(void)
{
	enum { PROCESSES = 4, ROUNDS = 3000 };
	struct {
		uint32_t sum, lock, guarded, odd;
	} volatile *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int n = 0; n < PROCESSES; n++) {
		if (fork())
			continue;
		for (int i = 0; i < ROUNDS; i++) {
			__atomic_fetch_add(&shared->sum, i * n, __ATOMIC_RELAXED);
			while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_ACQUIRE))
				sched_yield();
			shared->odd += ++shared->guarded & 1;
			__atomic_store_n(&shared->lock, 0, __ATOMIC_RELEASE);
		}
		_exit(0);
	}
	for (int n = 0; n < PROCESSES; n++)
		wait(NULL);
	printf("contend %08x %u %u\n", shared->sum, shared->guarded, shared->odd);
	munmap((void *)shared, 4096);
}

enum { SHOTS = 200 };
static volatile uint32_t *target;
static uint32_t turn, seen_old, seen_new;
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;

static void take_turn(uint32_t n)
{
	pthread_mutex_lock(&turn_lock);
	while (turn != n)
		pthread_cond_wait(&turn_changed, &turn_lock);
	pthread_mutex_unlock(&turn_lock);
}

static void end_turn(void)
{
	pthread_mutex_lock(&turn_lock);
	turn++;
	pthread_cond_broadcast(&turn_changed);
	pthread_mutex_unlock(&turn_lock);
}

static void *look(void *unused)
{
	for (uint32_t i = 0; i < SHOTS; i++) {
		take_turn(4 * i + 1);
		seen_new += *target;
		end_turn();
		take_turn(4 * i + 3);
		seen_old += *target;
		end_turn();
	}
	return NULL;
}

/* What one thread takes away, another does not see any more. */
static void shoot(void)
{
	pthread_t other;

	target = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pthread_create(&other, NULL, look, NULL)) {
		printf("no thread\n");
		return;
	}
	for (uint32_t i = 0; i < SHOTS; i++) {
		take_turn(4 * i);
		*target = i;
		end_turn();
		take_turn(4 * i + 2);
		madvise((void *)target, 4096, MADV_DONTNEED);
		end_turn();
	}
	pthread_join(other, NULL);
	printf("shoot %u %u\n", seen_new, seen_old);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sysconf(_SC_PAGESIZE) != 4096) {
		printf("work: pages are not of 4096 bytes\n");
		return 1;
	}
	arithmetic();
	sort();
	forks();
	pipes();
	send_signals();
	storm();
	contend();
	shoot();
	printf("work: done\n");
	return 0;
}
