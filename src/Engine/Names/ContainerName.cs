using Rundlet.Linux;

namespace Rundlet.Engine.Names;

/// <summary>Names of containers: the rule for those that people give, and those that we make up.</summary>
public static class ContainerName
{
    private const int MaxLength = 128;

    private static readonly string[] s_moods =
    [
        "amber", "brave", "brisk", "calm", "cedar", "clever", "copper", "cosy", "curious", "daring", "eager", "early", "fabled", "fair", "fleet", "fond",
        "gentle", "golden", "happy", "hardy", "honest", "humble", "icy", "jolly", "keen", "kind", "late", "light", "lively", "loyal", "lucky", "mellow",
        "merry", "mild", "misty", "modest", "neat", "nimble", "noble", "oaken", "patient", "plain", "plucky", "polite", "prime", "proud", "quick", "quiet",
        "rapid", "rare", "ready", "rosy", "royal", "rustic", "salty", "serene", "sharp", "silent", "silver", "sleek", "smooth", "snug", "sober", "solid",
        "spry", "steady", "still", "stout", "sunny", "sure", "swift", "tame", "tender", "tidy", "trim", "true", "trusty", "vivid", "warm", "witty",
    ];

    private static readonly string[] s_things =
    [
        "anchor", "anvil", "apple", "barge", "barrel", "basket", "beacon", "bell", "birch", "boat", "brook", "bucket", "butt", "cabin", "candle", "canoe",
        "cargo", "cask", "chart", "cider", "cove", "crate", "cutter", "delta", "dinghy", "dock", "ferry", "fjord", "flagon", "flask", "galley", "gannet",
        "goblet", "gull", "hamper", "harbour", "hazel", "heron", "hogshead", "hoop", "island", "jar", "jetty", "kayak", "keel", "keg", "kettle", "ladle",
        "lagoon", "lantern", "ledger", "linden", "locker", "lugger", "maple", "mast", "meadow", "mill", "mooring", "mug", "oar", "orchard", "osier", "otter",
        "paddle", "pail", "pier", "pilot", "pipe", "pitcher", "plover", "puffin", "punt", "quay", "raft", "reed", "rigging", "river", "rudder", "sail",
        "schooner", "skiff", "sloop", "spigot", "stave", "stern", "tankard", "teapot", "tern", "tiller", "trawler", "tun", "vat", "vessel", "vine", "wharf",
        "wherry", "willow", "yawl", "yew",
    ];

    /// <summary>How many different names <see cref="MakeUp"/> has without a number.</summary>
    public static int Variety => s_moods.Length * s_things.Length;

    /// <summary>Makes a name up. It may be taken: the caller tries again.</summary>
    /// <param name="attempt">How often it was tried: after a few times a number makes the name longer.</param>
    public static string MakeUp(int attempt)
    {
        string name = $"{s_moods[Random.Shared.Next(s_moods.Length)]}_{s_things[Random.Shared.Next(s_things.Length)]}";
        return attempt < 4 ? name : name + Random.Shared.Next(1_000_000);
    }

    /// <summary>Refuses a name that breaks the rule: letters, digits and <c>_ . -</c>, the first a letter or a digit.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Validate(string name)
    {
        bool valid = name.Length is > 1 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]);
        foreach (char c in name)
            valid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
        if (!valid)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid container name '{name}'") { Hint = $"use 2 to {MaxLength} letters, digits and _ . -, a letter or digit first" };
    }
}
