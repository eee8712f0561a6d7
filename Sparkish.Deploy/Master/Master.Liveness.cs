using System.Globalization;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <content>
/// Judges workers and applications: by the silence of a worker, and by the end of a connection that nobody opens again. The end of a connection alone means
/// nothing, since its process may live.
/// </content>
internal sealed partial class Master
{
    private IDisposable? _ticks;
    private LifeSigns<WorkerId>? _workerSigns;
    private LifeSigns<ApplicationId>? _applicationSigns;
    private long _lastTick;

    private LifeSigns<WorkerId> WorkerSigns => _workerSigns ??= new LifeSigns<WorkerId>(TickInterval);

    private LifeSigns<ApplicationId> ApplicationSigns => _applicationSigns ??= new LifeSigns<ApplicationId>(TickInterval);

    private TimeSpan TickInterval => options.WorkerTimeout / 8;

    /// <summary>Time for a peer whose connection has ended to open another one.</summary>
    private TimeSpan ReconnectTime => options.WorkerTimeout / 2;

    private void StartTicking()
    {
        _lastTick = Env.Time.GetTimestamp();
        _ticks = Env.ScheduleRepeatedly(TickInterval, TickInterval, Self, new Tick());
        Self.Send(new Tick()); // the first message, with which this instance takes over
    }

    private void OnPeerLost(MasterStep step, PeerLost m)
    {
        if (step.State.WorkerAt(m.Peer) is { } worker) WorkerSigns.Lost(worker.Id);
        if (step.State.ApplicationAt(m.Peer) is { } app) ApplicationSigns.Lost(app.Id);
    }

    private void OnTick(MasterStep step)
    {
        var now = Env.Time.GetTimestamp();
        WorkerSigns.Advance(Env.Time.GetElapsedTime(_lastTick, now));
        ApplicationSigns.Advance(Env.Time.GetElapsedTime(_lastTick, now));
        _lastTick = now;
        if (_isScheduling) RequestScheduleAgain(step);
        if (step.State.Status == MasterStatus.Recovering)
        {
            if (WorkerSigns.Clock >= _recoveryEnds) CompleteRecovery(step);
            return;
        }

        foreach (var worker in step.State.Workers.Values)
        {
            if (WorkerSigns.SilenceOf(worker.Id) > options.WorkerTimeout) RemoveWorker(step, worker, Text($"silent for {options.WorkerTimeout.TotalSeconds} s"));
            else if (WorkerSigns.AbsenceOf(worker.Id) > ReconnectTime) RemoveWorker(step, worker, Text($"{worker.Ref.Address} got disassociated"));
        }

        ForgetDeadWorkers(step);

        // A driver that disconnected without unregistering has finished, as far as the cluster is concerned: its executors are useless. A driver that is silent
        // over an open connection may be stopped in a debugger.
        foreach (var app in step.State.ApplicationsInOrder)
        {
            if (ApplicationSigns.AbsenceOf(app.Id) > ReconnectTime) EndApplication(step, app, ApplicationState.Finished);
        }
    }

    private void ForgetDeadWorkers(MasterStep step)
    {
        if (step.State.DeadWorkers.IsEmpty) return;
        var now = Env.Time.GetUtcNow();
        var old = step.State.DeadWorkers.Values.Where(dead => (now - dead.At).Duration() > options.DeadWorkerRetention).Select(dead => dead.Id).ToArray();
        if (old.Length > 0) step.Record(new DeadWorkersForgotten(old));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Tick;

    private sealed record PeerLost(RpcAddress Peer);
}
