using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>How a program ended.</summary>
/// <param name="Status">0, or what <see cref="HookStatus"/> tells.</param>
/// <param name="Failed">The error of the op that kept it from being executed; none where it was.</param>
/// <param name="Step">What that op was to do.</param>
internal readonly record struct ProgramEnd(int Status, Errno Failed, string Step);
