using Akka.Actor;
using Akka.Serialization;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote ends an association for any other one

namespace Sparkish.Akka.Configuration;

/// <summary>
/// Stands where Akka has its serializer of system messages: untrusted mode lets in those with which a stranger could suspend or end an actor. Sparkish sends
/// none.
/// </summary>
/// <remarks>
/// What arrives becomes a message that untrusted mode drops. An exception would end the association instead: Akka.Remote survives one in other messages alone.
/// </remarks>
internal sealed class NoSystemMessagesSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 22; // of the one that it replaces

    public override string Manifest(object o) => "";

    public override byte[] ToBinary(object obj) => throw new SurvivedException(
        $"The actor system of an env sends no {obj.GetType().Name}: actors that watch or stop others need one of their own, with AkkaRpcEnv.Over.");

    public override object FromBinary(byte[] bytes, string manifest) => Refused.Instance;

    /// <summary>Untrusted mode drops it for every receiver.</summary>
    private sealed class Refused : IPossiblyHarmful
    {
        public static readonly Refused Instance = new();
    }
}
