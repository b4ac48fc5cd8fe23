namespace Rundlet.Runtime;

/// <summary>The session keyring of a container, session-keyring(7).</summary>
public static class SessionKeyring
{
    /// <summary>Its name, as runc has it.</summary>
    public static string NameOf(string id) => $"_ses.{id}";
}
