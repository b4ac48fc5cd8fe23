/*
 * The life of a container as an engine leads it: create, start, kill, delete, each a program of its own.
 *
 *   cycle RUNTIME BUNDLE ID
 *
 * Small and static, so that what is measured is the runtime. It adopts the container's process, as an engine's monitor does.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;

static int run(char *const words[])
{
	pid_t pid;
	int status;
	int error = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);

	if (error) {
		fprintf(stderr, "cycle: %s: %s\n", words[0], strerror(error));
		return 1;
	}
	if (waitpid(pid, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "cycle: %s %s failed\n", words[0], words[1]);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: cycle RUNTIME BUNDLE ID\n");
		return 2;
	}
	char *runtime = argv[1], *bundle = argv[2], *id = argv[3];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (run((char *[]) { runtime, "create", "--bundle", bundle, id, NULL }))
		return 1;
	int failed = run((char *[]) { runtime, "start", id, NULL });
	failed |= run((char *[]) { runtime, "kill", id, "KILL", NULL });
	failed |= run((char *[]) { runtime, "delete", "--force", id, NULL });
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return failed;
}
