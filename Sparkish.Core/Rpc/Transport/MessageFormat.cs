using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// A message as bytes: its number in the registry, then what its codec writes. Number 0 is null. It knows the framework's own messages besides those of
/// the registry, and values of users' types where the context admits some. For envs on other transports; safe for all threads.
/// </summary>
public sealed class MessageFormat
{
    private readonly MessageRegistry _messages;

    /// <summary>Makes the format of one env.</summary>
    /// <param name="messages">The messages that may cross the wire, beside the framework's own.</param>
    /// <exception cref="ArgumentException">A message has a number that the framework reserves.</exception>
    public MessageFormat(MessageRegistry messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        _messages = messages;
        var reserved = messages.Types.FirstOrDefault(type => type.Id <= CoreMessages.LastNumber && !CoreMessages.Registry.TryGet(type.Type, out _));
        if (reserved is not null)
            throw new ArgumentException(
                $"Message number {reserved.Id} of {reserved.Type} is reserved; number messages from {CoreMessages.LastNumber + 1} on.", nameof(messages));
    }

    /// <summary>Writes a message.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="message">The message, or null for the reply null.</param>
    /// <param name="context">The values that may be sent to this receiver.</param>
    /// <exception cref="SerializationException">The message may not cross the wire, or holds something that cannot be written.</exception>
    public void Write(ByteWriter writer, object? message, SerializationContext context)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(context);
        if (message is null)
        {
            writer.WriteCount(0);
            return;
        }

        var outer = writer.Context;
        try
        {
            writer.Context = context;
            WriteKnown(writer, message, context);
        }
        finally
        {
            // The writer outlives the message, and must not keep an application that is unloaded.
            writer.Context = outer;
        }
    }

    /// <summary>Reads a message of any sender; the reader's context says which env its refs belong to, and which types of users are admitted.</summary>
    /// <exception cref="SerializationException">The bytes are not a message that this node knows and admits.</exception>
    public object? Read(ref ByteReader reader) => Read(ref reader, Senders.Anyone);

    /// <summary>Reads a message; the reader's context says which env its refs belong to, and which types of users are admitted.</summary>
    /// <param name="reader">Stands before the message.</param>
    /// <param name="sender">What the peer is that sent it (<see cref="RpcPeer.Senders"/>).</param>
    /// <exception cref="MessageRefusedException">A peer of this kind may not send it; nothing of it was read.</exception>
    /// <exception cref="SerializationException">The bytes are not a message that this node knows and admits.</exception>
    public object? Read(ref ByteReader reader, Senders sender) => Read(ref reader, sender, typeof(object));

    /// <summary>Reads a message; a value of a user's type must be of the expected one, or nothing of it is made.</summary>
    internal object? Read(ref ByteReader reader, Senders sender, Type expected)
    {
        var id = reader.ReadCount(0);
        if (id == 0) return null;
        if (id == CoreMessages.UserObject)
        {
            if (reader.Context?.Types is null) throw new SerializationException("A value of a user's type came from a peer, but this node accepts none.");
            return ObjectSerializer.ReadRoot(ref reader, expected);
        }

        if (_messages.TryGet(id, out var type) || CoreMessages.Registry.TryGet(id, out type))
            return (type.Senders & sender) != Senders.None ? type.Read(ref reader) : throw new MessageRefusedException(type, sender);
        throw new SerializationException($"Message number {id} is not in this node's MessageRegistry; both sides need the same messages.");
    }

    private void WriteKnown(ByteWriter writer, object message, SerializationContext context)
    {
        var type = message is RpcEndpointRef ? typeof(RpcEndpointRef) : message.GetType();
        if (_messages.TryGet(type, out var known) || CoreMessages.Registry.TryGet(type, out known))
        {
            writer.WriteCount(known.Id);
            known.Write(writer, message);
        }
        else if (context.Types is not null || type.IsCollectible) // what can be collected came with a deployment
        {
            writer.WriteCount(CoreMessages.UserObject);
            ObjectSerializer.Write(writer, message);
        }
        else
        {
            throw new SerializationException(
                $"{type} may not cross the wire: it has no number in the MessageRegistry; add it there under the same number on both sides.");
        }
    }
}
