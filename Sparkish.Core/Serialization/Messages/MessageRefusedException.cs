namespace Sparkish.Serialization.Messages;

/// <summary>A peer sent a message that its role may not send. Nothing of it was deserialized.</summary>
public sealed class MessageRefusedException : SparkException
{
    internal MessageRefusedException(MessageType message, Senders sender)
        : base($"{message.Type.Name} (message {message.Id}) is not accepted from a peer that is {Describe(sender)}: it may be sent by {Describe(message.Senders)} only.")
    {
    }

    private static string Describe(Senders senders) => senders == Senders.None ? "nobody" : senders.ToString();
}
