namespace Rundlet.Engine.State;

/// <summary>A volume is claimed: whoever meets this waits, or repairs what a killed owner left; never seen outside of the engine.</summary>
internal sealed class BusyVolume(VolumeRecord volume) : Exception
{
    public VolumeRecord Volume => volume;
}
