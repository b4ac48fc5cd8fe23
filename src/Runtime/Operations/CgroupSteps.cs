namespace Rundlet.Runtime;

/// <summary>How a container's first process comes into its cgroup.</summary>
/// <param name="IsInCgroup">It was born there, and the limits are set.</param>
/// <param name="MovesItself">It moves itself, when the folders are there.</param>
/// <param name="Owner">The user who is to own the cgroup; null for the runtime's.</param>
/// <param name="Scope">The scope that systemd is to make; null for none.</param>
internal readonly record struct CgroupSteps(bool IsInCgroup, bool MovesItself, uint? Owner, SystemdScope? Scope);
