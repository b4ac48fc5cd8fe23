using Rundlet.Linux.Cgroups;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Systemd;

/// <summary>systemd, the machine's or a user's own, asked for the scopes of containers: org.freedesktop.systemd1(5).</summary>
public sealed class SystemdManager : IDisposable
{
    private const int WaitMilliseconds = 30_000;
    private const string Destination = "org.freedesktop.systemd1";
    private const string ObjectPath = "/org/freedesktop/systemd1";
    private const string Interface = "org.freedesktop.systemd1.Manager";
    private const string ErrorPrefix = "org.freedesktop.systemd1.";

    private readonly DBusConnection _bus;
    private readonly bool _isBus;
    private int _version;
    private bool _listens;

    private SystemdManager(DBusConnection bus, bool isBus)
    {
        _bus = bus;
        _isBus = isBus;
    }

    /// <summary>Whether it is a user's own manager that serves this process: without root, and in a user namespace.</summary>
    public static bool IsUser => Sys.geteuid() != 0 || !OwnsAllIds();

    /// <summary>Connects.</summary>
    /// <exception cref="ContainerException"><c>Unavailable</c>: there is no systemd to ask.</exception>
    public static SystemdManager Connect()
    {
        List<(string Path, bool IsBus)> places = IsUser ? UserPlaces() : SystemPlaces();
        LinuxException? failure = null;
        foreach ((string path, bool isBus) in places)
        {
            try
            {
                return new SystemdManager(DBusConnection.Open(path, isBus, DBusConnection.After(WaitMilliseconds)), isBus);
            }
            catch (LinuxException refused)
            {
                failure ??= refused;
            }
            catch (DBusErrorException refused)
            {
                throw new ContainerException(ContainerErrorKind.Unavailable, $"connect to systemd: {refused.Message}");
            }
        }
        string whose = IsUser ? "the user's systemd" : "systemd";
        failure ??= new LinuxException(Errno.ENOENT, "look in", "DBUS_SESSION_BUS_ADDRESS and XDG_RUNTIME_DIR");
        throw new ContainerException(ContainerErrorKind.Unavailable, $"connect to {whose}", failure) { Hint = "is systemd the init system here? Without it leave --systemd-cgroup out, or set the engine's cgroup manager to cgroupfs" };
    }

    /// <summary>Where the manager's units are in the cgroup tree: empty for the machine's, else a path.</summary>
    /// <exception cref="ContainerException">It refused.</exception>
    public string ControlGroup() => IsUser ? Property("ControlGroup").TrimEnd('/') : "";

    /// <summary>Makes a scope with one process in it and waits until it is there.</summary>
    /// <param name="unit">The scope.</param>
    /// <param name="id">The container's id, for the description.</param>
    /// <param name="pid">The process.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="isV2">Whether the machine has cgroup2 alone.</param>
    /// <param name="extra">More properties, which win.</param>
    /// <exception cref="ContainerException">It refused, or the job failed.</exception>
    public void StartScope(SystemdUnit unit, string id, int pid, CgroupSettings settings, bool isV2, IReadOnlyList<SystemdProperty> extra)
    {
        List<SystemdProperty> properties =
        [
            new("Description", DBusValue.String($"runcs container {id}")),
            new("Slice", DBusValue.String(unit.Slice)),
            new("Delegate", DBusValue.Boolean(true)),
            new("MemoryAccounting", DBusValue.Boolean(true)),
            new("CPUAccounting", DBusValue.Boolean(true)),
            new(isV2 ? "IOAccounting" : "BlockIOAccounting", DBusValue.Boolean(true)),
            new("TasksAccounting", DBusValue.Boolean(true)),
            new("DefaultDependencies", DBusValue.Boolean(false)),
            new("PIDs", DBusValue.Array("u", [DBusValue.UInt32((uint)pid)])),
            .. SystemdResources.Of(settings, isV2, Version()),
            .. extra,
        ];
        DBusValue[] arguments = [DBusValue.String(unit.Name), DBusValue.String("replace"), SystemdProperty.ArrayOf(properties), DBusValue.Array("(sa(sv))", [])];
        Run($"start scope '{unit.Name}'", unit.Name, () =>
        {
            try
            {
                return Ask("StartTransientUnit", arguments);
            }
            catch (DBusErrorException exists) when (exists.Name == ErrorPrefix + "UnitExists")
            {
                // A scope that failed stays until it is reset; one that runs does not go by this.
                ResetFailed(unit.Name);
                return Ask("StartTransientUnit", arguments);
            }
        });
    }

    /// <summary>Changes limits of a scope.</summary>
    /// <returns>What takes them back.</returns>
    /// <exception cref="ContainerException">It refused.</exception>
    public IReadOnlyList<SystemdProperty> Update(string unit, CgroupSettings settings, CgroupSettings before, bool isV2)
    {
        List<SystemdProperty> properties = SystemdResources.Of(settings, isV2, Version());
        Set(unit, properties);
        return SystemdResources.Undo(properties, SystemdResources.Of(before, isV2, Version()));
    }

    /// <summary>Sets properties of a unit until it ends.</summary>
    /// <exception cref="ContainerException">It refused.</exception>
    public void Set(string unit, IReadOnlyList<SystemdProperty> properties)
    {
        if (properties.Count == 0)
            return;
        Try($"set properties of '{unit}'", () => Ask("SetUnitProperties", DBusValue.String(unit), DBusValue.Boolean(true), SystemdProperty.ArrayOf(properties)));
    }

