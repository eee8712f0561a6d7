using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>One dialling of this env: can be given up, and others can wait for its end.</summary>
internal sealed class DialAttempt(NodeRpcEnv env)
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Set when the dialling is given up.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>The dialling has come to its end, whatever that was.</summary>
    public OneShot Ended { get; } = new(env);

    /// <summary>Gives the dialling up. Runs on without the caller's lock.</summary>
    public void Cancel() => _cancellation.Cancel();
}
