using System.Collections.Concurrent;
using System.Diagnostics;
using Sparkish.Rpc.Local;

namespace Sparkish.Tests.Rpc;

/// <summary>Listens to the activities of the actor framework and keeps those that belong to a trace of its own, as they end.</summary>
internal sealed class RecordedActivities : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly ActivityListener _listener;

    public RecordedActivities()
    {
        Root = new Activity("root").SetIdFormat(ActivityIdFormat.W3C).Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RpcTracing.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Keep,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The activity of the test itself, and its current one.</summary>
    public Activity Root { get; }

    /// <summary>How many have ended and were not taken.</summary>
    public int Count => _ended.Count;

    /// <summary>The next one that has ended.</summary>
    public async Task<Activity> NextAsync()
    {
        Assert.That(await _signal.WaitAsync(Envs.Patience), Is.True, "No activity has ended.");
        _ended.TryDequeue(out var activity);
        return activity!;
    }

    public void Dispose()
    {
        _listener.Dispose();
        Root.Dispose();
        _signal.Dispose();
    }

    private void Keep(Activity activity)
    {
        if (activity.TraceId != Root.TraceId) return;
        _ended.Enqueue(activity);
        _signal.Release();
    }
}
