using System.Runtime.CompilerServices;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// Containers whose creator has left become children of this process, which collects them only when a test says so: every
/// test runs beside a parent that reaps late.
/// </summary>
internal static class Orphans
{
    [ModuleInitializer]
    internal static void Adopt() => LinuxException.ThrowIfError(Sys.prctl(PR.SET_CHILD_SUBREAPER, 1), "become a subreaper");
}
