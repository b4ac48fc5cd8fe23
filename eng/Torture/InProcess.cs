using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Torture;

/// <summary>What the runtime does with a document before it makes anything, without starting a program for each.</summary>
internal static class InProcess
{
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(5);

    /// <summary>Tries a document.</summary>
    /// <returns><c>read</c>, <c>planned</c>, <c>refused: …</c>, or what went wrong.</returns>
    public static string Try(byte[] document, bool process, string id)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        string answer;
        try
        {
            answer = process ? TryProcess(document) : TrySpec(document, id);
        }
        catch (Exception refused) when (refused is SpecFormatException or ContainerException or LinuxException)
        {
            answer = refused.Message.Length > 0 ? $"refused: {refused.Message}" : "refused without a reason";
        }
        catch (Exception broken)
        {
            answer = $"broken: {broken}";
        }
        TimeSpan took = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        return took > s_slow ? $"slow, {took.TotalSeconds:f1} s: {answer}" : answer;
    }

    private static string TryProcess(byte[] document)
    {
        SpecValidator.ValidateProcess(SpecReader.ReadProcess(document));
        return "read";
    }

    private static string TrySpec(byte[] document, string id)
    {
        Spec spec = SpecReader.Read(document);
        SpecValidator.Validate(spec);
        byte[]? filter = SeccompPlan.Compile(spec.Linux!.Seccomp, out uint flags);
        _ = CgroupPlan.SettingsOf(spec.Linux.Resources, bestEffort: false); // ignored: what matters is that it does not break
        PlanInputs inputs = new()
        {
            Spec = spec,
            Id = id,
            RootPath = $"{Sandbox.Bundle}/{spec.Root!.Path}",
            Bundle = Sandbox.Bundle,
            Line = 1000, // never used: nothing is cloned here
            Cgroups = new CgroupMountSource(false, [("cpu,cpuacct", ["cpu", "cpuacct"], "/sys/fs/cgroup/cpu")], true),
            SeccompProgram = filter,
            SeccompFlags = flags,
            MakeIdMap = (_, _) => FileIo.Open(Sys.AT_FDCWD, "/proc/self/ns/user", O.RDONLY), // the kernel refuses it: nothing is cloned here
        };
        if (ClonesToPlan(spec))
            return "read"; // planned by the runtime itself, in its share of the documents
        using ContainerPlanner planner = new(inputs);
        using InitPlanBlock block = planner.Build();
        return "planned";
    }

    // An id mapping is made by a child, and a program with many managed threads must not clone one.
    private static bool ClonesToPlan(Spec spec)
    {
        foreach (Mount mount in spec.Mounts ?? [])
        {
            if (mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 } || (mount.Options ?? []).Exists(option => option.Contains("idmap", StringComparison.Ordinal)))
                return true;
        }
        return false;
    }
}
