#pragma warning disable MA0048 // what is stored, and how Akka stores it
using Akka.Actor;
using Akka.Serialization;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>Bytes in Sparkish's own format: the only payload that a journal gives to Akka, and accepts from it.</summary>
internal sealed class StoredBytes(byte[] bytes)
{
    public byte[] Bytes => bytes;
}

/// <summary>Stores the bytes as they are. No type is named beside them, so nothing in a store decides which type is created.</summary>
internal sealed class StoredBytesSerializer(ExtendedActorSystem system) : Serializer(system)
{
    /// <summary>Its name in the settings of an actor system.</summary>
    public const string Name = "sparkish-journal";

    /// <summary>What the settings of an actor system need for it.</summary>
    public static string Settings { get; } = $$"""
        akka.actor {
          serializers.{{Name}} = "{{NameOf(typeof(StoredBytesSerializer))}}"
          serialization-bindings."{{NameOf(typeof(StoredBytes))}}" = {{Name}}
        }
        """;

    public override int Identifier => 0x5350_4B03;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => ((StoredBytes)obj).Bytes;

    public override object FromBinary(byte[] bytes, Type? type) => new StoredBytes(bytes);

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
