using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>A message as bytes: its number in the registry, then what its codec writes. Number 0 is null.</summary>
internal sealed class MessageFormat
{
    private readonly MessageRegistry _messages;

    public MessageFormat(MessageRegistry messages)
    {
        _messages = messages;
        var reserved = messages.Types.FirstOrDefault(type => type.Id <= CoreMessages.LastNumber && !CoreMessages.Registry.TryGet(type.Type, out _));
        if (reserved is not null)
            throw new ArgumentException($"Message number {reserved.Id} of {reserved.Type} is reserved; number messages from {CoreMessages.LastNumber + 1} on.", nameof(messages));
    }

    public void Write(ByteWriter writer, object? message, SerializationContext context)
    {
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

    public object? Read(ref ByteReader reader)
    {
        var id = reader.ReadCount(0);
        if (id == 0) return null;
        if (id == CoreMessages.UserObject)
        {
            if (reader.Context?.Types is null) throw new SerializationException("A value of a user's type came from a peer, but this node accepts none.");
            return ObjectSerializer.Read(ref reader);
        }

        if (_messages.TryGet(id, out var type) || CoreMessages.Registry.TryGet(id, out type)) return type.Read(ref reader);
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
            throw new SerializationException($"{type} may not cross the wire: it has no number in the MessageRegistry; add it there under the same number on both sides.");
        }
    }
}
