using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs update</c>.</summary>
internal sealed class UpdateCommand : Command
{
    public override string Name => "update";

    public override string Usage => "ID";

    public override string Summary => "change the limits of a container";

    public override IReadOnlyList<Option> Options =>
    [
        new("resources", 'r', "FILE|-", "limits as JSON, from a file or stdin; the flags below go before it"),
        new("blkio-weight", null, "N", "block io weight, 10 to 1000"),
        new("cpu-period", null, "MICROSECONDS", "length of a cpu period"),
        new("cpu-quota", null, "MICROSECONDS", "cpu time in each period; -1 for no limit"),
        new("cpu-burst", null, "MICROSECONDS", "quota that may be saved up"),
        new("cpu-share", null, "N", "cpu shares, 2 to 262144"),
        new("cpu-rt-period", null, "MICROSECONDS", "length of a realtime period"),
        new("cpu-rt-runtime", null, "MICROSECONDS", "realtime cpu time in each period"),
        new("cpuset-cpus", null, "LIST", "cpus to run on: 0-3,7"),
        new("cpuset-mems", null, "LIST", "memory nodes to use"),
        new("cpu-idle", null, "0|1", "run only when nothing else does"),
        new("memory", null, "BYTES", "memory limit; K, M, G may follow; -1 for none"),
        new("memory-reservation", null, "BYTES", "memory to keep when the machine runs short"),
        new("memory-swap", null, "BYTES", "limit of memory and swap together; -1 for none"),
        new("kernel-memory", null, "BYTES", "accepted; the kernel has given it up"),
        new("kernel-memory-tcp", null, "BYTES", "limit of tcp buffers; cgroup v1 only"),
        new("pids-limit", null, "N", "most tasks; -1 for no limit"),
        new("l3-cache-schema", null, "SCHEMA", "share of the cache: L3:0=f;1=f0"),
        new("mem-bw-schema", null, "SCHEMA", "share of the memory bandwidth: MB:0=20;1=70"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string id = OnlyWord(arguments);
        Resources changes = arguments.Value("resources") is { Length: > 0 } file ? ReadDocument(file) : new Resources();
        UpdateFlags.Apply(arguments, changes);
        UpdateContainer.Run(global.Store, id, changes, ShareOf(arguments));
        return 0;
    }

    private static IntelRdt? ShareOf(Arguments arguments)
    {
        IntelRdt rdt = new() { L3CacheSchema = arguments.Value("l3-cache-schema"), MemBwSchema = arguments.Value("mem-bw-schema") };
        return rdt.L3CacheSchema is { Length: > 0 } || rdt.MemBwSchema is { Length: > 0 } ? rdt : null;
    }

    private static Resources ReadDocument(string file)
    {
        try
        {
            if (file == "-")
                return SpecReader.ReadResources(FileIo.ReadAll(0, "stdin", SpecReader.MaxBytes));
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, file, O.RDONLY);
            return SpecReader.ReadResources(FileIo.ReadAll(fd.Value, file, SpecReader.MaxBytes));
        }
        catch (SpecFormatException wrong)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"resources '{file}'", wrong);
        }
    }
}
