/*
 * Preloaded into a child process, it watches one directory so that the power can be cut under native code too:
 * LevelDB and libuv alike. What power-cut.ts does with it stands there. Linux and glibc only.
 *
 * With AQUIFER_POWER_SHADOW it keeps, beside the directory, what a power cut would leave for sure:
 *
 *   log          a line per change of names (create, mkdir, rename, unlink, rmdir), per syncdir, sync and cut
 *   synced/<id>  the bytes of file <id> as of its last fsync or fdatasync
 *   live/<id>    a hard link to the file itself: what the page cache holds, even after an unlink
 *
 * fsync and fdatasync then copy what changed and do not wait for the disk. Which bytes changed is known from the
 * calls that write, and from growth: stdio writes from within glibc, where no preload sees it, but only appends.
 * A write to a file opened with O_DSYNC is a write and then a sync.
 *
 * AQUIFER_POWER_COUNT names the kinds of calls that are counted, in AQUIFER_POWER_CALLS, a file of 8 bytes.
 * Before call AQUIFER_POWER_KILL_AT of them the process is killed; call AQUIFER_POWER_FAIL_AT fails with
 * AQUIFER_POWER_ERRNO. A sync that fails loses its pages as on Linux: they count as clean from then on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#undef fwrite_unlocked
#undef fflush_unlocked

#define REAL(name)                          \
  ({                                        \
    static __typeof__(&name) found;         \
    if (found == NULL) found = real(#name); \
    found;                                  \
  })
#define BUCKETS 4096
#define RANGES_MAX 256

enum kind { SYNC = 1, RENAME = 2, UNLINK = 4, WRITE = 8, TRUNCATE = 16, CREATE = 32, MKDIR = 64 };

struct range {
  off_t start, end;
};

/* A file with a name in the directory, now or at the last sync of that name's directory. */
struct file {
  struct file *next;
  dev_t dev;
  ino_t ino;
  unsigned id;
  off_t synced_size, smallest_size;
  struct range changed[RANGES_MAX];
  int changed_count;
  char *unlinked_in;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct file *files[BUCKETS];
static unsigned next_id = 1;
static char root[PATH_MAX];
static size_t root_length;
static char shadow[PATH_MAX];
static int log_fd = -1;
static uint64_t *calls, own_calls;
static uint64_t kill_at, fail_at;
static int fail_errno = EIO, counted;

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

static void die(const char *what) {
  fprintf(stderr, "power-shim: %s: %s\n", what, strerror(errno));
  kill(getpid(), SIGKILL);
}

static int kinds_named(const char *names) {
  static const char *const known[] = {"sync", "rename", "unlink", "write", "truncate", "create", "mkdir"};
  int kinds = 0;
  for (unsigned n = 0; n < sizeof known / sizeof *known; n++)
    if (names != NULL && strstr(names, known[n]) != NULL) kinds |= 1 << n;
  return kinds;
}

static const char *shadow_path(char *path, const char *room, unsigned id) {
  snprintf(path, PATH_MAX, "%s/%s/%u", shadow, room, id);
  return path;
}

static struct file **slot_of(dev_t dev, ino_t ino) {
  struct file **slot = &files[ino % BUCKETS];
  while (*slot != NULL && ((*slot)->ino != ino || (*slot)->dev != dev)) slot = &(*slot)->next;
  return slot;
}

static struct file *find(int fd) {
  struct stat found;
  if (log_fd < 0 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return NULL;
  return *slot_of(found.st_dev, found.st_ino);
}

static struct file *add(const struct stat *found, unsigned id) {
  struct file **slot = slot_of(found->st_dev, found->st_ino);
  if (*slot == NULL) *slot = calloc(1, sizeof **slot);
  free((*slot)->unlinked_in);
  struct file *next = (*slot)->next;
  **slot = (struct file){.next = next, .dev = found->st_dev, .ino = found->st_ino, .id = id};
  (*slot)->smallest_size = INT64_MAX;
  return *slot;
}

static void tell(const char *format, ...) {
  char line[2 * PATH_MAX + 64];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (log_fd >= 0 && REAL(write)(log_fd, line, length) != length) die("log");
}

/* The path within the directory, "." for itself, or NULL for what lies elsewhere. */
static const char *within(int at, const char *path, char *buffer) {
  char full[PATH_MAX], parent[PATH_MAX];
  if (root_length == 0 || path == NULL) return NULL;
  if (path[0] == '/' || at == AT_FDCWD) {
    snprintf(full, sizeof full, "%s", path);
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, full, sizeof full - 1);
    if (length < 0) return NULL;
    snprintf(full + length, sizeof full - length, "/%s", path);
  }
  size_t length = strlen(full);
  while (length > 1 && full[length - 1] == '/') full[--length] = 0;
  char *slash = strrchr(full, '/');
  if (slash != NULL) *slash = 0;
  if (realpath(slash == NULL ? "." : slash == full ? "/" : full, parent) == NULL) return NULL;
  snprintf(buffer, PATH_MAX, "%s/%s", parent, slash == NULL ? full : slash + 1);
  if (strncmp(buffer, root, root_length) != 0) return NULL;
  if (buffer[root_length] == 0) return ".";
  return buffer[root_length] == '/' ? buffer + root_length + 1 : NULL;
}

static const char *within_fd(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, PATH_MAX - 1);
  if (root_length == 0 || length < 0) return NULL;
  buffer[length] = 0;
  if (strncmp(buffer, root, root_length) != 0) return NULL;
  if (buffer[root_length] == 0) return ".";
  return buffer[root_length] == '/' ? buffer + root_length + 1 : NULL;
}

