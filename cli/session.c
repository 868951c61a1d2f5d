// SPDX-License-Identifier: BSD-2-Clause
/* Boards that run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/file.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/undo.h"

/* Paths go into messages to QEMU as they are. */
static bool plain(const char *path)
{
	return path[0] == '/' && !strpbrk(path, "\"\\") &&
	       strlen(path) < SESSION_PATH - sizeof("/twofold/4294967295.board");
}

static void directory(char path[SESSION_PATH])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime && plain(runtime))
		snprintf(path, SESSION_PATH, "%s/twofold", runtime);
	else
		snprintf(path, SESSION_PATH, "/tmp/twofold-%u",
			 (unsigned int)getuid());
}

static void file_name(char path[SESSION_PATH], pid_t pid, const char *kind)
{
	directory(path);
	snprintf(path + strlen(path), SESSION_PATH - strlen(path), "/%d.%s",
		 (int)pid, kind);
}

const char *session_monitor(void)
{
	static char path[SESSION_PATH];

	file_name(path, getpid(), "qmp");
	return path;
}

/* Ours, and nobody else looks into it: in /tmp, others may have been first. */
static bool is_private(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == getuid() && !(st.st_mode & 077);
}

static int write_board(const char *path, const struct board *board,
		       u64 ram_size, const char *title, const char *vms)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char *text;
	int n, err;

	if (fd < 0)
		return -errno;
	/* All of the hypervisor's own is in the part at ram_base. */
	if (board->low_memory)
		ram_size = min(ram_size, board->low_memory);
	n = asprintf(&text, "ram-base 0x%llx\nram-size 0x%llx\nimage 0x%llx\nvms %s\ntitle %s\n",
		     board->ram_base, ram_size,
		     board->ram_base + board->image_offset, vms, title);
	err = n < 0 ? -ENOMEM : write_all(fd, text, n);
	if (n >= 0)
		free(text);
	close(fd);
	return err;
}

static const char *cannot(const char *path, const char *why)
{
	fprintf(stderr, "twofold: %s: %s; this run cannot be inspected\n", path,
		why);
	return NULL;
}

const char *session_begin(const struct board *board, u64 ram_size,
			  const char *title, const char *vms)
{
	char path[SESSION_PATH], file[SESSION_PATH];
	int err = -ENOENT;

	directory(path);
	file_name(file, getpid(), "board");
	/* Whoever ends just now may remove the directory. */
	for (int i = 0; i < 8 && err == -ENOENT; i++) {
		if (mkdir(path, 0700) && errno != EEXIST)
			return cannot(path, strerror(errno));
		if (!is_private(path))
			return cannot(path, "is not a directory of yours alone");
		/* Of a process that had this id before. */
		unlink(file);
		unlink(session_monitor());
		err = write_board(file, board, ram_size, title, vms);
	}
	if (err)
		return cannot(file, strerror(-err));
	undo_file(session_monitor());
	undo_file(file);
	undo_directory(path);
	return session_monitor();
}

/* ---- Finding them -------------------------------------------------------- */

/* Is somebody there? Without a word to QEMU. */
static bool listens(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool there;

	if (fd < 0)
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* EAGAIN: others wait for it. */
	there = !connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
		errno == EAGAIN;
	close(fd);
	return there;
}

static u64 number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 0) : 0;
}

/* The rest of the line, or "". */
static void text_after(const char *text, const char *key, char *buf,
		       size_t size)
{
	const char *at = strstr(text, key);

	at = at ? at + strlen(key) : "";
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
}

static bool read_board(pid_t pid, struct session *s)
{
	char path[SESSION_PATH], text[1024] = "";
	int fd;
	ssize_t n;

	*s = (struct session){ .pid = pid };
	file_name(s->monitor, pid, "qmp");
	file_name(s->page, pid, "page");
	file_name(path, pid, "board");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	n = file_read_at(fd, 0, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	s->ram_base = number_after(text, "ram-base ");
	s->ram_size = number_after(text, "ram-size ");
	s->image = number_after(text, "image ");
	text_after(text, "\nvms ", s->vms, sizeof(s->vms));
	text_after(text, "\ntitle ", s->title, sizeof(s->title));
	if (listens(s->monitor))
		return s->ram_size;
	/* It did not end as it should, unless it only just begins. */
	if (kill(pid, 0) && errno == ESRCH) {
		unlink(path);
		unlink(s->monitor);
		unlink(s->page);
	}
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct session *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

int session_list(struct session **list, size_t *count)
{
	char path[SESSION_PATH];
	struct dirent *entry;
	struct session s, *more;
	DIR *dir;

	*list = NULL;
	*count = 0;
	directory(path);
	if (!is_private(path))
		return 0;
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		const char *dot = strchr(entry->d_name, '.');
		pid_t pid = atoi(entry->d_name);

		if (!dot || strcmp(dot, ".board") || pid <= 0 ||
		    !read_board(pid, &s))
			continue;
		more = realloc(*list, (*count + 1) * sizeof(s));
		if (!more) {
			closedir(dir);
			return out_of_memory();
		}
		*list = more;
		more[(*count)++] = s;
	}
	if (dir)
		closedir(dir);
	if (*count)
		qsort(*list, *count, sizeof(s), by_pid);
	return 0;
}
