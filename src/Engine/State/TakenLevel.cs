namespace Rundlet.Engine.State;

/// <summary>Another container has the SELinux categories that were drawn for a new one: draw again. Never seen outside of the engine.</summary>
internal sealed class TakenLevel : Exception;
