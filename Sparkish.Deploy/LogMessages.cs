namespace Sparkish.Deploy;

/// <summary>A message about the output of executors and drivers, for the relay of a master or the server of a worker.</summary>
internal interface IToLogs;

/// <summary>The reply to a message about output.</summary>
internal interface IFromLogs;

/// <summary>The two streams of a process.</summary>
internal enum LogStream
{
    /// <summary>The standard output.</summary>
    Stdout,

    /// <summary>The standard error.</summary>
    Stderr,
}

/// <summary>The process whose output is meant: an executor, or a driver in cluster mode.</summary>
/// <param name="App">The application of the executor; null for a driver.</param>
/// <param name="Executor">The number of the executor.</param>
/// <param name="Driver">The driver; null for an executor.</param>
internal sealed record LogSource(ApplicationId? App, int Executor, DriverId? Driver)
{
    public override string ToString() => Driver is { } driver ? $"driver {driver}" : $"executor {new ExecutorKey(App ?? default, Executor)}";
}

/// <summary>The place up to which output has been read.</summary>
/// <param name="File">The identity of the file, which it keeps when it is rolled.</param>
/// <param name="Offset">The number of bytes before the place in that file.</param>
internal sealed record LogPosition(string File, long Offset);

// Tools to the relay of the leading master, asked

/// <summary>The next output of a process; the reply is a <see cref="LogPart"/>, or a failure if no worker has it.</summary>
/// <param name="Source">The process.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="From">The place where the last reply ended; null for the oldest output that is kept.</param>
/// <param name="Worker">The worker of the last reply; null to look for it.</param>
internal sealed record RequestLog(LogSource Source, LogStream Stream, LogPosition? From, WorkerId? Worker) : IToLogs;

// The relay of a master to the server of a worker, asked

/// <summary>The next output of a process; the reply is a <see cref="LogPart"/>, whose <see cref="LogPart.Next"/> is null if the worker has none of it.</summary>
internal sealed record FetchLog(LogSource Source, LogStream Stream, LogPosition? From) : IToLogs;

// The server of a worker and the relay of a master to their askers

/// <param name="Worker">The worker that has the output; null from the worker itself.</param>
/// <param name="Data">The next bytes; empty if there are none yet.</param>
/// <param name="Next">The place behind them.</param>
/// <param name="HasGap">Whether output before <paramref name="Data"/> was removed before it was read.</param>
internal sealed record LogPart(WorkerId? Worker, byte[] Data, LogPosition? Next, bool HasGap) : IFromLogs;
