using System.Globalization;
using Rundlet.Engine.Secrets;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>A value of <c>--secret</c>: which secret a container gets, and where.</summary>
/// <param name="Source">A secret's name, or the absolute path of a file of the host.</param>
/// <param name="Target">The absolute path in the container.</param>
/// <param name="Uid">Owner there.</param>
/// <param name="Gid">Group there.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record SecretOption(string Source, string Target, uint Uid, uint Gid, uint Mode)
{
    private const string Folder = "/run/secrets/";
    private const uint DefaultMode = 0x124; // 0444, as podman's

    /// <summary>Reads <c>NAME|FILE[,target=PATH][,uid=ID][,gid=ID][,mode=OCTAL]</c>, the first also as <c>source=…</c>. A file's path begins with <c>/</c> or <c>./</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported: it is to be a variable.</exception>
    public static SecretOption Parse(string text)
    {
        string source = "", target = "";
        uint uid = 0, gid = 0, mode = DefaultMode;
        foreach ((int number, string field) in text.Split(',').Index())
        {
            int equals = field.IndexOf('=');
            (string key, string value) = equals < 0 ? ("", field) : (field[..equals], field[(equals + 1)..]);
            switch (key)
            {
                case "" when number == 0: source = value; break;
                case "source" or "src" or "id": source = value; break;
                case "target" or "dst" or "destination": target = value; break;
                case "uid": uid = Id(value, text); break;
                case "gid": gid = Id(value, text); break;
                case "mode": mode = Octal(value, text); break;
                case "type" when value == "mount": break;
                case "type" when value == "env":
                    throw new ContainerException(ContainerErrorKind.Unsupported, $"secret '{text}': variables are seen by inspect and by every process") { Hint = "let the program read the file" };
                default: throw Invalid(text, $"unknown field '{field}'");
            }
        }
        bool isFile = source.StartsWith('/') || source.StartsWith("./", StringComparison.Ordinal) || source.StartsWith("../", StringComparison.Ordinal);
        if (isFile)
            source = Path.GetFullPath(source);
        else
            SecretStore.Validate(source);
        if (target.Length == 0)
            target = Path.GetFileName(source);
        target = Path.GetFullPath(target.StartsWith('/') ? target : Folder + target);
        return target != "/" && !target.Contains('\0') ? new SecretOption(source, target, uid, gid, mode) : throw Invalid(text, "it has no place in the container");
    }

    private static uint Id(string text, string whole) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id != uint.MaxValue ? id : throw Invalid(whole, $"'{text}' is no number of a user or group");

    private static uint Octal(string text, string whole)
    {
        const int MaxDigits = 5;
        if (text.Length is 0 or > MaxDigits || text.AsSpan().ContainsAnyExceptInRange('0', '7') || Convert.ToUInt32(text, 8) > 0x1FF)
            throw Invalid(whole, $"'{text}' are no permissions (0 to 0777)");
        return Convert.ToUInt32(text, 8);
    }

    private static ContainerException Invalid(string text, string problem) => new(ContainerErrorKind.InvalidArgument, $"invalid secret '{text}': {problem}");
}
