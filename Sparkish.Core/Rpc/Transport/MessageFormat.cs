using Sparkish.Rpc.Local;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The encoding of messages: the number in the registry, then the output of its codec. Number 0 is null. It covers the framework's own messages besides those
/// of the registry, and values of user types if the context admits some. For envs on other transports; thread-safe.
/// </summary>
public sealed class MessageFormat
{
    private readonly MessageRegistry _messages;

    /// <summary>Creates the format of one env.</summary>
    /// <param name="messages">The messages that may cross the wire, besides the framework's own.</param>
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
    /// <param name="writer">The destination of the bytes.</param>
    /// <param name="message">The message, or null for the reply null.</param>
    /// <param name="context">The types and limits of values that may be sent to this receiver.</param>
    /// <exception cref="SerializationException">The message may not cross the wire, or contains a value that cannot be written.</exception>
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
            // The writer outlives the message, and must not keep an unloaded application.
            writer.Context = outer;
        }
    }

    /// <summary>Reads a message of any sender; the reader's context gives the env of its refs, and the admitted user types.</summary>
    /// <exception cref="SerializationException">The bytes are not a message that this node knows and admits.</exception>
    public object? Read(ref ByteReader reader) => Read(ref reader, Senders.Anyone);

    /// <summary>Reads a message; the reader's context gives the env of its refs, and the admitted user types.</summary>
    /// <param name="reader">Positioned at the message.</param>
    /// <param name="sender">The kind of its sender (<see cref="RpcPeer.Senders"/>).</param>
    /// <exception cref="MessageRefusedException">A peer of this kind may not send it; nothing of it was read.</exception>
    /// <exception cref="SerializationException">The bytes are not a message that this node knows and admits.</exception>
    public object? Read(ref ByteReader reader, Senders sender) => Read(ref reader, sender, null);

    /// <summary>Reads a message, or the reply to an ask; then a value of a user type must be of the expected one, or none of it is created.</summary>
    internal object? Read(ref ByteReader reader, Senders sender, PendingAsk? ask)
    {
        var id = reader.ReadCount(0);
        if (id == 0) return null;
        if (id == CoreMessages.UserObject)
        {
            if (reader.Context?.Types is null) throw new SerializationException("A peer sent a value of a user type, but this node accepts none.");
            return ObjectSerializer.ReadRoot(ref reader, ask?.ReplyType ?? typeof(object));
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
        else if (context.Types is not null || type.IsCollectible) // collectible types belong to a deployment
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
