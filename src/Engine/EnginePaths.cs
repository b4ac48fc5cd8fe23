using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine;

/// <summary>Where everything lies. Two engines with different roots know nothing of each other.</summary>
/// <param name="Root">What survives a reboot: images, containers, the state file.</param>
/// <param name="RunRoot">What does not: sockets, pids, reservations.</param>
public sealed record EnginePaths(string Root, string RunRoot)
{
    /// <summary>The usual places.</summary>
    public static EnginePaths Default { get; } = new("/var/lib/rundlet", "/run/rundlet");

    /// <summary>The SQLite file.</summary>
    public string StateFile => $"{Root}/state.db";

    /// <summary>The event log.</summary>
    public string EventFile => $"{Root}/events/{EventLog.FileName}";

    /// <summary>The folder of all containers.</summary>
    public string Containers => $"{Root}/containers";

    /// <summary>The folder of all live containers.</summary>
    public string LiveContainers => $"{RunRoot}/containers";

    /// <summary>Where networks keep their reservations.</summary>
    public string Networks => $"{RunRoot}/networks";

    /// <summary>Where one network keeps them.</summary>
    public string Network(string libraryId) => $"{Networks}/{libraryId}";

    /// <summary>The folder of all volumes.</summary>
    public string Volumes => $"{Root}/volumes";

    /// <summary>The folder of all secrets.</summary>
    public string Secrets => $"{Root}/secrets";

    /// <summary>A container's folder: spec, logs, writable layer.</summary>
    public string Container(string id) => $"{Containers}/{id}";

    /// <summary>A container's folder for the time it runs: socket, state, exit record.</summary>
    public string Live(string id) => $"{LiveContainers}/{id}";

    /// <summary>A volume's folder.</summary>
    public string Volume(string name) => $"{Volumes}/{name}";

    /// <summary>What containers see of a volume.</summary>
    public string VolumeData(string name) => $"{Volumes}/{name}/_data";
}
