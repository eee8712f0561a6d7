namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A pending request: queued, sent, and then answered or failed, once.</summary>
internal abstract class ZooKeeperRequest(OpCode code, string what, Action<JuteWriter> writeBody)
{
    /// <summary>Replies to these are matched by number, not by position.</summary>
    public const int WatchEventXid = -1, PingXid = -2, AuthXid = -4, SetWatchesXid = -8;

    public OpCode Code { get; } = code;

    /// <summary>The name of the request, for errors.</summary>
    public string What { get; } = what;

    /// <summary>Its number on the connection that it was sent on.</summary>
    public int Xid { get; set; }

    /// <summary>The fixed number of the request; 0 for the next one of its connection.</summary>
    public int FixedXid => Code switch
    {
        OpCode.Ping => PingXid,
        OpCode.Auth => AuthXid,
        OpCode.SetWatches => SetWatchesXid,
        _ => 0,
    };

    /// <summary>Writes header and body into an open frame.</summary>
    public void Write(JuteWriter writer, int xid)
    {
        Xid = xid;
        writer.Int(xid);
        writer.Int((int)Code);
        writeBody(writer);
    }

    /// <summary>Processes the reply, on the thread that reads the connection, in the order of replies and events.</summary>
    /// <exception cref="ZooKeeperProtocolException">The reply does not answer this request.</exception>
    public abstract void Answer(ZooKeeperError error, ref JuteReader body);

    public abstract void Fail(Exception error);

    /// <summary>A request whose reply is ignored.</summary>
    public static ZooKeeperRequest<bool> Plain(OpCode code, string what, Action<JuteWriter>? writeBody = null) =>
        new(code, what, writeBody ?? (_ => { }), (ref _) => true);
}

/// <param name="code">The operation code.</param>
/// <param name="what">The name of the request, for errors.</param>
/// <param name="writeBody">Writes it.</param>
/// <param name="read">Reads the result.</param>
internal sealed class ZooKeeperRequest<T>(OpCode code, string what, Action<JuteWriter> writeBody, JuteRead<T> read) : ZooKeeperRequest(code, what, writeBody)
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _result.Task;

    /// <summary>Converts an error to a result, if it is a valid reply.</summary>
    public Func<ZooKeeperError, (bool IsResult, T Result)>? FromError { get; init; }

    /// <summary>Runs before the reply is passed on, and before any later event: registers a watch.</summary>
    public Action<ZooKeeperError>? OnAnswered { get; init; }

    public override void Answer(ZooKeeperError error, ref JuteReader body)
    {
        if (error == ZooKeeperError.Ok)
        {
            var result = read(ref body);
            OnAnswered?.Invoke(error);
            _result.TrySetResult(result);
            return;
        }

        OnAnswered?.Invoke(error);
        if (FromError?.Invoke(error) is (true, var substitute)) _result.TrySetResult(substitute);
        else Fail(ZooKeeperException.From(error, What));
    }

    public override void Fail(Exception error)
    {
        _result.TrySetException(error);
        _ = _result.Task.Exception; // observed, even if the caller has stopped waiting
    }
}
