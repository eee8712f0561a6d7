using System.Net;
using Akka.Actor;

namespace Sparkish.Akka.Channels;

/// <summary>The address of an actor system at Akka.Remote.</summary>
internal static class SystemAddress
{
    /// <summary>The address by which other systems reach this one.</summary>
    public static Address Of(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    /// <summary>Whether an address leads no further than this machine.</summary>
    public static bool IsLoopback(Address address) => address.Host is null || IsLoopback(address.Host);

    /// <summary>Whether a host is this machine itself.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
