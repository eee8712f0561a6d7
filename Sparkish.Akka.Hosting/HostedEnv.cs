using Akka;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Sparkish.Hosting;

namespace Sparkish.Akka.Hosting;

/// <summary>One env on a hosted actor system: started by the system's start, and stopped by its coordinated shutdown while it still has remoting.</summary>
internal sealed class HostedEnv(SparkishActorsBuilder actors)
{
    private readonly Lock _lock = new();
    private ActorHost? _host;

    public ActorHost Host(IServiceProvider services)
    {
        lock (_lock)
        {
            return _host ??= new ActorHost(actors, services, options => AkkaRpcEnv.Over(services.GetRequiredService<ActorSystem>(), options));
        }
    }

    public async Task StartAsync(ActorSystem system, IActorRegistry registry, IServiceProvider services)
    {
        var host = Host(services);

        // Before the start: an env whose second endpoint fails is stopped too.
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, $"sparkish-{actors.Name}", async () =>
        {
            using var limit = new CancellationTokenSource(shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
            await host.StopAsync(limit.Token).ConfigureAwait(false);
            return Done.Instance;
        });
        await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        Register(host, registry);
    }

    private static void Register(ActorHost host, IActorRegistry registry)
    {
        foreach (var endpoints in host.Started.Where(started => started.Endpoint.Type is not null).GroupBy(started => started.Endpoint.Type!))
        {
            // Two of one type would hide each other: these are found by name alone.
            if (endpoints.Count() > 1) continue;
            if (!registry.TryRegister(endpoints.Key, host.Env.ToActorRef(endpoints.Single().Ref)))
                throw new InvalidOperationException(
                    $"ActorRegistry has an actor under {endpoints.Key} already, so endpoint '{endpoints.Single().Endpoint.Name}' cannot be registered under its type: "
                    + "register the actor under another key.");
        }
    }
}
