using Microsoft.Extensions.Logging;
using Sparkish.Deploy;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>
/// The logs of simulated workers: they tell which leader each follows in which term, and whose orders it thus accepts. Two leaders of one term fail the run.
/// </summary>
internal sealed class LeaderWatch(SimulatedCluster cluster)
{
    private readonly Dictionary<MasterEpoch, RpcAddress> _leaders = [];

    /// <summary>The id of each worker's last process.</summary>
    public Dictionary<string, WorkerId> Workers { get; } = new(StringComparer.Ordinal);

    /// <summary>The workers that have followed a leader.</summary>
    public HashSet<string> Followed { get; } = new(StringComparer.Ordinal);

    public ILoggerFactory LogsOf(SimulatedNode worker) => new Log(this, worker.Name);

    private void OnEntry(string worker, string? entry, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        if (entry is "WorkerStarted") Workers[worker] = Value<WorkerId>(values, "worker");
        if (entry is not "Registered") return;
        Followed.Add(worker);
        var (leader, term) = (Value<RpcAddress>(values, "master"), Value<MasterEpoch>(values, "epoch"));
        if (!_leaders.TryAdd(term, leader)) cluster.Check(_leaders[term] == leader, $"{_leaders[term]} and {leader} lead in term {term}.");
    }

    private static T Value<T>(IReadOnlyList<KeyValuePair<string, object?>> values, string name) =>
        (T)values.First(value => string.Equals(value.Key, name, StringComparison.OrdinalIgnoreCase)).Value!;

    private sealed class Log(LeaderWatch watch, string worker) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values) watch.OnEntry(worker, eventId.Name, values);
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