/* Counts a call on something within the directory. True when it is the one that fails. */
static int struck(enum kind kind) {
  if ((counted & kind) == 0) return 0;
  uint64_t call = __atomic_add_fetch(calls, 1, __ATOMIC_SEQ_CST);
  if (call == kill_at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  if (call != fail_at) return 0;
  errno = fail_errno;
  return 1;
}

static void changed(struct file *file, off_t start, off_t end) {
  if (file == NULL || end <= start) return;
  for (int n = 0; n < file->changed_count; n++) {
    struct range *range = &file->changed[n];
    if (start > range->end || end < range->start) continue;
    if (start < range->start) range->start = start;
    if (end > range->end) range->end = end;
    return;
  }
  if (file->changed_count == RANGES_MAX) {
    struct range *hull = &file->changed[0];
    for (int n = 1; n < RANGES_MAX; n++) {
      if (file->changed[n].start < hull->start) hull->start = file->changed[n].start;
      if (file->changed[n].end > hull->end) hull->end = file->changed[n].end;
    }
    file->changed_count = 1;
    changed(file, start, end);
    return;
  }
  file->changed[file->changed_count++] = (struct range){start, end};
}

#define AT_POSITION -1

/* Told after the write: told before it, a sync in between would call the bytes clean. */
static ssize_t wrote(int fd, off_t start, ssize_t length) {
  int saved = errno;
  pthread_mutex_lock(&lock);
  struct file *file = length > 0 ? find(fd) : NULL;
  if (file != NULL && start == AT_POSITION) start = lseek(fd, 0, SEEK_CUR) - length;
  changed(file, start, start + length);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return length;
}

static void copy_range(int from, int to, off_t start, off_t end) {
  static char buffer[1 << 20];
  while (start < end) {
    off_t data = lseek(from, start, SEEK_DATA); /* Space that was only reserved is not copied. */
    if (data < 0 || data >= end) return;
    start = data;
    size_t length = end - start < (off_t)sizeof buffer ? (size_t)(end - start) : sizeof buffer;
    ssize_t got = pread(from, buffer, length, start);
    if (got < 0) die("read live");
    if (got == 0) return;
    if (REAL(pwrite)(to, buffer, got, start) != got) die("write synced");
    start += got;
  }
}

static void forget_changes(struct file *file, off_t size) {
  file->changed_count = 0;
  file->synced_size = size;
  file->smallest_size = INT64_MAX;
}

static void sync_file(struct file *file) {
  char path[PATH_MAX];
  struct stat now;
  int from = REAL(open)(shadow_path(path, "live", file->id), O_RDONLY | O_CLOEXEC);
  int to = REAL(open)(shadow_path(path, "synced", file->id), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (from < 0 || to < 0 || fstat(from, &now) != 0) die("sync");
  off_t grown_from = file->synced_size < file->smallest_size ? file->synced_size : file->smallest_size;
  if (file->smallest_size < file->synced_size && REAL(ftruncate)(to, file->smallest_size) != 0) die("cut synced");
  for (int n = 0; n < file->changed_count; n++) copy_range(from, to, file->changed[n].start, file->changed[n].end);
  copy_range(from, to, grown_from, now.st_size);
  if (REAL(ftruncate)(to, now.st_size) != 0) die("size synced");
  forget_changes(file, now.st_size);
  tell("sync\t%u\n", file->id);
  close(from);
  close(to);
}

/* A removal that is durable: nobody will ask for the file again. */
static void drop_unlinked(const char *directory) {
  char path[PATH_MAX];
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    for (struct file **slot = &files[bucket]; *slot != NULL;) {
      struct file *file = *slot;
      if (file->unlinked_in == NULL || strcmp(file->unlinked_in, directory) != 0) {
        slot = &file->next;
        continue;
      }
      *slot = file->next;
      REAL(unlink)(shadow_path(path, "live", file->id));
      REAL(unlink)(shadow_path(path, "synced", file->id));
      free(file->unlinked_in);
      free(file);
    }
  }
}

static int sync_any(int fd, int (*sync)(int)) {
  char buffer[PATH_MAX];
  struct stat now;
  const char *path = within_fd(fd, buffer);
  if (path == NULL || fstat(fd, &now) != 0) return sync(fd);
  int fails = struck(SYNC), saved = errno;
  if (log_fd < 0) return fails ? -1 : sync(fd);
  pthread_mutex_lock(&lock);
  struct file *file = find(fd);
  if (S_ISDIR(now.st_mode) && !fails) {
    tell("syncdir\t%s\n", path);
    drop_unlinked(path);
  } else if (file != NULL && !fails) {
    sync_file(file);
  } else if (file != NULL) {
    off_t size = now.st_size;
    forget_changes(file, size);
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
  return fails ? -1 : 0;
}

int fsync(int fd) { return sync_any(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_any(fd, REAL(fdatasync)); }

/* A file opened so is synced by each of its writes, which fails where the sync does. */
static ssize_t synced_through(int fd, ssize_t length) {
  int saved = errno, flags = length > 0 ? fcntl(fd, F_GETFL) : -1;
  errno = saved;
  return flags != -1 && (flags & O_DSYNC) != 0 && fdatasync(fd) != 0 ? -1 : length;
}

static void cut(struct file *file, off_t size) {
  if (size < file->smallest_size) file->smallest_size = size;
  tell("cut\t%u\t%lld\n", file->id, (long long)size);
}

/* After an open or fopen that may have made or emptied the file. */
static void opened(int fd, const char *path, int existed, int emptied) {
  char live[PATH_MAX], full[PATH_MAX];
  struct stat now;
  if (log_fd < 0 || fd < 0 || fstat(fd, &now) != 0 || !S_ISREG(now.st_mode)) return;
  struct file *file = find(fd);
  if (existed) {
    if (file != NULL && emptied) cut(file, 0);
    return;
  }
  file = add(&now, next_id++);
  snprintf(full, sizeof full, "%s/%s", root, path);
  if (link(full, shadow_path(live, "live", file->id)) != 0) die("link");
  tell("create\t%u\t%s\n", file->id, path);
}

static int open_any(int at, const char *name, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  struct stat before;
  const char *path = (flags & (O_CREAT | O_TRUNC)) != 0 ? within(at, name, buffer) : NULL;
  if (path == NULL) return REAL(openat)(at, name, flags, mode);
  pthread_mutex_lock(&lock);
  int existed = fstatat(at, name, &before, 0) == 0;
  int fd = !existed && struck(CREATE) ? -1 : REAL(openat)(at, name, flags, mode);
  int saved = errno;
  opened(fd, path, existed, (flags & O_TRUNC) != 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return fd;
}

#define OPEN(flags)                                                          \
  mode_t mode = 0;                                                           \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {          \
    va_list arguments;                                                       \
    va_start(arguments, flags);                                              \
    mode = va_arg(arguments, mode_t);                                        \
    va_end(arguments);                                                       \
  }
int open(const char *path, int flags, ...) {
  OPEN(flags)
  return open_any(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  OPEN(flags)
  return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int at, const char *path, int flags, ...) {
  OPEN(flags)
  return open_any(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  OPEN(flags)
  return open_any(at, path, flags | O_LARGEFILE, mode);
}

FILE *fopen(const char *name, const char *mode) {
  char buffer[PATH_MAX];
  struct stat before;
  const char *path = mode[0] == 'r' ? NULL : within(AT_FDCWD, name, buffer);
  if (path == NULL) return REAL(fopen)(name, mode);
  pthread_mutex_lock(&lock);
  int existed = stat(name, &before) == 0;
  FILE *file = !existed && struck(CREATE) ? NULL : REAL(fopen)(name, mode);
  int saved = errno;
  if (file != NULL) opened(fileno(file), path, existed, mode[0] == 'w');
  pthread_mutex_unlock(&lock);
  errno = saved;
  return file;
}
FILE *fopen64(const char *name, const char *mode) { return fopen(name, mode); }

static int write_fails(int fd) {
  char buffer[PATH_MAX];
  return (counted & WRITE) != 0 && within_fd(fd, buffer) != NULL && struck(WRITE);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  if (write_fails(fd)) return -1;
  return synced_through(fd, wrote(fd, offset, REAL(pwrite)(fd, bytes, length, offset)));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite(fd, bytes, length, offset);
}
ssize_t pwritev(int fd, const struct iovec *buffers, int count, off_t offset) {
  if (write_fails(fd)) return -1;
  return synced_through(fd, wrote(fd, offset, REAL(pwritev)(fd, buffers, count, offset)));
}
ssize_t pwritev64(int fd, const struct iovec *buffers, int count, off_t offset) {
  return pwritev(fd, buffers, count, offset);
}
ssize_t write(int fd, const void *bytes, size_t length) {
  if (write_fails(fd)) return -1;
  return synced_through(fd, wrote(fd, AT_POSITION, REAL(write)(fd, bytes, length)));
}
ssize_t writev(int fd, const struct iovec *buffers, int count) {
  if (write_fails(fd)) return -1;
  return synced_through(fd, wrote(fd, AT_POSITION, REAL(writev)(fd, buffers, count)));
}
size_t fwrite_unlocked(const void *bytes, size_t size, size_t count, FILE *file) {
  return write_fails(fileno(file)) ? 0 : REAL(fwrite_unlocked)(bytes, size, count, file);
}
int fflush_unlocked(FILE *file) {
  return file != NULL && write_fails(fileno(file)) ? EOF : REAL(fflush_unlocked)(file);
}

int ftruncate(int fd, off_t size) {
  char buffer[PATH_MAX];
  if (within_fd(fd, buffer) == NULL) return REAL(ftruncate)(fd, size);
  if (struck(TRUNCATE)) return -1;
  pthread_mutex_lock(&lock);
  int done = REAL(ftruncate)(fd, size), saved = errno;
  struct file *file = done == 0 ? find(fd) : NULL;
  if (file != NULL) cut(file, size);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

/* The file that this call leaves without a name. */
static void unnamed(const struct stat *before, const char *path) {
  struct file *file = *slot_of(before->st_dev, before->st_ino);
  if (file == NULL || log_fd < 0) return;
  file->unlinked_in = strdup(path);
  char *slash = strrchr(file->unlinked_in, '/');
  if (slash != NULL) *slash = 0;
  else strcpy(file->unlinked_in, ".");
}

static int rename_any(int from_at, const char *from, int to_at, const char *to) {
  char from_buffer[PATH_MAX], to_buffer[PATH_MAX];
  struct stat before, replaced;
  const char *from_path = within(from_at, from, from_buffer), *to_path = within(to_at, to, to_buffer);
  if (from_path == NULL && to_path == NULL) return REAL(renameat)(from_at, from, to_at, to);
  if (from_path == NULL || to_path == NULL) die("rename into or out of the watched directory");
  if (struck(RENAME)) return -1;
  pthread_mutex_lock(&lock);
  int replaces = fstatat(to_at, to, &replaced, AT_SYMLINK_NOFOLLOW) == 0;
  int is_same = replaces && fstatat(from_at, from, &before, AT_SYMLINK_NOFOLLOW) == 0 && before.st_ino == replaced.st_ino;
  int done = REAL(renameat)(from_at, from, to_at, to), saved = errno;
  if (done == 0 && !is_same) {
    tell("rename\t%s\t%s\n", from_path, to_path);
    if (replaces) unnamed(&replaced, to_path);
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}
int rename(const char *from, const char *to) { return rename_any(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int from_at, const char *from, int to_at, const char *to) {
  return rename_any(from_at, from, to_at, to);
}

static int unlink_any(int at, const char *name, int flags) {
  char buffer[PATH_MAX];
  struct stat before;
  const char *path = within(at, name, buffer);
  if (path == NULL) return REAL(unlinkat)(at, name, flags);
  if (struck(UNLINK)) return -1;
  pthread_mutex_lock(&lock);
  int known = fstatat(at, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
  int done = REAL(unlinkat)(at, name, flags), saved = errno;
  if (done == 0) {
    tell("%s\t%s\n", (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", path);
    if (known) unnamed(&before, path);
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}
int unlink(const char *path) { return unlink_any(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlink_any(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int at, const char *path, int flags) { return unlink_any(at, path, flags); }
int remove(const char *path) {
  struct stat now;
  int is_directory = lstat(path, &now) == 0 && S_ISDIR(now.st_mode);
  return unlink_any(AT_FDCWD, path, is_directory ? AT_REMOVEDIR : 0);
}

static int mkdir_any(int at, const char *name, mode_t mode) {
  char buffer[PATH_MAX];
  const char *path = within(at, name, buffer);
  if (path == NULL) return REAL(mkdirat)(at, name, mode);
  if (struck(MKDIR)) return -1;
  pthread_mutex_lock(&lock);
  int done = REAL(mkdirat)(at, name, mode), saved = errno;
  if (done == 0) tell("mkdir\t%s\n", path);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}
int mkdir(const char *path, mode_t mode) { return mkdir_any(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return mkdir_any(at, path, mode); }

/* The files that are there, all of them synced: a line each of id, tab, path within the directory. */
static void read_initial(void) {
  char path[PATH_MAX], line[PATH_MAX + 32], full[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/initial", shadow);
  FILE *list = REAL(fopen)(path, "r");
  if (list == NULL) die("initial");
  while (fgets(line, sizeof line, list) != NULL) {
    struct stat now;
    char *tab = strchr(line, '\t');
    line[strcspn(line, "\n")] = 0;
    snprintf(full, sizeof full, "%s/%s", root, tab + 1);
    if (stat(full, &now) != 0) die(full);
    struct file *file = add(&now, strtoul(line, NULL, 10));
    file->synced_size = now.st_size;
    if (file->id >= next_id) next_id = file->id + 1;
  }
  fclose(list);
}

__attribute__((constructor)) static void begin(void) {
  const char *directory = getenv("AQUIFER_POWER_ROOT"), *shadow_name = getenv("AQUIFER_POWER_SHADOW");
  const char *counter = getenv("AQUIFER_POWER_CALLS"), *value;
  calls = &own_calls;
  if (directory == NULL || realpath(directory, root) == NULL) return;
  if ((value = getenv("AQUIFER_POWER_KILL_AT")) != NULL) kill_at = strtoull(value, NULL, 10);
  if ((value = getenv("AQUIFER_POWER_FAIL_AT")) != NULL) fail_at = strtoull(value, NULL, 10);
  if ((value = getenv("AQUIFER_POWER_ERRNO")) != NULL) fail_errno = atoi(value);
  counted = kinds_named(getenv("AQUIFER_POWER_COUNT"));
  if (counter != NULL) {
    int fd = REAL(open)(counter, O_RDWR | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || mapped == MAP_FAILED) die(counter);
    calls = mapped;
    close(fd);
  }
  if (shadow_name != NULL) {
    char path[PATH_MAX + 8];
    if (realpath(shadow_name, shadow) == NULL) die(shadow_name);
    read_initial();
    snprintf(path, sizeof path, "%s/log", shadow);
    log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) die(path);
  }
  root_length = strlen(root);
  unsetenv("LD_PRELOAD"); /* Processes that this one starts are not watched. */
}
