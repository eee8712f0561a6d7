#pragma warning disable CA1001 // an endpoint disposes what it owns in OnStop
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Uploads;

/// <summary>
/// Receives the packages of applications from submission clients, and gives them to workers. Each master has one, also a standby, so that the next leader can
/// serve them. It removes a package soon after its last driver has ended. It has a thread of its own, since it writes files.
/// </summary>
/// <param name="options">Its limits.</param>
/// <param name="master">The name of the master's endpoint in this env.</param>
internal sealed class UploadServer(UploadOptions options, string master) : IsolatedRpcEndpoint
{
    public const string EndpointName = "Uploads";

    private const int MaxConcurrent = 16;

    // One upload for each submission client. Clients that do not listen may share an address, so their incarnation tells them apart.
    private readonly Dictionary<Uploader, PartialUpload> _partial = [];
    private readonly UploadStore _store = new(options);

    // The packages that drivers needed at the last cleaning: they need no grace when the last driver has ended.
    private HashSet<string> _needed = [];

    // Those submitted since then: the master's list may be older.
    private readonly HashSet<string> _submitted = [];
    private ILogger _log = NullLogger.Instance;
    private bool _isLeader;

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<UploadServer>();
        Env.ScheduleRepeatedly(TimeSpan.Zero, options.CleaningInterval, Self, new CleaningDue());
    }

    // What this env sends itself is no registered message, so no peer can send it.
    public override void Receive(object message)
    {
        switch (message)
        {
            case CleaningDue: OnCleaningDue(); break;
            case Needed m: OnNeeded(m); break;
            case PackageSubmitted m: _submitted.Add(m.Hash); break;
            case NotLeading m: OnNotLeading(m); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToUploads m when UploadRules.ProblemOf(m) is { } problem: Fail(call, $"Refused {m.GetType().Name}: {problem}."); break;
            case UploadPart m: OnUploadPart(m, call); break;
            case FetchPart m: OnFetchPart(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnStop()
    {
        foreach (var peer in _partial.Keys.ToList()) Abandon(peer);
        _store.Dispose();
    }

    private void OnUploadPart(UploadPart m, RpcCallContext call)
    {
        var peer = new Uploader(call.SenderAddress, call.Peer?.Incarnation ?? 0);
        try
        {
            call.Reply(Take(m, peer));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Abandon(peer);
            call.Reply(Refuse(m, peer, $"the master cannot store it: {error.Message}"));
        }
    }

    private UploadReply Take(UploadPart m, Uploader peer)
    {
        if (_store.Has(m.Hash))
        {
            _store.Touch(m.Hash, Env.Time.GetUtcNow());
            return new UploadReply(m.Length, null);
        }

        if (m.Offset == 0)
        {
            Abandon(peer);
            if (WhyNot(m.Length) is { } reason) return Refuse(m, peer, reason);
            _partial[peer] = _store.Begin(m.Hash, m.Length);
        }

        if (!_partial.TryGetValue(peer, out var partial) || partial.Hash != m.Hash || partial.Received != m.Offset || partial.Length != m.Length)
            return Refuse(m, peer, "its parts did not arrive in their order, or too slowly: submit again");

        partial.Append(m.Data);
        partial.Timestamp = Env.Time.GetTimestamp();
        if (partial.Received < partial.Length) return new UploadReply(partial.Received, null);

        var isComplete = partial.TryComplete();
        Abandon(peer);
        if (!isComplete) return Refuse(m, peer, "its content does not have the hash that it was announced with: submit again");
        _log.PackageReceived(m.Hash, m.Length, peer.Address);
        return new UploadReply(m.Length, null);
    }

    private string? WhyNot(long length)
    {
        if (length > options.MaxSize)
            return Text($"it has {length} bytes, and this master takes at most {options.MaxSize} ({DeployKeys.UploadMaxSize.Key})");
        if (_partial.Count >= MaxConcurrent) return Text($"this master receives {MaxConcurrent} packages already: submit again later");
        var free = options.MaxTotalSize - _partial.Values.Sum(static partial => partial.Length) - _store.Packages().Sum(static package => package.Length);

        // A standby does not know which packages drivers need. The oldest ones are needed least.
        if (!_isLeader) free = Evict(free, length);
        return length <= free
            ? null
            : Text($"there is no room: {DeployKeys.UploadMaxTotalSize.Key} is {options.MaxTotalSize} bytes, and drivers need the others");
    }

    private long Evict(long free, long length)
    {
        foreach (var package in _store.Packages())
        {
            if (free >= length) break;
            if (!_needed.Contains(package.Hash) && TryRemove(package.Hash)) free += package.Length;
        }

        return free;
    }

    private UploadReply Refuse(UploadPart m, Uploader peer, string reason)
    {
        _log.PackageRefused(m.Hash, peer.Address, reason);
        return new UploadReply(0, reason);
    }

    private void OnFetchPart(FetchPart m, RpcCallContext call)
    {
        try
        {
            if (_store.Read(m.Hash, m.Offset) is not { } part)
            {
                call.SendFailure(new SparkException("this master does not have the package"));
                return;
            }

            if (m.Offset + part.Data.Length == part.Length) _log.PackageFetched(m.Hash, call.Peer?.Address);
            call.Reply(part);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            call.SendFailure(new SparkException($"this master cannot read the package: {error.Message}"));
        }
    }

    private void OnCleaningDue()
    {
        foreach (var (peer, partial) in _partial.ToList())
        {
            if (Env.Time.GetElapsedTime(partial.Timestamp) > options.IdleTime) Abandon(peer);
        }

        PipeToSelf(AskNeededAsync(), hashes => new Needed(hashes), error => new NotLeading(error.Message));
    }

    private async ValueTask<string[]> AskNeededAsync()
    {
        var leader = await Env.SetupEndpointRefAsync(new RpcEndpointAddress(Self.Address, master)).ConfigureAwait(false);
        return await leader.AskAsync<string[]>(new RequestNeededPackages()).ConfigureAwait(false);
    }

    private void OnNeeded(Needed m)
    {
        _isLeader = true;
        var needed = m.Hashes.Concat(_submitted).ToHashSet(StringComparer.Ordinal);
        _submitted.Clear();
        var newest = Env.Time.GetUtcNow() - options.Grace;
        foreach (var package in _store.Packages())
        {
            if (needed.Contains(package.Hash) || (package.Used > newest && !_needed.Contains(package.Hash))) continue;
            if (TryRemove(package.Hash)) _log.PackageRemoved(package.Hash);
        }

        _needed = needed;
    }

    private void OnNotLeading(NotLeading m)
    {
        _isLeader = false;
        _log.PackagesKept(m.Reason);
    }

    private bool TryRemove(string hash)
    {
        try
        {
            _store.Remove(hash);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.PackageNotRemoved(hash, error.Message);
            return false;
        }
    }

    private void Abandon(Uploader peer)
    {
        if (_partial.Remove(peer, out var partial)) partial.Dispose();
    }

    private static void Fail(RpcCallContext call, string reason) => call.SendFailure(new SparkException(reason));

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private readonly record struct Uploader(RpcAddress Address, long Incarnation);

    private sealed record CleaningDue;

    private sealed record Needed(string[] Hashes);

    private sealed record NotLeading(string Reason);
}

/// <summary>Sent by the master in its own env: a driver needs a package.</summary>
internal sealed record PackageSubmitted(string Hash);

/// <summary>Asked by the server of uploads of the master in its own env: the hashes of the packages that drivers need.</summary>
internal sealed record RequestNeededPackages;
