using Sparkish.Configuration;
using Sparkish.Executor;

namespace Sparkish.Backend;

/// <content>Executors on workers that leave the cluster: they finish their tasks and stop.</content>
internal sealed partial class DriverEndpoint
{
    // The reason of each, until it is gone. An executor may be decommissioned before it has registered.
    private readonly Dictionary<string, string> _decommissioned = new(StringComparer.Ordinal);

    private void OnDecommissionExecutor(DecommissionExecutor message)
    {
        var id = message.ExecutorId;
        if (_stopping || (!_executors.ContainsKey(id) && !_expected.Contains(id)) || !_decommissioned.TryAdd(id, message.Message)) return;
        log.ExecutorDecommissioned(id, message.Message);
        Scheduler.Disable(id);
        if (_conf.Get(SchedulerKeys.DecommissionForceKillTimeout) is var limit && limit > TimeSpan.Zero)
            Env.ScheduleOnce(limit, Self, new DecommissionTimedOut(id));
        StopIfDecommissionedAndIdle(id);
    }

    private void OnDecommissionTimedOut(DecommissionTimedOut message)
    {
        if (!_decommissioned.ContainsKey(message.ExecutorId) || !_executors.ContainsKey(message.ExecutorId)) return;
        log.DecommissionTimedOut(message.ExecutorId, _conf.Get(SchedulerKeys.DecommissionForceKillTimeout));
        Stop(message.ExecutorId);
    }

    private void StopIfDecommissionedAndIdle(string id)
    {
        if (_decommissioned.ContainsKey(id) && Scheduler.IsIdle(id)) Stop(id);
    }

    // The scheduler forgets it first: no stage may rely on its outputs any more.
    private void Stop(string id)
    {
        var executor = _executors[id];
        OnRemoveExecutor(new RemoveExecutor(id, _decommissioned[id], ExitCausedByApp: false));
        executor.Ref.Send(new StopExecutor());
    }

    private sealed record DecommissionTimedOut(string ExecutorId);
}
