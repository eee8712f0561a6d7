using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Logs;
using Sparkish.Deploy.Uploads;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Submission;

/// <summary>
/// Submits drivers in cluster mode, asks for their state and that of the cluster, and ends them. It asks all masters of a cluster; only the leader answers.
/// </summary>
internal sealed class SubmissionClient : IAsyncDisposable
{
    public const string EnvName = "driverClient";

    private const string MasterName = "Master";
    private const string NotAlive = "Current state is not alive";

    // A new leader may be about to take over.
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    // Standbys get the package too, but nobody waits long for one of them.
    private static readonly TimeSpan StandbyTime = TimeSpan.FromSeconds(3);

    private readonly RpcEnv _env;
    private readonly IReadOnlyList<RpcAddress> _masters;
    private readonly ILogger _log;
    private readonly TimeSpan _leaderTimeout;

    private SubmissionClient(RpcEnv env, IReadOnlyList<RpcAddress> masters, ILogger log, TimeSpan leaderTimeout) =>
        (_env, _masters, _log, _leaderTimeout) = (env, masters, log, leaderTimeout);

    /// <summary>Creates the client and its env, which does not listen.</summary>
    /// <param name="envs">Creates the env.</param>
    /// <param name="conf">The settings, with the client key or the cluster's secret.</param>
    /// <param name="masters">The masters of the cluster.</param>
    /// <param name="loggers">Creates the loggers.</param>
    /// <param name="leaderTimeout">Time to wait for a leader while there is none.</param>
    public static SubmissionClient Start(
        IRpcEnvFactory envs, SparkConf conf, IReadOnlyList<RpcAddress> masters, ILoggerFactory loggers, TimeSpan? leaderTimeout = null)
    {
        var keyring = new Keyring();
        keyring.AddMasters(masters.Select(static address => address.ToString()));
        var env = envs.Create(new RpcEnvOptions(EnvName, conf, DeployMessages.Register(new MessageRegistry()))
        {
            Listen = false,
            Roles = [ClusterRoles.Driver],
            Keyring = keyring,
            LoggerFactory = loggers,
        });
        return new SubmissionClient(
            env, [.. masters.Distinct()], loggers.CreateLogger<SubmissionClient>(), leaderTimeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>Submits a driver.</summary>
    /// <param name="description">The driver.</param>
    /// <param name="archive">The package of its application; null if workers have the application.</param>
    /// <param name="cancellationToken">Cancels the wait; the driver may have been submitted.</param>
    /// <exception cref="SparkException">No master took it; the message gives the reason.</exception>
    public async Task<DriverId> SubmitAsync(DriverDescription description, string? archive, CancellationToken cancellationToken)
    {
        if (DeployRules.OfDescription(description) is { } problem)
            throw new SparkException($"A master would refuse this driver: its {problem}. Change the setting behind it.");
        var hash = archive is null ? null : PackageUrl.TryParse(description.JarUrl)?.Hash;
        var (_, reply) = await AskLeaderAsync<SubmitDriverResponse>(
            new RequestSubmitDriver(description), static reply => reply.Message,
            hash is null ? null : (master, stop) => UploadClient.SendAsync(_env, master, archive!, hash, stop), cancellationToken).ConfigureAwait(false);
        return reply is { Success: true, Driver: { } driver } ? driver : throw new SparkException($"The master refused the driver: {reply.Message}");
    }

    /// <summary>Ends a driver.</summary>
    /// <exception cref="SparkException">No master answered.</exception>
    public async Task<KillDriverResponse> KillAsync(DriverId driver, CancellationToken cancellationToken) =>
        (await AskLeaderAsync<KillDriverResponse>(new RequestKillDriver(driver), static reply => reply.Message, prepare: null, cancellationToken)
            .ConfigureAwait(false)).Reply;

    /// <summary>Asks for the state of a driver.</summary>
    /// <exception cref="SparkException">No master answered.</exception>
    public async Task<DriverStatusResponse> GetStatusAsync(DriverId driver, CancellationToken cancellationToken) =>
        (await AskLeaderAsync<DriverStatusResponse>(new RequestDriverStatus(driver), static reply => reply.Message, prepare: null, cancellationToken)
            .ConfigureAwait(false)).Reply;

    /// <summary>Asks for the state of the cluster.</summary>
    /// <exception cref="SparkException">No leader answered.</exception>
    public async Task<MasterStateResponse> GetStateAsync(CancellationToken cancellationToken) =>
        (await FindLeaderAsync(cancellationToken).ConfigureAwait(false)).State;

    /// <summary>Lets all workers of some hosts leave the cluster once nothing runs on them; returns the number of these workers.</summary>
    /// <exception cref="SparkException">No leader answered, or it refused, for example because the credentials are a client key.</exception>
    public async Task<int> DecommissionAsync(IReadOnlyList<string> hosts, CancellationToken cancellationToken)
    {
        var (master, _) = await FindLeaderAsync(cancellationToken).ConfigureAwait(false);
        var leader = await _env.SetupEndpointRefAsync(new RpcEndpointAddress(master, MasterName), cancellationToken).ConfigureAwait(false);
        return await leader.AskAsync<int>(new DecommissionWorkersOnHosts([.. hosts]), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the next output of an executor or a driver.</summary>
    /// <exception cref="SparkException">No leader answered, or no worker has the output.</exception>
    public async Task<LogPart> ReadLogAsync(RequestLog request, CancellationToken cancellationToken)
    {
        var (master, _) = await FindLeaderAsync(cancellationToken).ConfigureAwait(false);
        var relay = await _env.SetupEndpointRefAsync(new RpcEndpointAddress(master, LogRelay.EndpointName), cancellationToken).ConfigureAwait(false);
        var part = await relay.AskAsync<LogPart>(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        return LogRules.ProblemOf(part) is { } problem ? throw new SparkException($"Master {master} sent an invalid reply: {problem}.") : part;
    }

    public ValueTask DisposeAsync() => _env.DisposeAsync();

    private async Task<(RpcAddress Master, MasterStateResponse State)> FindLeaderAsync(CancellationToken cancellationToken) =>
        await AskLeaderAsync<MasterStateResponse>(
            new RequestMasterState(), static reply => reply.Status == MasterStatus.Standby ? NotAlive : null, prepare: null, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Asks all masters until the leader has answered. Masters that stand by, or that cannot be reached, are asked again. A master that is frozen or cut
    /// off has not received the request yet, so the others are asked again without it.
    /// </summary>
    private async Task<(RpcAddress Master, T Reply)> AskLeaderAsync<T>(
        object request, Func<T, string?> text, Func<RpcAddress, CancellationToken, Task>? prepare, CancellationToken cancellationToken) where T : IToSubmitter
    {
        var started = _env.Time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var open = new List<Question<T>>();
        try
        {
            while (true)
            {
                foreach (var master in _masters.Except(open.Select(static question => question.Master)).ToList())
                {
                    var question = new Question<T>(master);
                    question.Answered = AskAsync(question, request, prepare, stop.Token);
                    open.Add(question);
                }

                var pause = Task.Delay(RetryPause, _env.Time, stop.Token);
                var round = await AwaitRoundAsync(open, pause, request, text).ConfigureAwait(false);
                if (round.Reply is { } reply)
                {
                    if (prepare is not null) await FinishStandbysAsync(open, round.Failures, stop).ConfigureAwait(false);
                    return (round.Master!.Value, reply);
                }

                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfHopeless(round, open, started);
                await pause.ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the leader has answered, all masters have answered, or the pause is over while no master may have received the request.</summary>
    private static async Task<Round<T>> AwaitRoundAsync<T>(List<Question<T>> open, Task pause, object request, Func<T, string?> text) where T : IToSubmitter
    {
        var round = new Round<T>();
        while (open.Count > 0)
        {
            // Two masters must not take the same driver, so a request that is under way is awaited.
            var mustWait = request is RequestSubmitDriver && open.Exists(static question => question.IsSent);
            if (pause.IsCompleted && !mustWait) break;
            var events = open.Select(static Task (question) => question.Answered).Concat(mustWait ? [] : [pause]);
            var first = await Task.WhenAny(events).ConfigureAwait(false);
            if (first == pause) continue;
            var answered = open.First(question => question.Answered == first);
            open.Remove(answered);
            var answer = await answered.Answered.ConfigureAwait(false);
            if (answer.IsInDoubt) round.IsInDoubt = true;
            if (answer.Failure is { } failure)
            {
                round.Failures.Add((answered.Master, failure));
            }
            else if (text(answer.Reply!)?.StartsWith(NotAlive, StringComparison.Ordinal) is true)
            {
                round.HasStandby = true;
            }
            else
            {
                (round.Master, round.Reply) = (answered.Master, answer.Reply);
                break;
            }
        }

        return round;
    }

    private void ThrowIfHopeless<T>(Round<T> round, List<Question<T>> open, long started)
    {
        var url = MasterUrl.Format(_masters);
        var failures = round.Failures.Concat(open.Select(static question => (question.Master, Reason: "it does not answer")));
        var reasons = string.Join("; ", failures.Select(static failure => $"{failure.Master}: {failure.Reason.TrimEnd('.')}"));
        if (round.IsInDoubt)
            throw new SparkException($"The answer of a master of {url} was lost ({reasons}), so the driver may run: look for it before you submit it again.");
        if (!round.HasStandby && open.Count == 0)
            throw new SparkException($"Cannot reach any master of {url} ({reasons}). Start one with 'sparkish master', or check host and port.");
        if (_env.Time.GetElapsedTime(started) > _leaderTimeout)
        {
            throw new SparkException(
                $"No master of {url} leads{(reasons.Length > 0 ? $" ({reasons})" : "")}: wait until one is elected, and give all masters in the URL.");
        }
    }

    private async Task<Answer<T>> AskAsync<T>(
        Question<T> question, object request, Func<RpcAddress, CancellationToken, Task>? prepare, CancellationToken cancellationToken) where T : IToSubmitter
    {
        var address = question.Master;
        RpcEndpointRef master;
        try
        {
            master = await _env.SetupEndpointRefAsync(new RpcEndpointAddress(address, MasterName), cancellationToken).ConfigureAwait(false);
            if (prepare is not null) await prepare(address, cancellationToken).ConfigureAwait(false);
        }
        catch (SparkException error)
        {
            return new Answer<T>(default, error.Message);
        }
        catch (OperationCanceledException)
        {
            return new Answer<T>(default, "it did not answer in time");
        }

        question.IsSent = true;
        try
        {
            var reply = await master.AskAsync<T>(request, cancellationToken: cancellationToken).ConfigureAwait(false);
            return DeployRules.ProblemOf(reply) is { } problem
                ? new Answer<T>(default, $"it sent an invalid reply: {problem}")
                : new Answer<T>(reply, null);
        }
        catch (SparkException error)
        {
            var isLost = error is RpcTimeoutException or RpcConnectionException;
            return new Answer<T>(default, error.Message) { IsInDoubt = isLost && request is RequestSubmitDriver };
        }
        catch (OperationCanceledException)
        {
            return new Answer<T>(default, "it did not answer in time");
        }
    }

    private async Task FinishStandbysAsync<T>(List<Question<T>> open, List<(RpcAddress Master, string Reason)> failures, CancellationTokenSource stop)
    {
        var all = Task.WhenAll(open.Select(static question => question.Answered));
        using var timer = new CancellationTokenSource();
        await Task.WhenAny(all, Task.Delay(StandbyTime, _env.Time, timer.Token)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        foreach (var (question, answer) in open.Zip(await all.ConfigureAwait(false)))
        {
            if (answer.Failure is { } failure) failures.Add((question.Master, failure));
        }

        foreach (var (master, reason) in failures) _log.StandbyHasNoPackage(master, reason);
    }

    /// <summary>The answers of masters until they are asked again.</summary>
    private sealed class Round<T>
    {
        public List<(RpcAddress Master, string Reason)> Failures { get; } = [];

        public bool HasStandby { get; set; }

        public bool IsInDoubt { get; set; }

        public T? Reply { get; set; }

        /// <summary>The master that gave the reply.</summary>
        public RpcAddress? Master { get; set; }
    }

    /// <summary>A request to one master.</summary>
    private sealed class Question<T>(RpcAddress master)
    {
        private volatile bool _isSent;

        public RpcAddress Master { get; } = master;

        /// <summary>Whether the master may have got the request.</summary>
        public bool IsSent { get => _isSent; set => _isSent = value; }

        public Task<Answer<T>> Answered { get; set; } = null!;
    }

    private sealed record Answer<T>(T? Reply, string? Failure)
    {
        /// <summary>Whether the request may have taken effect nevertheless.</summary>
        public bool IsInDoubt { get; init; }
    }
}
