using Sparkish.Deploy.Master;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Logs;

/// <summary>
/// Passes requests of tools for output on to workers. Tools cannot ask workers themselves, since the client key proves nothing to them. Each master has one;
/// only that of the leader knows workers.
/// </summary>
/// <param name="master">The name of the master's endpoint in this env.</param>
internal sealed class LogRelay(string master) : RpcEndpoint
{
    public const string EndpointName = "Logs";

    private const int MaxPending = 16;
    private static readonly string Dead = nameof(WorkerState.Dead).ToUpperInvariant();
    private static readonly TimeSpan WorkerTime = TimeSpan.FromSeconds(5);

    private int _pending;

    public override void Receive(object message)
    {
        switch (message)
        {
            case Answered m: OnAnswered(m); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToLogs m when LogRules.ProblemOf(m) is { } problem: call.SendFailure(new SparkException($"Refused {m.GetType().Name}: {problem}.")); break;
            case RequestLog when _pending >= MaxPending:
                call.SendFailure(new SparkException($"this master answers {MaxPending} requests for output already: ask again later"));
                break;
            case RequestLog m: OnRequestLog(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    private void OnRequestLog(RequestLog m, RpcCallContext call)
    {
        _pending++;
        PipeToSelf(FetchAsync(m), part => new Answered(call, part, null), error => new Answered(call, null, error));
    }

    private void OnAnswered(Answered m)
    {
        _pending--;
        if (m.Part is { } part) m.Call.Reply(part);
        else m.Call.SendFailure(m.Error as SparkException ?? new SparkException(m.Error!.Message, m.Error));
    }

    private async ValueTask<LogPart> FetchAsync(RequestLog m)
    {
        var leader = await Env.SetupEndpointRefAsync(new RpcEndpointAddress(Self.Address, master)).ConfigureAwait(false);
        var state = await leader.AskAsync<MasterStateResponse>(new RequestMasterState()).ConfigureAwait(false);
        if (state.Status == MasterStatus.Standby) throw new SparkException("this master does not lead: ask the leader");
        var workers = state.Workers.Where(worker => worker.State != Dead && (m.Worker is not { } known || worker.Id == known)).ToList();

        // Ended executors and drivers are forgotten by the master, but their workers keep the output.
        var asked = workers.Select(worker => FetchAsync(worker, m)).ToList();
        var failures = new List<string>();
        await foreach (var answered in Task.WhenEach(asked).ConfigureAwait(false))
        {
            var (part, failure) = await answered.ConfigureAwait(false);
            if (part is not null) return part;
            if (failure is not null) failures.Add(failure);
        }

        var reasons = failures.Count == 0 ? "" : $" ({string.Join("; ", failures.Take(3))}{(failures.Count > 3 ? "; …" : "")})";
        throw new SparkException(m.Worker is { } gone && workers.Count == 0
            ? $"Worker {gone}, which has the output of {m.Source}, has left the cluster: read its work directory on its machine."
            : $"None of the {workers.Count} workers has output of {m.Source}{reasons}: check the ids, or look on the machines of workers that have left.");
    }

    private async Task<(LogPart? Part, string? Failure)> FetchAsync(WorkerStatus worker, RequestLog m)
    {
        try
        {
            var server = Env.RefTo(new RpcEndpointAddress(new RpcAddress(worker.Host, worker.Port), LogServer.EndpointName));
            var part = await server.AskAsync<LogPart>(new FetchLog(m.Source, m.Stream, m.From), WorkerTime).ConfigureAwait(false);
            if (LogRules.ProblemOf(part) is { } problem) return (null, $"{worker.Id}: it sent an invalid reply: {problem}");
            return (part.Next is null ? null : part with { Worker = worker.Id }, null);
        }
        catch (SparkException error)
        {
            return (null, $"{worker.Id}: {error.Message.TrimEnd('.')}");
        }
    }

    private sealed record Answered(RpcCallContext Call, LogPart? Part, Exception? Error);
}
