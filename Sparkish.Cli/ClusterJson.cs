using System.Text;
using System.Text.Json;
using Sparkish.Deploy;
using Sparkish.Rpc;

namespace Sparkish.Cli;

/// <summary>Formats the state of a cluster for programs, with the names of Spark's master page (<c>/json</c>).</summary>
internal static class ClusterJson
{
    private const string Alive = "ALIVE";

    /// <summary>Formats the state as one line.</summary>
    public static string Of(MasterStateResponse state, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            var alive = state.Workers.Where(static worker => worker.State == Alive).ToList();
            json.WriteStartObject();
            json.WriteString("url", new RpcAddress(state.Host, state.Port).ToSparkUrl());
            Write(json, "workers", state.Workers, Write);
            json.WriteNumber("aliveworkers", alive.Count);
            json.WriteNumber("cores", alive.Sum(static worker => worker.Cores));
            json.WriteNumber("coresused", alive.Sum(static worker => worker.CoresUsed));
            json.WriteNumber("memory", alive.Sum(static worker => (long)worker.MemoryMiB));
            json.WriteNumber("memoryused", alive.Sum(static worker => (long)worker.MemoryUsedMiB));
            Write(json, "activeapps", state.ActiveApplications, (to, app) => Write(to, app, now));
            Write(json, "completedapps", state.CompletedApplications, (to, app) => Write(to, app, now));
            Write(json, "activedrivers", state.ActiveDrivers, Write);
            Write(json, "completeddrivers", state.CompletedDrivers, Write);
            json.WriteString("status", state.Status.ToString().ToUpperInvariant());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)) + "\n";
    }

    private static void Write<T>(Utf8JsonWriter json, string name, T[] rows, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            write(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, WorkerStatus worker)
    {
        json.WriteString("id", worker.Id.Value);
        json.WriteString("host", worker.Host);
        json.WriteNumber("port", worker.Port);
        json.WriteNumber("cores", worker.Cores);
        json.WriteNumber("coresused", worker.CoresUsed);
        json.WriteNumber("coresfree", worker.Cores - worker.CoresUsed);
        json.WriteNumber("memory", worker.MemoryMiB);
        json.WriteNumber("memoryused", worker.MemoryUsedMiB);
        json.WriteNumber("memoryfree", worker.MemoryMiB - worker.MemoryUsedMiB);
        json.WriteString("state", worker.State);
    }

    private static void Write(Utf8JsonWriter json, ApplicationStatus app, DateTimeOffset now)
    {
        json.WriteString("id", app.Id.Value);
        json.WriteNumber("starttime", app.Started.ToUnixTimeMilliseconds());
        json.WriteString("name", app.Name);
        json.WriteNumber("cores", app.Cores);
        json.WriteString("user", app.User);
        json.WriteNumber("memoryperexecutor", app.MemoryPerExecutorMiB);
        json.WriteString("state", app.State);
        json.WriteNumber("duration", Math.Max(0, (long)((app.Ended ?? now) - app.Started).TotalMilliseconds));
    }

    private static void Write(Utf8JsonWriter json, DriverStatus driver)
    {
        json.WriteString("id", driver.Id.Value);
        json.WriteNumber("starttime", driver.Submitted.ToUnixTimeMilliseconds());
        json.WriteString("state", driver.State.ToString().ToUpperInvariant());
        json.WriteString("mainclass", driver.MainClass);
        if (driver.Worker is { } worker) json.WriteString("worker", worker.Value);
        if (driver.Message is { } message) json.WriteString("message", message);
    }
}
