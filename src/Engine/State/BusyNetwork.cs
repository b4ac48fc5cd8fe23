namespace Rundlet.Engine.State;

/// <summary>A network is claimed: whoever meets this waits, or repairs what a killed owner left; never seen outside of the engine.</summary>
internal sealed class BusyNetwork(NetworkRecord network) : Exception
{
    public NetworkRecord Network => network;
}
