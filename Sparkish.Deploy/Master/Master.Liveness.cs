using System.Globalization;

namespace Sparkish.Deploy.Master;

/// <content>
/// Judges workers and applications: by the silence of a worker, and by the end of a connection that nobody opens again. The end of a connection alone means
/// nothing, since its process may live.
/// </content>
internal sealed partial class Master
{
    private IDisposable? _ticks;
    private LifeSigns? _signs;
    private long _lastTick;

    private LifeSigns Signs => _signs ??= new LifeSigns(TickInterval);

    private TimeSpan TickInterval => options.WorkerTimeout / 8;

    /// <summary>Time for a peer whose connection has ended to open another one.</summary>
    private TimeSpan ReconnectTime => options.WorkerTimeout / 2;

    private void StartTicking()
    {
        _signs = new LifeSigns(TickInterval);
        _lastTick = Env.Time.GetTimestamp();
        _ticks = Env.ScheduleRepeatedly(TickInterval, TickInterval, Self, new Tick());
        Self.Send(new Tick()); // the first message, with which this instance takes over
    }

    private void OnTick(MasterStep step)
    {
        var now = Env.Time.GetTimestamp();
        Signs.Advance(Env.Time.GetElapsedTime(_lastTick, now));
        _lastTick = now;
        if (_isScheduling) RequestScheduleAgain(step);
        if (step.State.Status == MasterStatus.Recovering)
        {
            if (Signs.Clock >= _recoveryEnds) CompleteRecovery(step);
            return;
        }

        foreach (var worker in step.State.Workers.Values)
        {
            var address = worker.Ref.Address;
            if (Signs.SilenceOf(address) > options.WorkerTimeout) RemoveWorker(step, worker, Text($"silent for {options.WorkerTimeout.TotalSeconds} s"));
            else if (Signs.AbsenceOf(address) > ReconnectTime) RemoveWorker(step, worker, Text($"{address} got disassociated"));
        }

        // A driver that disconnected without unregistering has finished, as far as the cluster is concerned: its executors are useless. A driver that is silent
        // over an open connection may be stopped in a debugger.
        foreach (var app in step.State.ApplicationsInOrder)
        {
            if (Signs.AbsenceOf(app.Client.Address) > ReconnectTime) EndApplication(step, app, ApplicationState.Finished);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Tick;
}
