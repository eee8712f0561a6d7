namespace Sparkish.Deploy.Master;

/// <content>A new leader takes over the workers and applications of the journal.</content>
internal sealed partial class Master
{
    private Random _random = new(0);
    private long _leader;
    private TimeSpan _recoveryEnds;

    /// <summary>The first step of an instance: whatever the journal says of workers and applications, they have yet to answer this leader.</summary>
    private void OnElected(MasterStep step)
    {
        step.Record(new LeaderElected(_leader, _random.NextInt64(1, long.MaxValue)));
        _recoveryEnds = WorkerSigns.Clock + options.RecoveryTimeout;
        var (epoch, state) = (EpochOf(step), step.State);
        if (state.Status == MasterStatus.Alive)
        {
            step.Then(() => _log.LeadsAtOnce(epoch));
            RequestSchedule(step);
            return;
        }

        step.Then(() => _log.RecoveryStarted(epoch, state.Workers.Count, state.Applications.Count, state.Drivers.Count));
        foreach (var worker in state.Workers.Values) AnnounceTo(step, worker);
        foreach (var app in state.Applications.Values) step.Send(app.Client, new MasterChanged(Self) { Epoch = epoch });
    }

    private void AnnounceTo(MasterStep step, WorkerInfo worker)
    {
        Command(step, worker.Ref, new MasterChanged(Self) { Inquiry = Inquire(step, worker.Id) });
    }

    private void OnWorkerSchedulerStateResponse(MasterStep step, WorkerSchedulerStateResponse m)
    {
        if (FindWorker(step, m.Id, m.Worker, nameof(WorkerSchedulerStateResponse)) is not { } worker) return;
        if (worker.State == WorkerState.Unknown)
        {
            step.Record(new WorkerRecovered(worker.Id));
            step.Then(() => _log.WorkerRecovered(worker.Id, m.Executors.Length, m.Drivers.Length));
        }

        Reconcile(step, worker, m.Inquiry, m.Executors, m.Drivers);
        CompleteRecoveryIfAllAnswered(step);
    }

    private void OnMasterChangeAcknowledged(MasterStep step, MasterChangeAcknowledged m)
    {
        if (!step.State.Applications.TryGetValue(m.App, out var app)) return; // its heartbeat is answered
        if (!IsFrom(app.Peer, Sender))
        {
            Refuse(Sender!, nameof(MasterChangeAcknowledged));
            return;
        }

        ApplicationSigns.Heard(app.Id);
        _secrets[app.Id] = m.Secret;
        if (app.State == ApplicationState.Unknown)
        {
            step.Record(new ApplicationRecovered(app.Id));
            step.Then(() => _log.ApplicationRecovered(app.Id));
        }

        TellMissed(step, app, m.Executors);
        CompleteRecoveryIfAllAnswered(step);
        RequestSchedule(step);
    }

    /// <summary>Reports what the earlier leader may have decided, but not said any more.</summary>
    private static void TellMissed(MasterStep step, ApplicationInfo app, int[] known)
    {
        foreach (var executor in app.Executors.Values.Where(executor => !known.Contains(executor.Number)))
        {
            if (step.State.Workers.TryGetValue(executor.Worker, out var worker))
                step.Send(app.Client, new ExecutorAdded(executor.Number, worker.Id, worker.Ref.Address.ToString(), executor.Cores, executor.MemoryMiB));
        }

        foreach (var number in known.Distinct().Where(number => !app.Executors.ContainsKey(number)))
        {
            var key = new ExecutorKey(app.Id, number);
            var leaving = step.State.Workers.Values.FirstOrDefault(worker => worker.IsDecommissioned && worker.Executors.ContainsKey(key));
            step.Send(app.Client, leaving is null
                ? new ExecutorUpdated(number, ExecutorState.Lost, "it ended while the master changed", null, null)
                : new ExecutorUpdated(number, ExecutorState.Decommissioned, WorkerDecommissionedText, null, leaving.Host));
        }
    }

    private void CompleteRecoveryIfAllAnswered(MasterStep step)
    {
        if (step.State.Status == MasterStatus.Recovering && !step.State.HasUnknown) CompleteRecovery(step);
    }

    private void CompleteRecovery(MasterStep step)
    {
        foreach (var worker in step.State.Workers.Values.Where(worker => worker.State == WorkerState.Unknown))
            RemoveWorker(step, worker, "Not responding for recovery");
        foreach (var app in step.State.ApplicationsInOrder.Where(app => app.State == ApplicationState.Unknown).ToList())
            EndApplication(step, app, ApplicationState.Finished);
        step.Record(new RecoveryCompleted());
        var (epoch, state) = (EpochOf(step), step.State);
        step.Then(() => _log.RecoveryCompleted(epoch, state.Workers.Count, state.Applications.Count, state.Drivers.Count));
        RequestSchedule(step);
    }
}
