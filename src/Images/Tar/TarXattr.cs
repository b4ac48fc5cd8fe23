namespace Rundlet.Images.Tar;

/// <summary>An extended attribute: its full name (<c>security.capability</c>) and value, both bytes.</summary>
public readonly record struct TarXattr(byte[] Name, byte[] Value);
