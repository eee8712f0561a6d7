using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>Runs a driver to its end: prepares it, starts it, and starts it again after failures if it is supervised.</summary>
internal sealed class DriverRunner : IDriverRun
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    // A longer run was no failure to start, so the next pause is the first one again.
    private static readonly TimeSpan LongRun = TimeSpan.FromSeconds(5);

    private readonly DriverId _id;
    private readonly bool _isSupervised;
    private readonly IDriverProgram _program;
    private readonly TimeSpan _terminateTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _killRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DriverRunner(DriverId id, bool isSupervised, IDriverProgram program, TimeSpan terminateTimeout, TimeProvider time, ILogger log)
    {
        (_id, _isSupervised, _program, _terminateTimeout, _time, _log) = (id, isSupervised, program, terminateTimeout, time, log);
        Completion = Task.Run(RunAsync);
    }

    public Task<DriverEnd> Completion { get; }

    private bool IsKilled => _killRequested.Task.IsCompleted;

    public void Kill() => _killRequested.TrySetResult();

    private async Task<DriverEnd> RunAsync()
    {
        if (!await PrepareAsync().ConfigureAwait(false)) return new DriverEnd(DriverState.Killed, "Killed before it was started");
        for (var pause = FirstPause; ; pause = Min(pause * 2, LongestPause))
        {
            var started = _time.GetTimestamp();
            var status = await RunOnceAsync().ConfigureAwait(false);

            // In Spark's order: a driver that was killed and still ended well has finished.
            if (status == 0) return new DriverEnd(DriverState.Finished, null);
            if (IsKilled) return new DriverEnd(DriverState.Killed, Text(status));
            if (!_isSupervised) return new DriverEnd(DriverState.Failed, Text(status));
            if (_time.GetElapsedTime(started) > LongRun) pause = FirstPause;
            _log.DriverStartsAgain(_id, status, pause);
            if (!await PauseAsync(pause).ConfigureAwait(false)) return new DriverEnd(DriverState.Killed, Text(status));
        }
    }

    private async Task<bool> PrepareAsync()
    {
        using var cancellation = new CancellationTokenSource();
        var preparing = _program.PrepareAsync(cancellation.Token);
        if (await Task.WhenAny(preparing, _killRequested.Task).ConfigureAwait(false) != preparing)
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
            await preparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await preparing.ConfigureAwait(false);
        }

        return !IsKilled;
    }

    private async Task<int> RunOnceAsync()
    {
        var process = await _program.StartAsync().ConfigureAwait(false);
        if (await Task.WhenAny(process.Exited, _killRequested.Task).ConfigureAwait(false) != process.Exited)
        {
            process.Terminate();
            using var stop = new CancellationTokenSource();
            var timeout = Task.Delay(_terminateTimeout, _time, stop.Token);
            if (await Task.WhenAny(process.Exited, timeout).ConfigureAwait(false) != process.Exited)
            {
                _log.DriverKilledForGood(_id, _terminateTimeout);
                process.Kill();
            }

            await stop.CancelAsync().ConfigureAwait(false);
        }

        return await process.Exited.ConfigureAwait(false);
    }

    /// <summary>Waits; false if the driver was killed meanwhile.</summary>
    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        using var stop = new CancellationTokenSource();
        await Task.WhenAny(Task.Delay(pause, _time, stop.Token), _killRequested.Task).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        return !IsKilled;
    }

    private static string Text(int status) => string.Create(CultureInfo.InvariantCulture, $"Command exited with code {status}");

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
