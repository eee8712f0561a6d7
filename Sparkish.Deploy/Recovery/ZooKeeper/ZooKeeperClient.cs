using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// A session with ZooKeeper's servers: connected to one of them at a time, and to the next when it is lost. All members may be called from any thread; requests
/// are executed in the order of the calls.
/// </summary>
/// <remarks>
/// A request fails with <see cref="ZooKeeperError.ConnectionLoss"/> if the connection breaks before the reply: the caller must find out its outcome. A request
/// without a connection waits for the next one, but no longer than a session timeout after the last one was lost. When the session has expired, all requests
/// fail with <see cref="ZooKeeperError.SessionExpired"/>, and the client cannot be used any more.
/// </remarks>
internal sealed partial class ZooKeeperClient : IAsyncDisposable, IZooKeeperListener
{
    private readonly ZooKeeperOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Random _random;
    private readonly WatchTable _watches = new();
    private readonly Channel<ZooKeeperRequest> _requests;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<ZooKeeperException> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Task _running;

    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Session _session;
    private long _lastZxid;
    private Task? _closing;
    private ZooKeeperException? _overReason;

    /// <summary>Starts to connect.</summary>
    public ZooKeeperClient(ZooKeeperOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        _random = new Random(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));
        _requests = Channel.CreateBounded<ZooKeeperRequest>(new BoundedChannelOptions(options.MaxOutstanding));
        _session = new Session(0, new byte[16], options.SessionTimeout, 0);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>The session's number; 0 before the first connection.</summary>
    public long SessionId
    {
        get { lock (_lock) return _session.Id; }
    }

    /// <summary>The granted session timeout; the requested one before the servers have answered.</summary>
    public TimeSpan SessionTimeout
    {
        get { lock (_lock) return _session.Timeout; }
    }

    /// <summary>The timestamp before which the session certainly did not exist: that of its request.</summary>
    public long SessionAskedAt
    {
        get { lock (_lock) return _session.AskedAt; }
    }

    /// <summary>Completes with the reason when the session is over or the client was disposed.</summary>
    public Task<ZooKeeperException> SessionOver => _over.Task;

    /// <summary>Waits until there is a connection.</summary>
    /// <exception cref="ZooKeeperException">The session is over.</exception>
    public async Task ConnectedAsync(CancellationToken cancellationToken = default)
    {
        Task connected;
        lock (_lock) connected = _connected.Task;
        await Task.WhenAny(connected, SessionOver).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (SessionOver.IsCompleted) throw OverError();
    }

