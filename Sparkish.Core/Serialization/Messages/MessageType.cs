#pragma warning disable MA0048 // the typed form is kept with the untyped one
namespace Sparkish.Serialization.Messages;

/// <summary>
/// A registered message type, which writes and reads its messages by their codec: an env puts <see cref="Id"/> before the bytes. Thread-safe.
/// </summary>
public abstract class MessageType
{
    private protected MessageType(int id, Type type, Senders senders)
    {
        Id = id;
        Type = type;
        Senders = senders;
    }

    /// <summary>The number on the wire.</summary>
    public int Id { get; }

    /// <summary>The type.</summary>
    public Type Type { get; }

    /// <summary>The peers that may send it.</summary>
    public Senders Senders { get; }

    /// <summary>Writes a message, without its number.</summary>
    /// <param name="writer">Receives the bytes; its context sets the admitted values.</param>
    /// <param name="message">A message of <see cref="Type"/>.</param>
    /// <exception cref="ArgumentException">The message is of another type.</exception>
    /// <exception cref="SerializationException">The message contains a value that cannot be written.</exception>
    public abstract void Write(ByteWriter writer, object message);

    /// <summary>Reads a message, whose number was read before.</summary>
    /// <param name="reader">Positioned after the number; its context gives the env of refs, and the admitted user types.</param>
    /// <exception cref="SerializationException">The bytes are not a valid message.</exception>
    public abstract object Read(ref ByteReader reader);

    internal static MessageType Make(int id, Type type) =>
        (MessageType)Activator.CreateInstance(typeof(MessageType<>).MakeGenericType(type), id, Senders.Anyone)!;
}

internal sealed class MessageType<T>(int id, Senders senders) : MessageType(id, typeof(T), senders) where T : notnull
{
    private Codec<T>? _codec;

    private Codec<T> Codec => _codec ??= Serialization.Codec.For<T>();

    public override void Write(ByteWriter writer, object message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (message is not T typed)
            throw new ArgumentException($"Message {Id} is a {typeof(T)}, not a {message?.GetType().ToString() ?? "null"}.", nameof(message));
        Codec.Write(writer, typed);
    }

    public override object Read(ref ByteReader reader) =>
        Codec.Read(ref reader) ?? throw new SerializationException($"The input holds null where message {Id}, a {typeof(T)}, is expected.");
}
