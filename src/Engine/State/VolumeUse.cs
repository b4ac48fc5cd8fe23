namespace Rundlet.Engine.State;

/// <summary>A volume that a container wants.</summary>
/// <param name="Volume">The volume; its row is made when there is none.</param>
/// <param name="IsAnonymous">Whether the container did not ask for it by name, so that it may go with the container.</param>
public sealed record VolumeUse(VolumeRecord Volume, bool IsAnonymous);
