using System.Globalization;
using System.Text;
using Sparkish.Deploy;
using Sparkish.Rpc;

namespace Sparkish.Cli;

/// <summary>Formats the state of a cluster for people.</summary>
internal static class ClusterTables
{
    private const int Completed = 10;
    private const string Alive = "ALIVE";

    /// <summary>Formats the state: one line of totals, then a table each for workers, applications and drivers.</summary>
    public static string Of(MasterStateResponse state, DateTimeOffset now)
    {
        var alive = state.Workers.Where(static worker => worker.State == Alive).ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"Master {new RpcAddress(state.Host, state.Port).ToSparkUrl()} is {state.Status.ToString().ToUpperInvariant()}: {alive.Count} alive workers, ");
        text.Append(CultureInfo.InvariantCulture,
            $"{alive.Sum(static worker => worker.CoresUsed)} of {alive.Sum(static worker => worker.Cores)} cores and ");
        text.Append(CultureInfo.InvariantCulture,
            $"{alive.Sum(static worker => (long)worker.MemoryUsedMiB)} of {alive.Sum(static worker => (long)worker.MemoryMiB)} MiB in use\n");
        Append(text, ["WORKER", "STATE", "CORES", "MEMORY (MiB)"], state.Workers.Select(static worker => new[]
        {
            worker.Id.Value, worker.State, Of(worker.CoresUsed, worker.Cores), Of(worker.MemoryUsedMiB, worker.MemoryMiB),
        }));
        Append(text, ["APPLICATION", "NAME", "USER", "STATE", "CORES", "MIB PER EXECUTOR", "DURATION"],
            state.ActiveApplications.Concat(state.CompletedApplications.TakeLast(Completed)).Select(app => new[]
            {
                app.Id.Value, app.Name, app.User, app.State, Text(app.Cores), Text(app.MemoryPerExecutorMiB), Text((app.Ended ?? now) - app.Started),
            }));
        Append(text, ["DRIVER", "PROGRAM", "STATE", "WORKER", "MESSAGE"],
            state.ActiveDrivers.Concat(state.CompletedDrivers.TakeLast(Completed)).Select(static driver => new[]
            {
                driver.Id.Value, driver.MainClass, driver.State.ToString().ToUpperInvariant(), driver.Worker?.Value ?? "", driver.Message ?? "",
            }));
        return text.ToString();
    }

    private static void Append(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count > 0) text.Append('\n').Append(TextTable.Of(header, all));
    }

    private static string Of(int used, int all) => string.Create(CultureInfo.InvariantCulture, $"{used}/{all}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time)
    {
        var positive = time < TimeSpan.Zero ? TimeSpan.Zero : time; // the clock of the master may be ahead
        return string.Create(CultureInfo.InvariantCulture, $"{(long)positive.TotalHours}:{positive.Minutes:D2}:{positive.Seconds:D2}");
    }
}
