using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>One dialling of this env, which can be cancelled and waited for.</summary>
#pragma warning disable CA1001 // a source without a timer has nothing to dispose, and both sides of a dialling may still use it
internal sealed class DialAttempt(NodeRpcEnv env)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Set when the dialling is cancelled.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>Called when the dialling has ended, with any outcome.</summary>
    public OneShot Ended { get; } = new(env);

    /// <summary>Cancels the dialling. The cancellation runs outside the caller's lock.</summary>
    public void Cancel() => _cancellation.Cancel();
}
