using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <content>Reads the journal, and saves snapshots so that the next recovery is short.</content>
public abstract partial class EventSourcedEndpoint<TState, TEvent>
{
    private StoredDefinitions _definitions = StoredDefinitions.Empty;
    private long _sequence;
    private long _snapshotSequence;
    private bool _isSaving;

    private void Recover()
    {
        _phase = Phase.Recovering;
        try
        {
            if (_options.SnapshotEvery > 0) _ = _stateType.Definition; // a state that cannot be saved is found out here
            BeginReplay();
        }
        catch (Exception error)
        {
            Log.RecoveryFailed(error, Self.Name, _options.Journal);
            Fail(error);
        }
    }

    private void BeginReplay()
    {
        _context = new RpcSerializationContext(Env) { RefusesGraphs = true };
        _session = new JournalSession(Self, _options.Store, _options.Journal, _options.Epoch, Log);
        var session = _session;
        var initial = InitialState;
        var replay = new Replay<TState, TEvent>(_options.Events, _stateType, Apply, _context);
        PipeToSelf(
            session.ReplayAsync((journal, stopping) => replay.RunAsync(journal, initial, stopping)),
            replayed => new Recovered(session, replayed),
            error => new RecoveryFailed(session, error));
    }

    private void OnRecovered(Recovered message)
    {
        var replayed = message.Replayed;
        (_state, _definitions, _sequence) = (replayed.State, replayed.Definitions, replayed.Sequence);
        (_handledState, _snapshotSequence) = (_state, replayed.Sequence - replayed.Events);
        Log.Recovered(Self.Name, _options.Journal, replayed.Events, replayed.Sequence, Epoch);
        _phase = Phase.Ready;
        try
        {
            OnRecovered(_state);
        }
        finally
        {
            HandleWaiting();
        }
    }

    private void OnRecoveryFailed(RecoveryFailed message)
    {
        Log.RecoveryFailed(message.Error, Self.Name, _options.Journal);
        Fail(message.Error);
    }

    private void SaveSnapshotIfDue()
    {
        if (_options.SnapshotEvery == 0 || _isSaving || _sequence - _snapshotSequence < _options.SnapshotEvery || _phase >= Phase.Stopping) return;
        _isSaving = true;
        _snapshotSequence = _sequence;
        var (session, state, definitions, context) = (Session, _state, _definitions, _context);
        PipeToSelf(
            session.SaveSnapshotAsync(_sequence, _options.RetainedEvents, () => Compose(state, definitions, context)),
            sequence => new SnapshotSaved(session, sequence),
            error => new SnapshotFailed(session, error));
    }

    private byte[] Compose(TState state, StoredDefinitions definitions, SerializationContext? context)
    {
        var writer = new ByteWriter { Context = context };
        new SnapshotHead(definitions, _stateType.Definition).Write(writer);
        _stateType.Write(writer, state);
        return writer.ToArray();
    }

    private void OnSnapshotSaved(SnapshotSaved message)
    {
        _isSaving = false;
        Log.SnapshotSaved(Self.Name, _options.Journal, message.Sequence);
    }

    // The events are durable without a snapshot; only a fenced writer must stop.
    private void OnSnapshotFailed(SnapshotFailed message)
    {
        _isSaving = false;
        if (message.Error is StaleEpochException)
        {
            Log.TakenOver(message.Error, Self.Name, _options.Journal);
            Fail(message.Error);
        }
        else
        {
            Log.SnapshotFailed(message.Error, Self.Name, _options.Journal, _options.SnapshotEvery);
        }
    }
}
