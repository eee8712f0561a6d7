namespace Sparkish.Serialization.Messages;

/// <summary>A message came from a peer whose role may not send it. Nothing of it was deserialized.</summary>
public sealed class MessageRefusedException : SparkException
{
    internal MessageRefusedException(MessageType message, Senders sender)
        : base($"{message.Type.Name} (message {message.Id}) is not taken from a peer that is {Describe(sender)}: it is for {Describe(message.Senders)} to send.")
    {
    }

    private static string Describe(Senders senders) => senders == Senders.None ? "nobody" : senders.ToString();
}
