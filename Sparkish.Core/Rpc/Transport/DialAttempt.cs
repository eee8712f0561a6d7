using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>One dialling of this env: can be given up, and others can wait for its end.</summary>
#pragma warning disable CA1001 // a source without a timer holds nothing that has to be let go, and both sides of a dialling may still look at it
internal sealed class DialAttempt(NodeRpcEnv env)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Set when the dialling is given up.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>The dialling has come to its end, whatever that was.</summary>
    public OneShot Ended { get; } = new(env);

    /// <summary>Gives the dialling up. Runs on without the caller's lock.</summary>
    public void Cancel() => _cancellation.Cancel();
}
