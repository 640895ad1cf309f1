/* What a process of the site is told by the system while there is chaos. Preloaded (LD_PRELOAD), so that it holds for
 * Python, SQLite and every library alike, needs no root, and is nowhere in the site's own code.
 *
 * CHAOS_CONTROL names a file that all processes map: how far the clock is from the right one, and whether the disk is
 * full. Full is only what lies in CHAOS_FULL. CHAOS_HOST is the name of the machine that a process believes to be on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t shift; /* seconds */
    volatile int64_t full;
};

static struct control calm;
static struct control *control = &calm;
static char folder[4096];

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CHAOS_CONTROL"), *full = getenv("CHAOS_FULL");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED) return;
    if (full) snprintf(folder, sizeof folder, "%s/", full);
    control = mapped;
}

/* ---- the clock */

int clock_gettime(clockid_t id, struct timespec *time) {
    int failed = syscall(SYS_clock_gettime, id, time);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) time->tv_sec += control->shift;
    return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}

/* ---- the name of the machine */

int gethostname(char *name, size_t size) {
    static int (*real)(char *, size_t);
    const char *host = getenv("CHAOS_HOST");
    if (host) return snprintf(name, size, "%s", host), 0;
    if (!real) real = dlsym(RTLD_NEXT, "gethostname");
    return real(name, size);
}

/* ---- the disk */

static int is_full(int file) {
    char link[32], path[4096];
    struct stat status;
    if (!control->full || !*folder || fstat(file, &status) || !S_ISREG(status.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder))) return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t write(int file, const void *data, size_t size) {
    return is_full(file) ? -1 : syscall(SYS_write, file, data, size);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t place) {
    return is_full(file) ? -1 : syscall(SYS_pwrite64, file, data, size, place);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t place) { return pwrite(file, data, size, place); }

ssize_t writev(int file, const struct iovec *parts, int count) {
    return is_full(file) ? -1 : syscall(SYS_writev, file, parts, count);
}

ssize_t sendfile(int file, int source, off_t *place, size_t size) {
    return is_full(file) ? -1 : syscall(SYS_sendfile, file, source, place, size);
}

ssize_t sendfile64(int file, int source, off64_t *place, size_t size) { return sendfile(file, source, place, size); }

ssize_t copy_file_range(int source, off64_t *from, int file, off64_t *to, size_t size, unsigned flags) {
    return is_full(file) ? -1 : syscall(SYS_copy_file_range, source, from, file, to, size, flags);
}

int ftruncate(int file, off_t size) {
    struct stat status;
    if (!fstat(file, &status) && size > status.st_size && is_full(file)) return -1;
    return syscall(SYS_ftruncate, file, size);
}

int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

int posix_fallocate(int file, off_t place, off_t size) {
    if (is_full(file)) return ENOSPC;
    return syscall(SYS_fallocate, file, 0, place, size) ? errno : 0;
}

int posix_fallocate64(int file, off64_t place, off64_t size) { return posix_fallocate(file, place, size); }

int statvfs(const char *restrict path, struct statvfs *restrict found) {
    static int (*real)(const char *, struct statvfs *);
    char resolved[PATH_MAX];
    if (!real) real = dlsym(RTLD_NEXT, "statvfs");
    int failed = real(path, found);
    if (!failed && control->full && *folder && realpath(path, resolved)
        && !strncmp(resolved, folder, strlen(folder) - 1))
        found->f_bavail = found->f_bfree = 0;
    return failed;
}

int statvfs64(const char *restrict path, struct statvfs64 *restrict found) {
    return statvfs(path, (struct statvfs *)found);
}
