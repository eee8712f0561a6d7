using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>A question that an endpoint holds: answered once, by a reply or a failure, which goes to where the question came from.</summary>
internal sealed class Call(RpcAddress sender, Action<object?> reply, Action<Exception> fail) : IRpcCall
{
    private int _answered;

    public RpcAddress SenderAddress => sender;

    /// <summary>All envs of one process trust each other.</summary>
    public bool IsAuthenticated => true;

    public void Reply(int token, object? response)
    {
        Take();
        try
        {
            reply(response);
        }
        catch (SparkException error)
        {
            fail(error);
            throw;
        }
    }

    public void SendFailure(int token, Exception error)
    {
        Take();
        fail(error);
    }

    /// <summary>Fails the question unless it was answered.</summary>
    public void TryFail(Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0) fail(error);
    }

    private void Take()
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw new InvalidOperationException("This ask was already answered.");
    }
}