    /// <summary>Ends a scope, if it is still there, and makes systemd forget it.</summary>
    /// <exception cref="ContainerException">It refused.</exception>
    public void StopScope(string unit)
    {
        Run($"stop scope '{unit}'", unit, () =>
        {
            try
            {
                return Ask("StopUnit", DBusValue.String(unit), DBusValue.String("replace"));
            }
            catch (DBusErrorException gone) when (gone.Name == ErrorPrefix + "NoSuchUnit")
            {
                return null;
            }
        });
        ResetFailed(unit);
    }

    /// <inheritdoc/>
    public void Dispose() => _bus.Dispose();

    /// <summary>Starts a job and waits for its end; jobs of others are passed over.</summary>
    private void Run(string what, string unit, Func<DBusMessage?> start) => Try(what, () =>
    {
        if (_isBus && !_listens)
        {
            _bus.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch",
                [DBusValue.String($"type='signal',sender='{Destination}',path='{ObjectPath}',interface='{Interface}',member='JobRemoved'")], Deadline);
            Ask("Subscribe");
            _listens = true; // a second time is an error
        }
        if (start() is not { } answer)
            return null;
        string job = new DBusReader(answer.Body).Text();
        string result = "";
        _bus.WaitFor(signal => signal.Member == "JobRemoved" && signal.Signature == "uoss" && IsOf(signal, job, out result), Deadline);
        return result is "done" or "skipped" ? answer : throw new ContainerException(ContainerErrorKind.Unavailable, $"{what}: systemd's job for '{unit}' ended as '{result}'");
    });

    private static bool IsOf(DBusMessage signal, string job, out string result)
    {
        var reader = new DBusReader(signal.Body);
        reader.UInt32();
        bool isIt = reader.Text() == job;
        reader.Text();
        result = reader.Text();
        return isIt;
    }

    private void ResetFailed(string unit)
    {
        try
        {
            Ask("ResetFailedUnit", DBusValue.String(unit));
        }
        catch (DBusErrorException notThere)
        {
            _ = notThere; // ignored: nothing had failed, which is the usual case
        }
    }

    /// <summary><c>252</c> of <c>252.39-1~deb12u1</c> or <c>v252</c>; zero when it says something else.</summary>
    private int Version()
    {
        if (_version == 0)
        {
            ReadOnlySpan<char> text = Property("Version").AsSpan().TrimStart('v');
            int end = text.IndexOfAnyExceptInRange('0', '9');
            _ = int.TryParse(end < 0 ? text : text[..end], out _version); // ignored: an unknown version has no new property
        }
        return _version;
    }

    private string Property(string name)
    {
        string value = "";
        Try($"ask systemd for its {name}", () =>
        {
            DBusMessage answer = _bus.Call(Destination, ObjectPath, "org.freedesktop.DBus.Properties", "Get", [DBusValue.String(Interface), DBusValue.String(name)], Deadline);
            value = new DBusReader(answer.Body).Variant().Text;
            return answer;
        });
        return value;
    }

    private static long Deadline => DBusConnection.After(WaitMilliseconds);

    private DBusMessage Ask(string method, params ReadOnlySpan<DBusValue> arguments) => _bus.Call(Destination, ObjectPath, Interface, method, arguments, Deadline);

    private static void Try(string what, Func<DBusMessage?> call)
    {
        try
        {
            _ = call(); // ignored: those who want the answer have taken it
        }
        catch (DBusErrorException refused)
        {
            ContainerErrorKind kind = refused.Name switch
            {
                ErrorPrefix + "UnitExists" => ContainerErrorKind.AlreadyExists,
                ErrorPrefix + "NoSuchUnit" => ContainerErrorKind.NotFound,
                "org.freedesktop.DBus.Error.AccessDenied" or "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" => ContainerErrorKind.PermissionDenied,
                "org.freedesktop.DBus.Error.InvalidArgs" or "org.freedesktop.DBus.Error.PropertyReadOnly" => ContainerErrorKind.InvalidArgument,
                _ => ContainerErrorKind.Unavailable,
            };
            throw new ContainerException(kind, $"{what}: {refused.Message}");
        }
        catch (LinuxException broken)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, what, broken);
        }
    }

    private static bool OwnsAllIds() =>
        FileIo.TryReadText("/proc/self/uid_map") is not { } map || map.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"];

    private static List<(string Path, bool IsBus)> SystemPlaces()
    {
        string bus = PathIn(Environment.GetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS")) ?? "/run/dbus/system_bus_socket";
        return [(bus, true), ("/run/systemd/private", false)];
    }

    private static List<(string Path, bool IsBus)> UserPlaces()
    {
        List<(string, bool)> places = [];
        if (PathIn(Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS")) is { } named)
            places.Add((named, true));
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder)
            places.AddRange([($"{folder}/bus", true), ($"{folder}/systemd/private", false)]);
        return places;
    }

    /// <summary>The socket of the first address in a list that is one of ours: <c>unix:path=/run/bus,guid=…</c>.</summary>
    internal static string? PathIn(string? addresses)
    {
        foreach (string address in (addresses ?? "").Split(';'))
        {
            if (!address.StartsWith("unix:", StringComparison.Ordinal))
                continue;
            foreach (string part in address[5..].Split(','))
            {
                if (part.StartsWith("path=", StringComparison.Ordinal))
                    return Unescape(part[5..]);
                if (part.StartsWith("abstract=", StringComparison.Ordinal))
                    return "@" + Unescape(part[9..]);
            }
        }
        return null;
    }

    /// <summary><c>%2f</c> is a slash.</summary>
    private static string Unescape(string text)
    {
        for (int at = text.IndexOf('%'); at >= 0 && at + 2 < text.Length; at = text.IndexOf('%', at + 1))
        {
            if (byte.TryParse(text.AsSpan(at + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte one))
                text = $"{text[..at]}{(char)one}{text[(at + 3)..]}";
        }
        return text;
    }
}
