#pragma warning disable MA0048 // a command on its way through the endpoint stands with the batch
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>A message that waits to be handled, and the question that it was, if it was one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WaitingCommand(object Message, RpcCallContext? Call);

/// <summary>A command that was handled: what is left to do once its events are safe, or the error that its handler ended with.</summary>
/// <param name="Call">The question that it was.</param>
/// <param name="Effect">What its handler returned.</param>
/// <param name="Payloads">Its events as the journal keeps them.</param>
/// <param name="State">The state that it has led to.</param>
/// <param name="Error">What its handler threw.</param>
internal sealed record HandledCommand<TState, TEvent>(
    RpcCallContext? Call, Effect<TState, TEvent> Effect, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, TState State, Exception? Error) where TEvent : notnull
{
    public long Bytes { get; } = Payloads.Sum(static payload => (long)payload.Length);
}

/// <summary>Commands whose events are written at once, in their order.</summary>
internal sealed class CommandBatch<TState, TEvent>(int maxEvents) where TEvent : notnull
{
    // More than that costs the store as much in two pieces as in one.
    private const long EnoughBytes = 1 << 20;

    private readonly List<ReadOnlyMemory<byte>> _payloads = [];
    private long _bytes;

    public List<HandledCommand<TState, TEvent>> Commands { get; } = [];

    public IReadOnlyList<ReadOnlyMemory<byte>> Payloads => _payloads;

    /// <summary>Whether another command may be handled for it: nothing comes behind one that stops the endpoint.</summary>
    public bool IsOpen => _payloads.Count < maxEvents && _bytes < EnoughBytes && Commands is not [.., { Effect.Stops: true }];

    /// <summary>Adds a command unless its events have no room beside those that are there.</summary>
    public bool TryAdd(HandledCommand<TState, TEvent> command)
    {
        if (_payloads.Count > 0 && (_payloads.Count + command.Payloads.Count > maxEvents || _bytes + command.Bytes > IJournal.MaxBatchBytes)) return false;
        Commands.Add(command);
        _payloads.AddRange(command.Payloads);
        _bytes += command.Bytes;
        return true;
    }
}
