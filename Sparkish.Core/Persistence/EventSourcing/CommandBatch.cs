#pragma warning disable MA0048 // a handled command belongs to its batch
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>A message that waits to be handled, its call if it was asked, and its sender if it was sent by a peer.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WaitingCommand(object Message, RpcCallContext? Call, RpcPeer? Sender = null);

/// <summary>A handled command: the effects to run once its events are durable, or the exception of its handler.</summary>
/// <param name="Call">The question that it was.</param>
/// <param name="Effect">The effect that its handler returned.</param>
/// <param name="Payloads">Its events in stored form.</param>
/// <param name="State">The state after its events.</param>
/// <param name="Error">The exception of its handler.</param>
internal sealed record HandledCommand<TState, TEvent>(
    RpcCallContext? Call, Effect<TState, TEvent> Effect, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, TState State, Exception? Error) where TEvent : notnull
{
    public long Bytes { get; } = Payloads.Sum(static payload => (long)payload.Length);
}

/// <summary>Commands whose events are written together, in order.</summary>
internal sealed class CommandBatch<TState, TEvent>(int maxEvents) where TEvent : notnull
{
    // Beyond this size, one write costs the store as much as two.
    private const long EnoughBytes = 1 << 20;

    private readonly List<ReadOnlyMemory<byte>> _payloads = [];
    private long _bytes;

    public List<HandledCommand<TState, TEvent>> Commands { get; } = [];

    public IReadOnlyList<ReadOnlyMemory<byte>> Payloads => _payloads;

    /// <summary>Whether another command may be added: none follows one that stops the endpoint.</summary>
    public bool IsOpen => _payloads.Count < maxEvents && _bytes < EnoughBytes && Commands is not [.., { Effect.Stops: true }];

    /// <summary>Adds a command unless its events do not fit into the batch.</summary>
    public bool TryAdd(HandledCommand<TState, TEvent> command)
    {
        if (_payloads.Count > 0 && (_payloads.Count + command.Payloads.Count > maxEvents || _bytes + command.Bytes > IJournal.MaxBatchBytes)) return false;
        Commands.Add(command);
        _payloads.AddRange(command.Payloads);
        _bytes += command.Bytes;
        return true;
    }
}
