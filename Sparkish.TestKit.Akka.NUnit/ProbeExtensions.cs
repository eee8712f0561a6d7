using Akka.Actor;
using Sparkish.Akka;
using Sparkish.Rpc;
using AkkaProbe = Akka.TestKit.TestProbe;

namespace Sparkish.TestKit.Akka.NUnit;

/// <summary>Probes of Akka.TestKit as endpoints, and probes of Sparkish.TestKit as actors.</summary>
public static class ProbeExtensions
{
    /// <summary>
    /// Gives a probe as an endpoint: the probe gets what is sent and asked, and answers an ask with <see cref="AkkaProbe.Reply"/>. The endpoint stops when the
    /// probe does.
    /// </summary>
    /// <param name="probe">The probe.</param>
    /// <param name="env">An env on the probe's actor system.</param>
    /// <param name="name">The endpoint's name; that of the probe's actor unless given.</param>
    public static RpcEndpointRef AsEndpoint(this AkkaProbe probe, RpcEnv env, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return env.FromActorRef(probe.Ref, name);
    }

    /// <summary>Gives a probe as an actor: what actors tell and ask it, the probe expects.</summary>
    public static IActorRef AsActor(this TestProbe probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return probe.Env.ToActorRef(probe.Self);
    }

    /// <summary>Begins to watch an endpoint. When it ends, the probe gets <see cref="Terminated"/> of the actor that is returned.</summary>
    public static IActorRef Watch(this AkkaProbe probe, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(endpoint);
        return probe.Watch(endpoint.Env.ToActorRef(endpoint));
    }

    /// <summary>
    /// Asks an endpoint on the probe's behalf. The probe gets the answer; <see cref="Status.Success"/> stands for null, and <see cref="Status.Failure"/> for an
    /// error.
    /// </summary>
    public static void Ask(this AkkaProbe probe, RpcEndpointRef endpoint, object message)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(endpoint);
        _ = endpoint.AskAsync<object?>(message).AsTask().PipeTo(probe.Ref, success: static answer => answer ?? new Status.Success(null));
    }
}
