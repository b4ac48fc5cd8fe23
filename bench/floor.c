/*
 * The floor: the system calls that any container start must make, and nothing else. No configuration is read, no error is
 * explained, no memory is allocated; what a runtime costs beyond this program is its own.
 *
 *   floor ROOTFS [PROGRAM]   runs PROGRAM (default /bin/true) and exits with its code
 *
 * Everything bench/start asks of the runtimes by config.json is done here: six namespaces, a bind-mounted root,
 * proc, /dev with six nodes and its links, devpts, shm, mqueue, sysfs, cgroup, masked and read-only paths, pivot_root, a read-only
 * root, memory, pids and cpu limits in every mounted hierarchy, no_new_privs, fourteen capabilities, a seccomp filter.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(call) do { if ((call) < 0) fail(#call); } while (0)

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* ---- cgroups: one folder in every mounted hierarchy ---- */

#define MAX_HIERARCHIES 16

static struct { char path[256]; int v2; char controllers[260]; } hierarchy[MAX_HIERARCHIES];
static int hierarchies;

static void find_hierarchies(void)
{
	static char text[65536];
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;
	CHECK(fd);
	while (length < sizeof text - 1 && (n = read(fd, text + length, sizeof text - 1 - length)) > 0)
		length += n;
	text[length] = 0;
	close(fd);
	for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char target[200], type[32], options[256];
		char *tail = strstr(line, " - ");
		if (!tail || sscanf(line, "%*s %*s %*s %*s %199s", target) != 1 || sscanf(tail, " - %31s %*s %255s", type, options) != 2)
			continue;
		int v2 = !strcmp(type, "cgroup2");
		if ((!v2 && strcmp(type, "cgroup")) || hierarchies == MAX_HIERARCHIES)
			continue;
		snprintf(hierarchy[hierarchies].path, sizeof hierarchy[0].path, "%s/floor-%d", target, getpid());
		snprintf(hierarchy[hierarchies].controllers, sizeof hierarchy[0].controllers, ",%s,", options);
		hierarchy[hierarchies++].v2 = v2;
	}
}

/* A file that the hierarchy does not have is a controller that it does not have. */
static void put(const char *folder, const char *file, const char *value)
{
	char path[320];
	snprintf(path, sizeof path, "%s/%s", folder, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT)
			fail(path);
		return;
	}
	if (write(fd, value, strlen(value)) < 0)
		fail(path);
	close(fd);
}

static int has(int i, const char *controller)
{
	return strstr(hierarchy[i].controllers, controller) != NULL;
}

static void copy_from_parent(const char *folder, const char *file)
{
	char path[320], value[64];
	snprintf(path, sizeof path, "%s/../%s", folder, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd);
	ssize_t n = read(fd, value, sizeof value - 1);
	close(fd);
	value[n > 0 ? n : 0] = 0;
	put(folder, file, value);
}

static void make_cgroups(void)
{
	for (int i = 0; i < hierarchies; i++) {
		const char *path = hierarchy[i].path;
		/* On a host with version 2 only, the root hands its controllers down first. */
		if (hierarchy[i].v2 && hierarchies == 1) {
			char parent[sizeof hierarchy[i].path];
			memcpy(parent, path, sizeof parent);
			*strrchr(parent, '/') = 0;
			put(parent, "cgroup.subtree_control", "+cpu +memory +pids");
		}
		CHECK(mkdir(path, 0755));
		if (hierarchy[i].v2) {
			put(path, "memory.max", "134217728");
			put(path, "pids.max", "100");
			put(path, "cpu.weight", "20");
			put(path, "cpu.max", "50000 100000");
		} else if (has(i, ",memory,")) {
			put(path, "memory.limit_in_bytes", "134217728");
		} else if (has(i, ",pids,")) {
			put(path, "pids.max", "100");
		} else if (has(i, ",cpuset,")) {
			copy_from_parent(path, "cpuset.cpus");
			copy_from_parent(path, "cpuset.mems");
		}
		if (!hierarchy[i].v2 && has(i, ",cpu,")) {
			put(path, "cpu.shares", "512");
			put(path, "cpu.cfs_period_us", "100000");
			put(path, "cpu.cfs_quota_us", "50000");
		}
	}
}

static void join_cgroups(pid_t child)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", child);
	for (int i = 0; i < hierarchies; i++)
		put(hierarchy[i].path, "cgroup.procs", pid);
}

static void remove_cgroups(void)
{
	for (int i = 0; i < hierarchies; i++)
		while (rmdir(hierarchy[i].path) < 0)
			if (errno != EBUSY)
				fail(hierarchy[i].path);
}

/* ---- the root file system ---- */

static void folder_mount(const char *type, const char *target, unsigned long flags, const char *data)
{
	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		fail(target);
	if (mount(type, target, type, flags, data) < 0)
		fail(target);
}

