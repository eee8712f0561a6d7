using Akka.Actor;
using Akka.Configuration;
using AkkaSerializer = Akka.Serialization.Serializer;

namespace Sparkish.Akka.Persistence.Configuration;

/// <summary>Stands where Akka has its JSON serializer, which makes objects of the types that a row of a database names.</summary>
internal sealed class NoOtherSerializer : AkkaSerializer
{
    private const string Refusal = "Journals hold Sparkish's own bytes, and no objects of arbitrary types.";

    /// <summary>As Akka makes a serializer that has settings.</summary>
    public NoOtherSerializer(ExtendedActorSystem system, Config config) : base(system) => _ = config;

    public override int Identifier => 1; // of the one that it replaces

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException(Refusal);

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException(Refusal);
}
