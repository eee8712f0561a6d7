using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Persistence.Leaders;

/// <summary>
/// An endpoint that runs on one of many nodes: each is a candidate in an election, and the leader runs the endpoint during its term. When the term ends, or the
/// endpoint stops by itself, the node resigns and becomes a candidate again. <see cref="LeaderRef"/> finds the endpoint from any node.
/// </summary>
/// <remarks>
/// The endpoint receives its term: an event-sourced one opens its journal under <see cref="ILeaderTerm.Epoch"/>, so that the store rejects writes of a leader
/// whose term has ended.
/// </remarks>
public sealed class LeaderSingleton : IAsyncDisposable
{
    /// <summary>Pause before the node becomes a candidate again, so that another node may lead if this one cannot.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RpcEnv _env;
    private readonly string _name;
    private readonly ILeaderElection _election;
    private readonly Func<ILeaderTerm, RpcEndpoint> _factory;
    private readonly RestartLimit? _restarts;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile ILeaderTerm? _term;
    private int _disposed;

    private LeaderSingleton(RpcEnv env, string name, ILeaderElection election, Func<ILeaderTerm, RpcEndpoint> factory, RestartLimit? restarts)
    {
        (_env, _name, _election, _factory, _restarts) = (env, name, election, factory, restarts);
        _log = env.LoggerFactory.CreateLogger("Sparkish.Persistence");
        _running = Task.Run(RunAsync);
    }

    /// <summary>Whether this node runs the endpoint now.</summary>
    public bool IsLeading => _term is { IsCurrent: true };

    /// <summary>Makes this node a candidate from now on.</summary>
    /// <param name="env">The env that runs the endpoint while this node leads.</param>
    /// <param name="name">The endpoint's name, the same on all nodes.</param>
    /// <param name="election">Elects the leader; owned by the caller.</param>
    /// <param name="factory">Creates the endpoint of a term, and again for each restart within the term.</param>
    /// <param name="restarts">Limit of restarts within a term; the default unless given.</param>
    public static LeaderSingleton Start(
        RpcEnv env, string name, ILeaderElection election, Func<ILeaderTerm, RpcEndpoint> factory, RestartLimit? restarts = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(election);
        ArgumentNullException.ThrowIfNull(factory);
        return new LeaderSingleton(env, name, election, factory, restarts);
    }

    /// <summary>Stops the endpoint if it runs here, resigns, and ends the candidacy.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var term = await _election.CampaignAsync(_env.Address.ToString(), _stop.Token).ConfigureAwait(false);
                await using var resigning = term.ConfigureAwait(false);
                await LeadAsync(term).ConfigureAwait(false);
            }
            catch (Exception error) when (_stop.IsCancellationRequested || error is RpcEnvStoppedException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception error)
            {
                _log.SingletonFailed(error, _name, Pause);
            }

            await Task.Delay(Pause, _env.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LeadAsync(ILeaderTerm term)
    {
        var (over, gone) = (NewCompletion(), NewCompletion());
        using var ended = term.Ended.Register(() => over.TrySetResult());
        using var stopped = _stop.Token.Register(() => over.TrySetResult());
        var endpoint = _env.SetupEndpoint(_name, () => _factory(term), _restarts);
        var watcher = _env.SetupEndpoint($"{_name}-term-{term.Epoch}", new EndWatcher(endpoint, gone));
        _term = term;
        _log.SingletonLeads(_name, _env.Address, term.Epoch);
        await Task.WhenAny(over.Task, gone.Task).ConfigureAwait(false);

        // The next leader may start only after the endpoint has stopped: within the term if the term continues, and at once if it has ended.
        _env.Stop(endpoint);
        await gone.Task.ConfigureAwait(false);
        _env.Stop(watcher);
        _term = null;
        _log.SingletonStopped(_name, _env.Address, term.Epoch, term.IsCurrent ? "it stopped" : "its term ended");
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the endpoint has stopped, or the env stops.</summary>
    private sealed class EndWatcher(RpcEndpointRef endpoint, TaskCompletionSource gone) : RpcEndpoint
    {
        public override void OnStart() => Watch(endpoint);

        public override void Receive(object message)
        {
            if (message is EndpointTerminated) gone.TrySetResult();
            else base.Receive(message);
        }

        public override void OnStop() => gone.TrySetResult();
    }
}