    /// <summary>Creates a node.</summary>
    /// <returns>Its path, with the number assigned to a sequential one, and its state.</returns>
    /// <exception cref="ZooKeeperException">The node exists, its parent does not, or the request failed.</exception>
    public Task<(string Path, NodeStat Stat)> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, CancellationToken cancellationToken = default)
    {
        var create = new ZooKeeperOperation.Create(ZooKeeperPath.Check(path), data, _options.Acl, mode);
        return SubmitAsync(
            new ZooKeeperRequest<(string, NodeStat)>(OpCode.Create2, $"create {path}", writer => create.Write(writer, ToServerPath), (ref reader) =>
        {
            var created = ToClientPath(reader.Text());
            return (created, NodeStat.Read(ref reader));
        }), cancellationToken);
    }

    /// <summary>Creates a node and its missing parents.</summary>
    public async Task EnsureAsync(string path, CancellationToken cancellationToken = default)
    {
        if (await ExistsAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false) is not null) return;

        // From the servers' root on, so that this client's root need not be created by hand.
        foreach (var step in ZooKeeperPath.WithParents(ToServerPath(path)))
        {
            var create = new ZooKeeperOperation.Create(step, default, step.Length > _options.Url.Chroot.Length ? _options.Acl : ZooKeeperAcl.Anyone);
            try
            {
                await SubmitAsync(ZooKeeperRequest.Plain(OpCode.Create, $"create {step}", writer => create.Write(writer, same => same)), cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NodeExists)
            {
                // Created by another client in the meantime, or before.
            }
        }
    }

    /// <summary>Deletes a node without children.</summary>
    /// <exception cref="ZooKeeperException">The node does not exist, has children or another version, or the request failed.</exception>
    public Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default)
    {
        var delete = new ZooKeeperOperation.Delete(ZooKeeperPath.Check(path), version);
        return SubmitAsync(ZooKeeperRequest.Plain(OpCode.Delete, $"delete {path}", writer => delete.Write(writer, ToServerPath)), cancellationToken);
    }

    /// <summary>The state of a node; null if it does not exist. A watch fires when it is created, changed or deleted.</summary>
    public Task<NodeStat?> ExistsAsync(string path, ZooKeeperWatch? watch = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(Read(OpCode.Exists, "exists", path, watch, (ref reader) => (NodeStat?)NodeStat.Read(ref reader), error =>
        {
            if (error is ZooKeeperError.Ok or ZooKeeperError.NoNode && watch is not null)
                _watches.Add(error == ZooKeeperError.Ok ? WatchKind.Data : WatchKind.Existence, ToServerPath(path), watch);
        }, error => (error == ZooKeeperError.NoNode, null)), cancellationToken);

    /// <summary>Reads the data and the state of a node. A watch fires when the node is changed or deleted.</summary>
    /// <exception cref="ZooKeeperException">The node does not exist, or the request failed.</exception>
    public Task<(byte[] Data, NodeStat Stat)> GetDataAsync(string path, ZooKeeperWatch? watch = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(Read(OpCode.GetData, "getData", path, watch, (ref reader) =>
        {
            var data = reader.Bytes();
            return (data, NodeStat.Read(ref reader));
        }, WatchIfThere(WatchKind.Data, path, watch)), cancellationToken);

    /// <summary>
    /// Reads the names of a node's children, in no order, and its state. A watch fires when a child is created or deleted, and when the node is deleted.
    /// </summary>
    /// <exception cref="ZooKeeperException">The node does not exist, or the request failed.</exception>
    public Task<(IReadOnlyList<string> Names, NodeStat Stat)> GetChildrenAsync(
        string path, ZooKeeperWatch? watch = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(Read(OpCode.GetChildren2, "getChildren", path, watch, (ref reader) =>
        {
            IReadOnlyList<string> names = reader.Texts();
            return (names, NodeStat.Read(ref reader));
        }, WatchIfThere(WatchKind.Children, path, watch)), cancellationToken);

    /// <summary>Replaces the data of a node.</summary>
    /// <exception cref="ZooKeeperException">The node does not exist, has another version, or the request failed.</exception>
    public Task<NodeStat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default)
    {
        var set = new ZooKeeperOperation.SetData(ZooKeeperPath.Check(path), data, version);
        return SubmitAsync(new ZooKeeperRequest<NodeStat>(OpCode.SetData, $"setData {path}", writer => set.Write(writer, ToServerPath), NodeStat.Read),
            cancellationToken);
    }

    /// <summary>Applies several changes, all or none.</summary>
    /// <exception cref="ZooKeeperException">One of the changes failed, so none was applied; or the request failed.</exception>
    public async Task<IReadOnlyList<OperationResult>> MultiAsync(IReadOnlyList<ZooKeeperOperation> operations, CancellationToken cancellationToken = default)
    {
        var request = new ZooKeeperRequest<(IReadOnlyList<OperationResult> Results, ZooKeeperError Error, int FailedAt)>(
            OpCode.Multi, $"multi of {operations.Count} operations",
            writer => MultiFormat.Write(writer, operations, ToServerPath), (ref reader) => MultiFormat.Read(ref reader, operations.Count, ToClientPath));
        var (results, error, failedAt) = await SubmitAsync(request, cancellationToken).ConfigureAwait(false);
        return error == ZooKeeperError.Ok ? results : throw ZooKeeperException.From(error, $"{operations[failedAt].Code} {operations[failedAt].Path}");
    }

    /// <summary>Waits until the connected server has applied all earlier changes; later reads return no older state.</summary>
    public Task SyncAsync(string path, CancellationToken cancellationToken = default) =>
        SubmitAsync(ZooKeeperRequest.Plain(OpCode.Sync, $"sync {path}", writer => writer.Text(ToServerPath(path))), cancellationToken);

    /// <summary>Ends the session, with its ephemeral nodes, or leaves it to its timeout if no server can be reached. Calling it twice is harmless.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock) return new ValueTask(_closing ??= CloseAsync(tellServers: true));
    }

    /// <summary>Disconnects without ending the session, like a killed process: the session lasts until its timeout.</summary>
    public ValueTask AbandonAsync()
    {
        lock (_lock) return new ValueTask(_closing ??= CloseAsync(tellServers: false));
    }

    void IZooKeeperListener.OnTransactionSeen(long zxid)
    {
        lock (_lock) _lastZxid = Math.Max(_lastZxid, zxid);
    }

    void IZooKeeperListener.OnWatchEvent(WatchEventType type, string path) => _watches.Fire(type, path, ToClientPath);

    private Action<ZooKeeperError> WatchIfThere(WatchKind kind, string path, ZooKeeperWatch? watch) => error =>
    {
        if (error == ZooKeeperError.Ok && watch is not null) _watches.Add(kind, ToServerPath(path), watch);
    };

    private ZooKeeperRequest<T> Read<T>(OpCode code, string what, string path, ZooKeeperWatch? watch, JuteRead<T> read, Action<ZooKeeperError> onAnswered,
        Func<ZooKeeperError, (bool, T)>? fromError = null) => new(code, $"{what} {ZooKeeperPath.Check(path)}", writer =>
        {
            writer.Text(ToServerPath(path));
            writer.Bool(watch is not null);
        }, read)
        { OnAnswered = onAnswered, FromError = fromError };

    private async Task<T> SubmitAsync<T>(ZooKeeperRequest<T> request, CancellationToken cancellationToken)
    {
        try
        {
            // Up to here nothing was awaited, and the channel is fair to waiting callers: the order of calls is kept.
            await _requests.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw OverError();
        }

        return await request.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private ZooKeeperException OverError()
    {
        var reason = Volatile.Read(ref _overReason) ?? new ZooKeeperException(ZooKeeperError.Closing, "This client of ZooKeeper is closed.");
        return new ZooKeeperException(reason.Error, reason.Message, reason);
    }

    private string ToServerPath(string path) => _options.Url.Chroot.Length == 0 ? path : path == "/" ? _options.Url.Chroot : _options.Url.Chroot + path;

    private string ToClientPath(string path)
    {
        var chroot = _options.Url.Chroot;
        if (chroot.Length == 0 || !path.StartsWith(chroot, StringComparison.Ordinal)) return path;
        return path.Length == chroot.Length ? "/" : path[chroot.Length..];
    }
}
