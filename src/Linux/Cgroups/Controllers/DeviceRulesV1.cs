namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>
/// Rules as the device controller of v1 can hold them: one default, and exceptions from it that all say the opposite.
/// The kernel takes an exception back only with the numbers it was given, so a rule that cuts a piece out of an
/// earlier wildcard cannot be said; it is refused instead of being lost.
/// </summary>
internal sealed class DeviceRulesV1
{
    private readonly List<DeviceAccessRule> _exceptions = [];

    /// <summary>What happens to a device without an exception.</summary>
    public bool AllowsByDefault { get; private set; }

    /// <summary>The exceptions, in the order of the rules.</summary>
    public IReadOnlyList<DeviceAccessRule> Exceptions => _exceptions;

    /// <summary>Works through rules of which the last that matches decides, starting from "all denied".</summary>
    /// <exception cref="ContainerException">v1 has no way to say it.</exception>
    public static DeviceRulesV1 From(IReadOnlyList<DeviceAccessRule> rules)
    {
        var state = new DeviceRulesV1();
        foreach (DeviceAccessRule rule in rules)
        {
            if (rule.IsForAll)
            {
                state.AllowsByDefault = rule.Allow;
                state._exceptions.Clear();
            }
            else if (rule.Type == DeviceType.Any)
            {
                // The kernel reads "a" as everything, whatever numbers follow.
                state.Add(rule with { Type = DeviceType.Block });
                state.Add(rule with { Type = DeviceType.Character });
            }
            else
            {
                state.Add(rule);
            }
        }
        return state;
    }

    private void Add(DeviceAccessRule rule)
    {
        if (rule.Allow != AllowsByDefault)
        {
            _exceptions.Add(rule);
            return;
        }
        for (int i = _exceptions.Count - 1; i >= 0; i--)
        {
            DeviceAccessRule exception = _exceptions[i];
            if (!Overlap(exception, rule))
                continue;
            if (!Covers(rule, exception))
            {
                throw new ContainerException(
                    ContainerErrorKind.Unsupported,
                    $"device rule '{rule}': cgroup v1 cannot take a part out of the earlier '{exception}'");
            }
            DeviceAccess left = exception.Access & ~rule.Access;
            if (left == DeviceAccess.None)
                _exceptions.RemoveAt(i);
            else
                _exceptions[i] = exception with { Access = left };
        }
    }

    private static bool Overlap(DeviceAccessRule a, DeviceAccessRule b) =>
        a.Type == b.Type && (a.Access & b.Access) != 0 && Meet(a.Major, b.Major) && Meet(a.Minor, b.Minor);

    private static bool Meet(uint? a, uint? b) => a is null || b is null || a == b;

    /// <summary>Whether a rule is about every device that an exception is about.</summary>
    private static bool Covers(DeviceAccessRule rule, DeviceAccessRule exception) =>
        (rule.Major is null || rule.Major == exception.Major) && (rule.Minor is null || rule.Minor == exception.Minor);
}