static void make_dev(void)
{
	static const struct { const char *name; int major, minor; } nodes[] = {
		{ "dev/null", 1, 3 }, { "dev/zero", 1, 5 }, { "dev/full", 1, 7 }, { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
	};
	static const char *links[][2] = {
		{ "pts/ptmx", "dev/ptmx" }, { "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" }, { "/proc/kcore", "dev/core" },
	};
	folder_mount("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
	folder_mount("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
	folder_mount("tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k");
	folder_mount("mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		CHECK(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		CHECK(symlink(links[i][0], links[i][1]));
}

static void make_cgroup_mount(void)
{
	const unsigned long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY;
	if (hierarchies == 1 && hierarchy[0].v2) {
		CHECK(mount("cgroup", "sys/fs/cgroup", "cgroup2", flags, NULL));
		return;
	}
	CHECK(mount("tmpfs", "sys/fs/cgroup", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=755"));
	for (int i = 0; i < hierarchies; i++) {
		char target[320], host[sizeof hierarchy[i].path];
		memcpy(host, hierarchy[i].path, sizeof host);
		*strrchr(host, '/') = 0;
		snprintf(target, sizeof target, "sys/fs/cgroup/%s", strrchr(host, '/') + 1);
		CHECK(mkdir(target, 0755));
		CHECK(mount(hierarchy[i].path, target, NULL, MS_BIND, NULL));
		CHECK(mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | flags, NULL));
	}
	CHECK(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | flags, NULL));
}

/* Docker's lists. What this kernel does not have needs no cover. */
static void cover_paths(void)
{
	static const char *masked[] = {
		"proc/acpi", "proc/asound", "proc/interrupts", "proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list",
		"proc/timer_stats", "proc/sched_debug", "proc/scsi", "sys/firmware", "sys/devices/virtual/powercap",
	};
	static const char *readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger" };
	for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
		if (mount("dev/null", masked[i], NULL, MS_BIND, NULL) == 0 || errno == ENOENT)
			continue;
		if (errno != ENOTDIR || mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1") < 0)
			fail(masked[i]);
	}
	for (size_t i = 0; i < sizeof readonly / sizeof *readonly; i++) {
		if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) < 0) {
			if (errno == ENOENT)
				continue;
			fail(readonly[i]);
		}
		CHECK(mount(NULL, readonly[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL));
	}
}

static void make_root(const char *rootfs)
{
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
	CHECK(chdir(rootfs));
	folder_mount("proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
	folder_mount("sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL);
	make_dev();
	make_cgroup_mount();
	cover_paths();
	CHECK(syscall(SYS_pivot_root, ".", "."));
	CHECK(umount2(".", MNT_DETACH));
	CHECK(chdir("/"));
	CHECK(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
}

/* ---- privileges ---- */

static void drop_capabilities(void)
{
	/* chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap */
	const unsigned int keep = 0xa80425fb;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { keep, keep, 0 }, { 0, 0, 0 } };
	for (int cap = 0; cap <= 63; cap++)
		if ((cap > 31 || !(keep >> cap & 1)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL)
			fail("PR_CAPBSET_DROP");
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	CHECK(syscall(SYS_capset, &header, data));
}

/* As long and as deep as the usual profile: an architecture check, then one comparison per system call that is allowed. */
static void load_seccomp(void)
{
	static const int refused[] = {
		SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_mount,
		SYS_umount2, SYS_pivot_root, SYS_setns, SYS_unshare, SYS_bpf, SYS_perf_event_open, SYS_ptrace, SYS_acct,
	};
	enum { CALLS = 300 };
	static struct sock_filter code[CALLS + 8];
	int n = 0;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
#if defined(__x86_64__)
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
#else
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_AARCH64, 1, 0);
#endif
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int call = 0; call < CALLS / 2; call++) {
		int allowed = 1;
		for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
			allowed &= refused[i] != call;
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
	}
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALLS / 2, 0, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	struct sock_fprog program = { n, code };
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

int main(int argc, char **argv)
{
	int go[2], status;
	char byte = 0;
	char *arguments[] = { argc > 2 ? argv[2] : "/bin/true", NULL };
	char *environment[] = { "PATH=/bin", NULL };
	if (argc < 2) {
		fprintf(stderr, "usage: floor ROOTFS [PROGRAM]\n");
		return 2;
	}
	find_hierarchies();
	CHECK(pipe2(go, O_CLOEXEC));
	/* The cgroup namespace is left to the child: its root is the cgroup of that moment. */
	struct clone_args how = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};
	pid_t child = syscall(SYS_clone3, &how, sizeof how);
	CHECK(child);
	if (child == 0) {
		CHECK(read(go[0], &byte, 1));
		CHECK(unshare(CLONE_NEWCGROUP));
		CHECK(sethostname("floor", 5));
		make_root(argv[1]);
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		drop_capabilities();
		load_seccomp();
		execve(arguments[0], arguments, environment);
		fail(arguments[0]);
	}
	make_cgroups();
	join_cgroups(child);
	CHECK(write(go[1], &byte, 1));
	CHECK(waitpid(child, &status, 0));
	remove_cgroups();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
