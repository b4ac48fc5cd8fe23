namespace Rundlet.Runtime.Supervision;

/// <summary>Who keeps a container's output.</summary>
public enum LogDriver
{
    /// <summary>Files of ours, one JSON object a line.</summary>
    JsonFile,

    /// <summary>The machine's journal.</summary>
    Journald,
}
