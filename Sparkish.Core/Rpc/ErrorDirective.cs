namespace Sparkish.Rpc;

/// <summary>The action after a handler of an endpoint threw; chosen by <see cref="RpcEndpoint.OnError"/>.</summary>
public enum ErrorDirective
{
    /// <summary>Continue with the next message; the state stays as the handler left it.</summary>
    Resume,

    /// <summary>
    /// Stop this instance and continue with a new one from the endpoint's factory, with the same name, ref and inbox; the failed message is not handled again.
    /// Timers and watches of the old instance are dropped. An endpoint that exceeds its <see cref="RestartLimit"/> or has no factory is stopped.
    /// </summary>
    Restart,

    /// <summary>Stop the endpoint after the messages that are already in its inbox.</summary>
    Stop,

    /// <summary>Stop the whole env: the failure goes beyond this endpoint, and <see cref="RpcEnv.Termination"/> fails with the error.</summary>
    Escalate,
}
