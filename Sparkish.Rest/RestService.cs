using Microsoft.Extensions.Logging;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rest;

/// <summary>Carries out requests: each becomes the message that a submission client sends, under the same checks of sender and content.</summary>
/// <param name="env">The env of the master.</param>
/// <param name="timeout">Time limit for the master's answer.</param>
/// <param name="log">Logs what changes something.</param>
internal sealed class RestService(RpcEnv env, TimeSpan timeout, ILogger log)
{
    private const string FromCluster = "Exception from the cluster:\n";
    private const int MaxId = 128;

    private static readonly MessageRegistry Messages = DeployMessages.Register(new MessageRegistry());

    /// <summary>The port of the server, which clients name in <c>spark.master</c>.</summary>
    public int Port { get; set; }

    /// <summary>Answers a request.</summary>
    /// <param name="route">What it asks for.</param>
    /// <param name="caller">What it has proven.</param>
    /// <param name="address">The address that it came from, for the log.</param>
    /// <param name="body">Its body.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <exception cref="RestException">It is refused.</exception>
    public async Task<RestReply> AnswerAsync(
        RestRoute route, RestCaller caller, string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var source = caller.User is { } user ? $"{user} at {address}" : address;
        try
        {
            return route.Action switch
            {
                RestAction.Create => await CreateAsync(CreateRequest.Parse(body), caller, source, cancellationToken).ConfigureAwait(false),
                RestAction.Kill => await KillAsync(IdOf(route, "kill"), caller, source, cancellationToken).ConfigureAwait(false),
                RestAction.KillAll => await KillAllAsync(caller, source, cancellationToken).ConfigureAwait(false),
                RestAction.Status => await ReportAsync(IdOf(route, "status"), caller, cancellationToken).ConfigureAwait(false),
                RestAction.Clear => await ClearAsync(caller, source, cancellationToken).ConfigureAwait(false),
                _ => await ReadyAsync(caller, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (SparkException error)
        {
            throw new RestException(RestError.Internal(error.Message));
        }
    }

    private async Task<RestReply> CreateAsync(CreateRequest request, RestCaller caller, string source, CancellationToken cancellationToken)
    {
        var description = SubmittedDriver.Describe(request, env.Address, Port);
        var message = new RequestSubmitDriver(description) { Realm = caller.Realm };
        var reply = await AskAsync<SubmitDriverResponse>(message, caller, cancellationToken).ConfigureAwait(false);
        if (reply.Driver is { } driver) log.SubmittedOverHttp(driver, LogText.Escape(description.JarUrl), source);
        return RestReply.Of("CreateSubmissionResponse", reply.Success).With("message", reply.Message).With("submissionId", reply.Driver?.Value)
            .With("unknownFields", request.UnknownFields is { Length: > 0 } unknown ? unknown : null);
    }

    private async Task<RestReply> KillAsync(string id, RestCaller caller, string source, CancellationToken cancellationToken)
    {
        var driver = new DriverId(id);
        var reply = await AskToKillAsync(driver, caller, cancellationToken).ConfigureAwait(false);
        if (reply.Success) log.KilledOverHttp(driver, source);
        return RestReply.Of("KillSubmissionResponse", reply.Success).With("message", reply.Message).With("submissionId", id);
    }

    private async Task<KillDriverResponse> AskToKillAsync(DriverId driver, RestCaller caller, CancellationToken cancellationToken)
    {
        // The master takes this env's word for the caller, so only a driver that is certainly the caller's is named to it: an id may be given a moment later.
        var isNone = DeployRules.OfDriver(driver) is not null;
        var status = isNone || caller.Realm is not null ? await AskForStatusAsync(driver, caller, cancellationToken).ConfigureAwait(false) : null;
        return status is { Found: false }
            ? new KillDriverResponse(driver, Success: false, status.Message ?? $"Driver {driver} has already finished or does not exist")
            : await AskAsync<KillDriverResponse>(new RequestKillDriver(driver), caller, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The state of a driver; it is not found if the id is not one of a driver, or the caller may not see it.</summary>
    private async Task<DriverStatusResponse> AskForStatusAsync(DriverId driver, RestCaller caller, CancellationToken cancellationToken)
    {
        var none = new DriverStatusResponse(Found: false, null, null, null, null);
        if (DeployRules.OfDriver(driver) is not null) return none;
        var status = await AskAsync<DriverStatusResponse>(new RequestDriverStatus(driver), caller, cancellationToken).ConfigureAwait(false);
        return status.Found && caller.Realm is { } realm && status.Realm != realm ? none : status;
    }

    private async Task<RestReply> KillAllAsync(RestCaller caller, string source, CancellationToken cancellationToken)
    {
        var reply = await AskAsync<KillAllDriversResponse>(new RequestKillAllDrivers(), caller, cancellationToken).ConfigureAwait(false);
        if (reply.Success) log.AllKilledOverHttp(source);
        return RestReply.Of("KillAllSubmissionResponse", reply.Success).With("message", reply.Message);
    }

    private async Task<RestReply> ReportAsync(string id, RestCaller caller, CancellationToken cancellationToken)
    {
        var reply = await AskForStatusAsync(new DriverId(id), caller, cancellationToken).ConfigureAwait(false);
        return RestReply.Of("SubmissionStatusResponse", reply.Found).With("submissionId", id).With("driverState", reply.State?.ToString().ToUpperInvariant())
            .With("workerId", reply.Worker?.Value).With("workerHostPort", reply.WorkerHostPort)
            .With("message", reply.Message is { } message ? FromCluster + message : null);
    }

    private async Task<RestReply> ClearAsync(RestCaller caller, string source, CancellationToken cancellationToken)
    {
        ThrowIfNotAllowed(typeof(RequestClearCompletedDriversAndApps), caller);
        try
        {
            await AskAsync<bool>(new RequestClearCompletedDriversAndApps(), caller, cancellationToken).ConfigureAwait(false);
        }
        catch (SparkException error) when (error.Message.StartsWith(NotAlive.Prefix, StringComparison.Ordinal))
        {
            return RestReply.Of("ClearResponse", success: false).With("message", error.Message); // a standby has no history
        }

        log.ClearedOverHttp(source);
        return RestReply.Of("ClearResponse", success: true).With("message", "");
    }

    private async Task<RestReply> ReadyAsync(RestCaller caller, CancellationToken cancellationToken) =>
        await AskAsync<bool>(new RequestReadyz(), caller, cancellationToken).ConfigureAwait(false)
            ? RestReply.Of("ReadyzResponse", success: true).With("message", "")
            : throw new RestException(new RestError(503, "Master is not ready."));

    private async Task<T> AskAsync<T>(IToMaster message, RestCaller caller, CancellationToken cancellationToken)
    {
        ThrowIfNotAllowed(message.GetType(), caller);
        if (DeployRules.ProblemOf(message) is { } problem) throw new RestException(RestError.Malformed($"{problem}."));
        var master = await env.SetupEndpointRefAsync(new RpcEndpointAddress(env.Address, Master.EndpointName), cancellationToken).ConfigureAwait(false);
        return await master.AskAsync<T>(message, timeout, cancellationToken).ConfigureAwait(false);
    }

    private static void ThrowIfNotAllowed(Type message, RestCaller caller)
    {
        if (!Messages.TryGet(message, out var type)) throw new NotSupportedException($"{message.Name} is not a registered message.");
        if ((type.Senders & caller.Senders) == Senders.None)
        {
            throw new RestException(new RestError(
                403, $"{message.Name} needs the role {type.Senders}, which the request has not proven: use a token of the cluster's secret, without a user."));
        }
    }

    private static string IdOf(RestRoute route, string action) => route.Id switch
    {
        null => throw new RestException(RestError.BadRequest($"Submission ID is missing in {action} request.")),
        { Length: > MaxId } => throw new RestException(RestError.BadRequest($"Submission ID has more than {MaxId} characters in {action} request.")),
        var id => id,
    };
}
