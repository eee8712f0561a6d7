using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>The messages of the actor framework itself. Numbers up to <see cref="LastNumber"/> are reserved for them.</summary>
internal static class CoreMessages
{
    /// <summary>The highest number that an application's message may not have.</summary>
    public const int LastNumber = 99;

    /// <summary>The number of a value of a user's type, written as a graph of objects.</summary>
    public const int UserObject = 5;

    /// <summary>The framework's own message types.</summary>
    public static MessageRegistry Registry { get; } = new MessageRegistry().Add<RpcEndpointRef>(6).Add<CheckExistence>(10);
}

/// <summary>Asked of <c>endpoint-verifier</c> by <see cref="RpcEnv.SetupEndpointRefAsync"/>; answered by whether an endpoint of this name is registered.</summary>
internal sealed record CheckExistence(string Name);
