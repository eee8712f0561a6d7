#pragma warning disable MA0048 // a registry and its entries stand together
using System.Diagnostics.CodeAnalysis;

namespace Sparkish.Serialization.Messages;

/// <summary>
/// The message types that may cross the wire, each under a number. No type name is ever taken from the wire: what has no number here is refused.
/// Filled at the start, then only read.
/// </summary>
public sealed class MessageRegistry
{
    private readonly Dictionary<int, MessageType> _byId = [];
    private readonly Dictionary<Type, MessageType> _byType = [];

    /// <summary>A registry with what replies are often made of: null, bool, int, long, string.</summary>
    public MessageRegistry() => Add<bool>(1).Add<int>(2).Add<long>(3).Add<string>(4);

    /// <summary>All registered types in the order of their numbers.</summary>
    public IEnumerable<MessageType> Types => _byId.Values.OrderBy(type => type.Id);

    /// <summary>Registers a type; the codec is made when the first message of it is written or read.</summary>
    /// <exception cref="ArgumentException">The number or the type is taken.</exception>
    public MessageRegistry Add<T>(int id) where T : notnull
    {
        var type = new MessageType<T>(id);
        if (!_byId.TryAdd(id, type)) throw new ArgumentException($"Message number {id} is taken by {_byId[id].Type}.", nameof(id));
        _byType.Add(typeof(T), type);
        return this;
    }

    internal bool TryGet(Type type, [NotNullWhen(true)] out MessageType? message) => _byType.TryGetValue(type, out message);

    internal bool TryGet(int id, [NotNullWhen(true)] out MessageType? message) => _byId.TryGetValue(id, out message);
}

/// <summary>A registered message type.</summary>
public abstract class MessageType
{
    private protected MessageType(int id, Type type)
    {
        Id = id;
        Type = type;
    }

    /// <summary>The number on the wire.</summary>
    public int Id { get; }

    /// <summary>The type.</summary>
    public Type Type { get; }

    internal abstract void Write(ByteWriter writer, object message);

    internal abstract object Read(ref ByteReader reader);
}

internal sealed class MessageType<T>(int id) : MessageType(id, typeof(T)) where T : notnull
{
    private Codec<T>? _codec;

    private Codec<T> Codec => _codec ??= Serialization.Codec.For<T>();

    internal override void Write(ByteWriter writer, object message) => Codec.Write(writer, (T)message);

    internal override object Read(ref ByteReader reader) => Codec.Read(ref reader);
}
