#pragma warning disable MA0048 // an envelope and what kinds there are stand together
namespace Sparkish.Rpc.Local;

/// <summary>What an envelope asks of its endpoint.</summary>
internal enum EnvelopeKind : byte
{
    Start,
    Send,
    Ask,
    Connected,
    Disconnected,
    NetworkError,
    Stop,
}

/// <summary>One entry of an inbox and the link to the next one; belongs to one inbox only.</summary>
internal sealed class Envelope(EnvelopeKind kind, object? message, object? extra = null)
{
    public Envelope? Next;

    public EnvelopeKind Kind { get; } = kind;

    /// <summary>The message, or the error of <see cref="EnvelopeKind.NetworkError"/>.</summary>
    public object? Message { get; private set; } = message;

    /// <summary>The <see cref="CallContext"/> of an ask, or the boxed address of a network event.</summary>
    public object? Extra { get; private set; } = extra;

    /// <summary>Lets go of the content: a handled envelope stays in the queue as its head until the next one is taken.</summary>
    public void Clear() => Message = Extra = null;
}
