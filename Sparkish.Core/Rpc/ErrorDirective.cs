namespace Sparkish.Rpc;

/// <summary>What becomes of an endpoint after one of its handlers threw; <see cref="RpcEndpoint.OnError"/> decides.</summary>
public enum ErrorDirective
{
    /// <summary>Go on with the next message; the state stays as the handler left it.</summary>
    Resume,

    /// <summary>
    /// Stop this instance and go on with a fresh one from the endpoint's factory: same name, same ref, the inbox kept; the message that failed is
    /// not handled again. Timers and watches of the old instance are gone. More restarts than the <see cref="RestartLimit"/> allows stop the
    /// endpoint, as does the lack of a factory.
    /// </summary>
    Restart,

    /// <summary>Stop the endpoint after the messages that are already in its inbox.</summary>
    Stop,

    /// <summary>Stop the whole env: what failed is beyond this endpoint, and <see cref="RpcEnv.Termination"/> fails with the error.</summary>
    Escalate,
}
