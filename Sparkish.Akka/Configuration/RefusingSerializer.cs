using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote ends an association for any other one

namespace Sparkish.Akka.Configuration;

/// <summary>Stands where Akka has its JSON serializer, which makes objects of the types that a peer names.</summary>
internal sealed class RefusingSerializer : Serializer
{
    private const string Refusal = "This actor system reads and writes no objects of arbitrary types: Sparkish's messages have numbers.";

    /// <summary>As Akka makes a serializer that has settings.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config config) : base(system) => _ = config;

    public override int Identifier => 1; // of the one that it replaces

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SurvivedException(Refusal);

    public override object FromBinary(byte[] bytes, Type type) => throw new SurvivedException(Refusal);
}
