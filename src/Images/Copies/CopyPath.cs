namespace Rundlet.Images.Copies;

/// <summary>Paths as people write them, by words alone.</summary>
public static class CopyPath
{
    /// <summary>An absolute path without <c>.</c>, <c>..</c> and doubled slashes; a relative one is taken from the root, and <c>..</c> there leads to itself.</summary>
    public static string Clean(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }
        return "/" + string.Join('/', parts);
    }

    /// <summary>What a copied file is called: the path's last component; a dot where only the content of a folder counts, as behind <c>/.</c>.</summary>
    public static string NameOf(string path)
    {
        string clean = Clean(path);
        return clean == "/" || path == "." || path.EndsWith("/.", StringComparison.Ordinal) ? "." : clean[(clean.LastIndexOf('/') + 1)..];
    }
}
