namespace Sparkish.Deploy.Worker;

/// <content>Reports changes to the master. An end is reported until a leader has taken it, over any change of leaders.</content>
internal sealed partial class Worker
{
    private static readonly TimeSpan StateSyncPause = TimeSpan.FromSeconds(1);

    // The ends that no leader has taken yet, in their order.
    private readonly List<IToMaster> _unreported = [];

    private void Report(IToMaster report, bool isEnd)
    {
        if (isEnd) _unreported.Add(report);
        if (_phase is Registered master) Sync(master, report, attempt: 1);
    }

    private void Sync(Registered master, IToMaster report, int attempt) =>
        PipeToSelf(master.Master.AskAsync<bool>(report), _ => new StateSynced(report), error => new StateSyncFailed(master, report, attempt, error));

    private void OnStateSynced(StateSynced m)
    {
        _unreported.Remove(m.Report);
        LeaveIfDone();
    }

    private void OnStateSyncFailed(StateSyncFailed m)
    {
        switch (m.Report)
        {
            case ExecutorStateChanged c: _log.StateSyncFailed(new ExecutorKey(c.App, c.Executor), c.State, m.Attempt, m.Error.Message); break;
            case DriverStateChanged c: _log.DriverSyncFailed(c.Driver, c.State, m.Attempt, m.Error.Message); break;
        }

        if (m.Attempt < options.StateSyncMaxAttempts) Env.ScheduleOnce(StateSyncPause * m.Attempt, Self, new StateSyncDue(m.Master, m.Report, m.Attempt + 1));
        else GiveUp($"The master does not accept this worker's reports: {m.Error.Message}");
    }

    private sealed record StateSynced(IToMaster Report);

    private sealed record StateSyncFailed(Registered Master, IToMaster Report, int Attempt, Exception Error);

    private sealed record StateSyncDue(Registered Master, IToMaster Report, int Attempt);
}
