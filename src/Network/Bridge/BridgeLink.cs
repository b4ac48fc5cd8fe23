using System.Net;
using Rundlet.Network.Addresses;

namespace Rundlet.Network.Bridge;

/// <summary>A bridge that is there and up.</summary>
/// <param name="Index">Its interface number.</param>
/// <param name="Subnet">Its subnet.</param>
/// <param name="Gateway">Its address in it.</param>
public sealed record BridgeLink(int Index, Subnet Subnet, IPAddress Gateway);
