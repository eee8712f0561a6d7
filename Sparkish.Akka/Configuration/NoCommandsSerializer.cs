using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote ends an association for any other one

namespace Sparkish.Akka.Configuration;

/// <summary>
/// Stands where Akka has its serializer of miscellaneous messages: untrusted mode lets in <see cref="Kill"/>, with which a stranger could stop an actor.
/// </summary>
internal sealed class NoCommandsSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly MiscMessageSerializer _akka = new(system);

    public override int Identifier => 16; // of the one that it replaces

    public override string Manifest(object o) => _akka.Manifest(o);

    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, string manifest) =>
        _akka.FromBinary(bytes, manifest) is var message and (Identify or not IAutoReceivedMessage)
        ? message
        : throw new SurvivedException("Another actor system may not stop actors of this one.");
}
