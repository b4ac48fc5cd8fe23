using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Http;

/// <summary>
/// What a <c>certs.d</c> folder says of a host: <c>HOST[:PORT]/*.crt</c> are authorities to trust besides the system's, <c>NAME.cert</c>
/// with <c>NAME.key</c> is what to show when the registry asks who we are. PEM, as Docker has it.
/// </summary>
internal sealed class HostCertificates
{
    private HostCertificates(X509Certificate2Collection authorities, X509Certificate2Collection clients)
    {
        Authorities = authorities;
        Clients = clients;
    }

    /// <summary>Authorities to trust besides the system's.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>Certificates with their keys.</summary>
    public X509Certificate2Collection Clients { get; }

    /// <summary>Reads the folders of a host; of those that exist all count.</summary>
    /// <param name="folders">Folders such as <c>/etc/rundlet/certs.d</c>.</param>
    /// <param name="names">The host's names there: with and without the port where it is the usual one.</param>
    /// <exception cref="ContainerException">InvalidArgument: a file does not hold what its name says.</exception>
    public static HostCertificates Read(IReadOnlyList<string> folders, IReadOnlyList<string> names)
    {
        var found = new HostCertificates([], []);
        foreach (string folder in folders)
        {
            foreach (string name in names)
            {
                string place = $"{folder}/{name}";
                if (Directory.Exists(place))
                    found.Add(place);
            }
        }
        return found;
    }

    private void Add(string folder)
    {
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                if (path.EndsWith(".crt", StringComparison.Ordinal))
                    Authorities.ImportFromPemFile(path);
                else if (path.EndsWith(".cert", StringComparison.Ordinal))
                    Clients.Add(ReadClient(path));
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot use certificate '{path}'") { Hint = "it must be PEM, and readable" };
            }
        }
    }

    private static X509Certificate2 ReadClient(string path)
    {
        string key = Path.ChangeExtension(path, ".key");
        return File.Exists(key)
            ? X509Certificate2.CreateFromPemFile(path, key)
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"certificate '{path}' has no key") { Hint = $"its key belongs at '{key}'" };
    }
}
