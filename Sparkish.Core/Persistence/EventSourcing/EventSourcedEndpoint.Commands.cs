using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <content>The way of a command: it waits, is handled, its events are written, and its effect runs.</content>
public abstract partial class EventSourcedEndpoint<TState, TEvent>
{
    private readonly Queue<WaitingCommand> _waiting = new();
    private readonly ByteWriter _writer = new();
    private CommandBatch<TState, TEvent>? _batch;
    private HandledCommand<TState, TEvent>? _heldBack;
    private TState _handledState = default!;
    private long _dropped;

    /// <summary>Handles a command at once if none waits before it.</summary>
    private void Take(WaitingCommand command)
    {
        switch (_phase)
        {
            case Phase.Stopping or Phase.Failed: Refuse(command); break;
            case Phase.Ready:
                _waiting.Enqueue(command);
                HandleWaiting();
                break;
            case var _ when _waiting.Count < _options.MaxWaiting || command.Message is EndpointTerminated: _waiting.Enqueue(command); break;
            default: Drop(command); break;
        }
    }

    /// <summary>
    /// Handles waiting commands, each with the state after the previous one. The effects of commands without events run at once if no event precedes them; the
    /// others share one write.
    /// </summary>
    private void HandleWaiting()
    {
        while (_phase == Phase.Ready && (_waiting.Count > 0 || _heldBack is not null))
        {
            var batch = NextBatch();
            if (batch.Payloads.Count == 0) RunEffects(batch);
            else Append(batch);
        }
    }

    private CommandBatch<TState, TEvent> NextBatch()
    {
        var batch = new CommandBatch<TState, TEvent>(_options.MaxBatchEvents);
        if (_heldBack is { } first)
        {
            batch.TryAdd(first);
            _heldBack = null;
        }

        while (batch.IsOpen && _waiting.TryDequeue(out var command))
        {
            var handled = Decide(command);
            if (batch.TryAdd(handled)) continue;
            _heldBack = handled; // it was handled with the state after this batch, and is also the first of the next one
            break;
        }

        return batch;
    }

    private HandledCommand<TState, TEvent> Decide(WaitingCommand command)
    {
        try
        {
            var effect = HandleFrom(
                command.Sender, () => command.Call is { } call ? HandleAndReply(_handledState, command.Message, call) : Handle(_handledState, command.Message));
            if (effect is null)
                throw new InvalidOperationException($"The handler of {command.Message.GetType().Name} returned null: return None if there is nothing to record.");
            var (state, definitions) = (_handledState, _definitions);
            var payloads = new ReadOnlyMemory<byte>[effect.Events.Count];
            for (var i = 0; i < payloads.Length; i++)
            {
                payloads[i] = Write(effect.Events[i], ref definitions);
                state = Apply(state, effect.Events[i]);
            }

            var handled = new HandledCommand<TState, TEvent>(command.Call, effect, payloads, state, Error: null);
            if (handled.Bytes > IJournal.MaxBatchBytes) throw new SerializationException(
                $"The events of a {command.Message.GetType().Name} have {handled.Bytes} bytes but may have {IJournal.MaxBatchBytes}: emit smaller events.");
            (_handledState, _definitions) = (state, definitions);
            return handled;
        }
        catch (Exception error)
        {
            return new HandledCommand<TState, TEvent>(command.Call, None, [], _handledState, error);
        }
    }

    private byte[] Write(TEvent @event, ref StoredDefinitions definitions)
    {
        var type = _options.Events.Of(@event);
        var isKnown = definitions.Contains(type.Definition);
        if (!isKnown) definitions = definitions.With(type.Definition);
        _writer.Clear();
        _writer.Context = _context;
        new EventHead(type.Definition.Number, type.Definition.Fingerprint, isKnown ? null : type.Definition).Write(_writer);
        type.Write(_writer, @event);
        return _writer.ToArray();
    }

    private void Append(CommandBatch<TState, TEvent> batch)
    {
        (_phase, _batch) = (Phase.Appending, batch);
        var session = Session;
        PipeToSelf(session.AppendAsync(batch.Payloads), sequence => new Appended(session, sequence), error => new AppendFailed(session, error));
    }

    private void OnAppended(Appended message)
    {
        var batch = _batch!;
        (_phase, _batch, _sequence) = (Phase.Ready, null, message.Sequence);
        RunEffects(batch);
        ReportDropped();
        SaveSnapshotIfDue();
        HandleWaiting();
    }

    private void OnAppendFailed(AppendFailed message)
    {
        if (message.Error is StaleEpochException) Log.TakenOver(message.Error, Self.Name, _options.Journal);
        else Log.AppendFailed(message.Error, Self.Name, _options.Journal);
        Fail(message.Error);
    }

    private void RunEffects(CommandBatch<TState, TEvent> batch)
    {
        foreach (var command in batch.Commands)
        {
            _state = command.State;
            try
            {
                if (command.Error is { } error) Report(command, error);
                else command.Effect.Run(_state);
            }
            catch (Exception error)
            {
                Report(command, error);
            }

            if (command.Effect.Stops) StopAfterEffect();
        }
    }

    // As with every endpoint the asker is notified first, and then OnError decides how to continue.
    private void Report(HandledCommand<TState, TEvent> command, Exception error)
    {
        TrySendFailure(command.Call, error);
        Env.PostError(Self, error);
    }

    private void StopAfterEffect()
    {
        _phase = Phase.Stopping;
        Stop();
        FailAll(new EndpointNotFoundException(new RpcEndpointAddress(Env.Address, Self.Name)));
    }

    private void Refuse(WaitingCommand command)
    {
        if (command.Call is null) return;
        TrySendFailure(command.Call, _failure ?? new EndpointNotFoundException(new RpcEndpointAddress(Env.Address, Self.Name)));
    }

    private void Drop(WaitingCommand command)
    {
        if (command.Call is not null) TrySendFailure(command.Call, new EndpointBusyException(Self.Name, _waiting.Count));
        else if (++_dropped == 1) Log.CommandDropped(Self.Name, _options.Journal, command.Message.GetType().Name, _waiting.Count);
    }

    private void ReportDropped()
    {
        if (_dropped > 1) Log.CommandsDropped(Self.Name, _options.Journal, _dropped - 1);
        _dropped = 0;
    }

    /// <summary>Fails the asks whose effects have not run.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="ofBatch">The error of commands whose events are being written. Their outcome is unknown, so it must not say that nothing was done.</param>
    private void FailAll(Exception reason, Exception? ofBatch = null)
    {
        foreach (var command in _batch?.Commands ?? []) TrySendFailure(command.Call, ofBatch ?? reason);
        if (_heldBack is { } heldBack) TrySendFailure(heldBack.Call, reason);
        foreach (var command in _waiting) TrySendFailure(command.Call, reason);
        (_batch, _heldBack) = (null, null);
        _waiting.Clear();
    }

    private static void TrySendFailure(RpcCallContext? call, Exception error)
    {
        try
        {
            call?.SendFailure(error);
        }
        catch (InvalidOperationException)
        {
            // The handler or its effect has replied before it threw.
        }
    }
}
