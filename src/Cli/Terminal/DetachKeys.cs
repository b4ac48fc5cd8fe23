namespace Rundlet.Cli.Terminal;

/// <summary>Watches what is typed for ctrl-p ctrl-q. A ctrl-p is held back until the next key says what it was.</summary>
internal sealed class DetachKeys
{
    private const byte ControlP = 0x10;
    private const byte ControlQ = 0x11;
    private bool _held;

    /// <summary>Takes what was typed.</summary>
    /// <param name="typed">The bytes.</param>
    /// <param name="passed">Gets the bytes that are for the program; has one place more than <paramref name="typed"/>.</param>
    /// <param name="length">How many they are.</param>
    /// <returns>Whether the keys were typed; what follows them is dropped.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, Span<byte> passed, out int length)
    {
        length = 0;
        foreach (byte key in typed)
        {
            if (_held && key == ControlQ)
                return true;
            if (_held)
                passed[length++] = ControlP;
            _held = key == ControlP;
            if (!_held)
                passed[length++] = key;
        }
        return false;
    }
}
