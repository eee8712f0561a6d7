using Akka.Actor;
using Sparkish.Akka.Actors;
using Sparkish.Configuration;
using Sparkish.Rpc;

namespace Sparkish.Akka;

/// <summary>Envs on Akka.NET: on an actor system that runs already, and from refs of the one to refs of the other.</summary>
public static class AkkaRpcEnv
{
    /// <summary>Starts an env on an actor system that runs already. The env ends before the system or with it, and never ends it.</summary>
    /// <param name="system">An actor system with remoting. Its settings are not changed.</param>
    /// <param name="options">How to make the env. Its host and port are those of the sockets for handshakes and streams.</param>
    /// <exception cref="SparkException">The system has no remoting, or the address cannot be bound; the message says why and what to do.</exception>
    public static RpcEnv Over(ActorSystem system, RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        return new ActorSystemRpcEnv(options, system);
    }

    /// <summary>The actor system that an env runs on.</summary>
    /// <exception cref="ArgumentException">The env does not run on Akka.NET.</exception>
    public static ActorSystem GetActorSystem(this RpcEnv env) => Cast(env).System;

    /// <summary>
    /// The actor system through which an env is a member by Akka.Cluster, for Akka's tools; null if it is not. An env with an actor system of its own has
    /// another one for its cluster, and replaces it when the cluster removes it.
    /// </summary>
    /// <exception cref="ArgumentException">The env does not run on Akka.NET.</exception>
    public static ActorSystem? GetClusterSystem(this RpcEnv env) => Cast(env).ClusterSystem;

    /// <summary>
    /// Gives an endpoint as an actor. What an actor of this process tells it, the endpoint receives; what an actor asks, the endpoint is asked, and a failure
    /// comes back as <see cref="Status.Failure"/>. It can be watched: an endpoint of this env ends with its actor, and one of another node is followed.
    /// <see cref="PoisonPill"/> and <see cref="Kill"/> stop an endpoint of this env.
    /// </summary>
    /// <remarks>
    /// The ref is for this process. Told from another actor system, an endpoint's actor refuses: nobody could know who told it. Use an env there.
    /// </remarks>
    /// <param name="env">An env on Akka.NET.</param>
    /// <param name="endpoint">A ref of this env, to an endpoint here or on another node.</param>
    /// <exception cref="ArgumentException">The env does not run on Akka.NET, or the ref is of another one.</exception>
    /// <exception cref="EndpointNotFoundException">The endpoint should live here and does not.</exception>
    public static IActorRef ToActorRef(this RpcEnv env, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Env != env) throw new ArgumentException($"{endpoint} is a ref of another env than '{env?.Name}'.", nameof(endpoint));
        return Cast(env).ToActorRef(endpoint);
    }

    /// <summary>
    /// Gives an actor as an endpoint of this env, under a name that other nodes can look up. It passes on what it gets: sends by Tell, questions by Ask, whose
    /// answers must be registered messages where they go to another node. It stops when the actor does.
    /// </summary>
    /// <param name="env">An env on Akka.NET.</param>
    /// <param name="actor">The actor.</param>
    /// <param name="name">The endpoint's name; that of the actor unless given.</param>
    /// <param name="answerTime">
    /// The time that the actor has for an answer; <c>spark.rpc.askTimeout</c> of the env unless given. The asker's own timeout is not known here: give the
    /// longest one that callers use.
    /// </param>
    /// <exception cref="ArgumentException">The env does not run on Akka.NET, or the name is taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static RpcEndpointRef FromActorRef(this RpcEnv env, IActorRef actor, string? name = null, TimeSpan? answerTime = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (answerTime is { } time) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(answerTime));
        var system = Cast(env).System;
        if (actor is EndpointActorRef { Endpoint: var endpoint } && endpoint.Env == env) return endpoint;
        return env.SetupEndpoint(name ?? actor.Path.Name, new ActorEndpoint(system, actor, answerTime ?? env.Conf.Get(CoreKeys.AskTimeout)));
    }

    private static ActorSystemRpcEnv Cast(RpcEnv env)
    {
        ArgumentNullException.ThrowIfNull(env);
        return env as ActorSystemRpcEnv ?? throw new ArgumentException(
            $"RpcEnv '{env.Name}' is a {env.GetType().Name}, which does not run on Akka.NET: set spark.rpc.factory to 'akka', or make it by AkkaRpcEnv.Over.",
            nameof(env));
    }
}
